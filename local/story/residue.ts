import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
    GetFunctionConfigurationCommand,
    InvokeCommand,
    LambdaClient,
    UpdateFunctionCodeCommand,
    waitUntilFunctionUpdatedV2,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import type { Say } from "../progress";
import type { Unattributed } from "../summary";
import { findUse } from "./log-reader";
import { GRACE_SECONDS, ROLES } from "./settings";
import { clientOptions, until, type Stage } from "./stage";

/** Generous: the grace time, a batch of the reconciler, one commit of the log, all on a busy machine. */
const PATIENCE_SECONDS = GRACE_SECONDS + 30;

/**
 * What the threat model says remains possible: whoever may change the signer's code can sign. It must show, as a use of
 * the key that nobody recorded, in the public log and as an alarm.
 *
 * @throws if the signature is not made (then the threat model is wrong), or if it does not show
 */
export async function signWithoutRecord(stage: Stage, say: Say): Promise<Unattributed> {
    const { cloud, outputs, project } = stage;
    const deployer = await cloud.assumeRole(ROLES.deployer);
    const lambda = new LambdaClient(clientOptions(cloud, deployer));
    const cloudwatch = new CloudWatchClient(clientOptions(cloud, await cloud.assumeRole(ROLES.administrator)));
    const FunctionName = outputs.keys["modules"]!.signerFunction;
    try {
        say("replacing the signer's code");
        const source = await readFile(join(project, "local/story/functions/quiet.js"), "utf8");
        await replaceCode(lambda, FunctionName, zipSync({ "__index.js": strToU8(source) }));
        const requestId = await useKey(lambda, FunctionName);
        const usedAt = performance.now();
        await restoreCode(stage, lambda, FunctionName);
        say("waiting until the log says so");
        const index = await until(`an entry about the use ${requestId}`, PATIENCE_SECONDS, () =>
            findUse(stage, requestId),
        );
        const alarm = await until("the alarm", PATIENCE_SECONDS, () => firing(cloudwatch, outputs.unattributedAlarm));
        return { index, kms_request_id: requestId, seconds: (performance.now() - usedAt) / 1000, alarm };
    } finally {
        lambda.destroy();
        cloudwatch.destroy();
    }
}

async function replaceCode(client: LambdaClient, FunctionName: string, ZipFile: Uint8Array): Promise<void> {
    const before = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const after = await client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    if (before.CodeSha256 === after.CodeSha256) throw new Error(`the code of ${FunctionName} did not change`);
    await waitUntilFunctionUpdatedV2({ client, maxWaitTime: 20, minDelay: 1, maxDelay: 1 }, { FunctionName });
}

async function useKey(client: LambdaClient, FunctionName: string): Promise<string> {
    const message = createHash("sha256").update(randomUUID()).digest("base64");
    const event = { algorithm: "RSASSA_PKCS1_V1_5_SHA_256", message };
    const { Payload, FunctionError } = await client.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    const answer = JSON.parse(Buffer.from(Payload!).toString("utf8")) as {
        requestId?: string;
        signature?: string;
        errorMessage?: string;
    };
    if (FunctionError !== undefined || answer.requestId === undefined) {
        throw new Error(
            `the replaced signer could not sign (${answer.errorMessage}), expected that it can: the threat model says so`,
        );
    }
    return answer.requestId;
}

/** Puts the deployed program's own code back, so that a kept stack goes on working. */
async function restoreCode(stage: Stage, client: LambdaClient, FunctionName: string): Promise<void> {
    const { deployment } = await stage.stack.exportState();
    const resources = (deployment as { resources: { type: string; inputs?: { name?: string; code?: ArchiveText } }[] })
        .resources;
    const inputs = resources.find(
        ({ type, inputs }) => type === "aws:lambda/function:Function" && inputs?.name === FunctionName,
    )?.inputs;
    const files = Object.entries(inputs?.code?.assets ?? {}).map(([name, { text }]) => [name, strToU8(text)] as const);
    if (files.length === 0) throw new Error(`the state holds no code of ${FunctionName}`);
    await replaceCode(client, FunctionName, zipSync(Object.fromEntries(files)));
}

interface ArchiveText {
    readonly assets?: Readonly<Record<string, { readonly text: string }>>;
}

async function firing(client: CloudWatchClient, name: string): Promise<string | undefined> {
    const { MetricAlarms } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    const alarm = MetricAlarms?.[0];
    return alarm?.StateValue === "ALARM" ? `${name} (${alarm.StateValue})` : undefined;
}
