import { CreatePolicyCommand, IAMClient } from "@aws-sdk/client-iam";
import { ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { deploy, openProgram, policyConfig } from "../../../local/story/deploy";
import { ROLES } from "../../../local/story/settings";
import { clientOptions } from "../../../local/story/stage";
import { actorsOf, type Deployed, PROJECT_FOLDER, quiet, startSite } from "../deployed/stage";
import { CONTROL_TABLES, signersOf, type Targets } from "./targets";

/** Deployed once, under the pack; without certificates, since nothing of kmod is signed here. */
export type AttackedStage = Omit<Deployed, "issued" | "program">;

export async function startAttacked(): Promise<AttackedStage> {
    const site = await startSite();
    try {
        const { stack, ...rest } = await openProgram({ ...site, packConfig: await policyConfig(PROJECT_FOLDER) });
        const { outputs } = await deploy({ stack, ...rest }, quiet);
        return { ...site, ...(await actorsOf(site.cloud)), outputs, stack };
    } catch (error) {
        await site.stop();
        throw error;
    }
}

export async function targetsOf({ outputs, lambda, cloud }: AttackedStage): Promise<Targets> {
    const { namePrefix: prefix } = outputs;
    const FunctionName = `${prefix}-sequencer`;
    const { EventSourceMappings } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
    return {
        prefix,
        signers: signersOf(outputs),
        tables: CONTROL_TABLES.map((name) => `${prefix}-${name}`),
        buckets: {
            uploads: outputs.uploadsBucket,
            results: outputs.resultsBucket,
            log: String(outputs.all["logBucket"]),
        },
        machineArn: String(outputs.all["stateMachineArn"]),
        uploadsRule: `${prefix}-uploads`,
        mappingId: EventSourceMappings![0]!.UUID!,
        policyArn: await bystander(cloud),
        userName: "operator",
    };
}

/** A managed policy, of which the stack itself has none. */
async function bystander(cloud: AttackedStage["cloud"]): Promise<string> {
    const iam = new IAMClient(clientOptions(cloud, await cloud.assumeRole(ROLES.administrator)));
    const Statement = [{ Effect: "Allow", Action: "s3:ListAllMyBuckets", Resource: "*" }];
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: "bystander", PolicyDocument }));
    iam.destroy();
    return Policy!.Arn!;
}

/**
 * Roles of the stack, by the service that each trusts, in order of their names: what the state says, so that a new role is
 * attacked, too. The state's own order is that in which the engine happened to create them.
 */
export async function rolesByService({ stack }: AttackedStage): Promise<Readonly<Record<string, readonly string[]>>> {
    const { deployment } = await stack.exportState();
    const found: Record<string, string[]> = {};
    for (const { type, outputs } of (deployment as Deployment).resources) {
        if (type !== "aws:iam/role:Role") continue;
        const { Statement } = JSON.parse(outputs!.assumeRolePolicy) as Trust;
        for (const { Principal } of Statement) (found[Principal.Service] ??= []).push(outputs!.arn);
    }
    for (const arns of Object.values(found)) arns.sort();
    return found;
}

interface Deployment {
    readonly resources: readonly { type: string; outputs?: { arn: string; assumeRolePolicy: string } }[];
}

interface Trust {
    readonly Statement: readonly { Principal: { Service: string } }[];
}
