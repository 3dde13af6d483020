import { randomBytes, randomUUID } from "node:crypto";
import { CloudWatchLogsClient, DescribeLogStreamsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient, PutTargetsCommand, RemoveTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateRoleCommand, IAMClient } from "@aws-sdk/client-iam";
import { GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
    CreateStateMachineCommand,
    DeleteStateMachineCommand,
    ListExecutionsCommand,
    SFNClient,
} from "@aws-sdk/client-sfn";
import { ROLES, TENANT } from "../../../local/story/settings";
import { clientOptions, until } from "../../../local/story/stage";
import type { AttackedStage } from "./stage";
import type { Tried, Verdict } from "./attempt";
import { arnOf, nameOf, type Targets } from "./targets";

interface Hands {
    readonly events: EventBridgeClient;
    readonly iam: IAMClient;
    readonly states: SFNClient;
}

/**
 * As the role of the rule that starts the pipeline, which trusts that rule alone: the deploy role gives the rule more targets,
 * and an upload of no format fires it. What the role may do shows by what was started.
 */
export async function tryAsRule(
    { cloud, uploads, s3, outputs }: AttackedStage,
    roleArn: string,
    targets: Targets,
): Promise<Tried[]> {
    const deployer = clientOptions(cloud, await cloud.assumeRole(ROLES.deployer));
    const hands = {
        events: new EventBridgeClient(deployer),
        iam: new IAMClient(deployer),
        states: new SFNClient(deployer),
    };
    const { events, states } = hands;
    const logs = new CloudWatchLogsClient(clientOptions(cloud, await cloud.assumeRole(ROLES.administrator)));
    const machine = await scratchMachine(hands, targets);
    const { uploadsRule: Rule } = targets;
    const functions = targets.signers.map(({ functionName }) => functionName);
    const ids = ["attack-machine", ...functions.map((_, i) => `attack-${i}`)];
    const arns = [machine, ...functions.map(arnOf.function)];
    try {
        const Targets = arns.map((Arn, i) => ({ Id: ids[i], Arn, RoleArn: roleArn }));
        const before = await Promise.all(functions.map((name) => logMark(logs, name)));
        await events.send(new PutTargetsCommand({ Rule, Targets }));
        await fire();
        const after = await Promise.all(functions.map((name) => logMark(logs, name)));
        const { executions = [] } = await states.send(new ListExecutionsCommand({ stateMachineArn: machine }));
        const tried = { role: nameOf(roleArn), service: "events", command: "PutTargets", input: {} };
        const verdict = (started: boolean) => (started ? "allowed" : "refused") satisfies Verdict;
        return [
            {
                ...tried,
                action: "states:StartExecution",
                target: "another machine",
                verdict: verdict(executions.length > 0),
            },
            ...functions.map((target, i): Tried => {
                return { ...tried, action: "lambda:InvokeFunction", target, verdict: verdict(before[i] !== after[i]) };
            }),
        ];
    } finally {
        await events.send(new RemoveTargetsCommand({ Rule, Ids: ids }));
        await states.send(new DeleteStateMachineCommand({ stateMachineArn: machine }));
        for (const client of [...Object.values(hands), logs]) client.destroy();
    }

    /** Returns once the rule's own target has run to its end: the others were started before it, or not at all. */
    async function fire(): Promise<void> {
        const Key = `${TENANT}/exe/${randomUUID()}`;
        const object = { Bucket: outputs.uploadsBucket, Key, Body: randomBytes(10) };
        const { VersionId } = await uploads.send(new PutObjectCommand(object));
        const result = { Bucket: outputs.resultsBucket, Key: `released/${Key}/${VersionId}/result.json` };
        await until("the pipeline's refusal", 60, () =>
            s3.send(new GetObjectCommand(result)).catch((error: Error) => {
                if (error.name === "NoSuchKey") return undefined;
                throw error;
            }),
        );
    }
}

/** A machine that shows by its executions that it was started, under a role of its own. */
async function scratchMachine({ iam, states }: Hands, { prefix }: Targets): Promise<string> {
    const name = `${prefix}-scratch`;
    const trust = [{ Effect: "Allow", Principal: { Service: "states.amazonaws.com" }, Action: "sts:AssumeRole" }];
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: trust });
    const { Role } = await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
    const definition = JSON.stringify({ StartAt: "end", States: { end: { Type: "Succeed" } } });
    const { stateMachineArn } = await states.send(
        new CreateStateMachineCommand({ name, roleArn: Role!.Arn, definition }),
    );
    return stateMachineArn!;
}

/** Changes whenever the function has run. */
export async function logMark(logs: CloudWatchLogsClient, functionName: string): Promise<string> {
    const { logStreams = [] } = await logs.send(
        new DescribeLogStreamsCommand({ logGroupName: `/aws/lambda/${functionName}` }),
    );
    return JSON.stringify(logStreams.map((stream) => [stream.logStreamName, stream.lastEventTimestamp]).sort());
}
