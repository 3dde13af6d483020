import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
    CreateFunctionCommand,
    DeleteFunctionCommand,
    GetFunctionConfigurationCommand,
    InvokeCommand,
    LambdaClient,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import type { Credentials } from "../cloud";
import { ALGORITHM, freshDigest, type Answer } from "./attempts";
import { ACCOUNT } from "./settings";
import { clientOptions, until, type Stage } from "./stage";

export interface ProbedRole {
    readonly name: string;
    readonly arn: string;
    /** What the role may do, and the probe does beside its attempt to sign. */
    readonly twin: string;
    readonly logGroup?: string;
}

/** Roles of the stack that a function can have. The second function with the modules' signer role is among them. */
export function functionRoles({ outputs }: Stage): ProbedRole[] {
    const { namePrefix: prefix } = outputs;
    const plain = ["intake", "reconciler", "prepare", "recheck", "assemble", "verify", "publish"].map((role) => ({
        name: `${prefix}-${role}`,
        arn: `arn:aws:iam::${ACCOUNT}:role/${prefix}-${role}`,
        twin: "logs:CreateLogStream in its own group",
        logGroup: `/aws/lambda/${prefix}-${role}`,
    }));
    const artifactSigners = outputs.keyNames.map((name) => outputs.keys[name]!.signerRoleArn);
    const signers = [String(outputs.all["logSignerRoleArn"]), ...artifactSigners];
    return [...plain, ...signers.map((arn) => ({ name: arn.replace(/^.*\//, ""), arn, twin: "kms:GetPublicKey" }))];
}

/** Deploys a function under the role, as the deploy role may, lets it try, deletes it. */
export async function probe(
    stage: Stage,
    deployer: Credentials,
    role: ProbedRole,
    keyArn: string,
): Promise<{ sign: Answer; twin: Answer }> {
    const client = new LambdaClient(clientOptions(stage.cloud, deployer));
    const FunctionName = `${stage.outputs.namePrefix}-probe-${randomUUID().slice(0, 8)}`;
    try {
        await createProbe(stage, client, FunctionName, role.arn);
        const { logGroup } = role;
        const event = {
            keyArn,
            algorithm: ALGORITHM,
            messageType: "DIGEST",
            message: freshDigest().toString("base64"),
            twin: logGroup === undefined ? { service: "kms" } : { service: "logs", logGroup, logStream: FunctionName },
        };
        const invoke = new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) });
        const { Payload, FunctionError } = await client.send(invoke);
        const answer = JSON.parse(Buffer.from(Payload!).toString("utf8")) as { sign: Answer; twin: Answer };
        if (FunctionError !== undefined) {
            throw new Error(`the probe under ${role.name} failed: ${JSON.stringify(answer)}`);
        }
        return answer;
    } finally {
        await client.send(new DeleteFunctionCommand({ FunctionName })).catch(() => undefined);
        client.destroy();
    }
}

async function createProbe(stage: Stage, client: LambdaClient, FunctionName: string, Role: string): Promise<void> {
    const source = await readFile(join(stage.project, "local/story/functions/probe.js"), "utf8");
    const Code = { ZipFile: zipSync({ "index.js": strToU8(source) }) };
    const shape = { Runtime: "nodejs24.x", Handler: "index.handler", Timeout: 10 } as const;
    await client.send(new CreateFunctionCommand({ FunctionName, Role, Code, ...shape }));
    await until(`function ${FunctionName} to be active`, 20, async () => {
        const { State } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
        return State === "Active" ? true : undefined;
    });
}
