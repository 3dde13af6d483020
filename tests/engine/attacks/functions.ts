import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
    CreateFunctionCommand,
    DeleteFunctionCommand,
    InvokeCommand,
    waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import type { Cloud, Credentials } from "../../../local/cloud";
import { clientOptions } from "../../../local/story/stage";
import type { AttackedStage } from "./stage";
import type { Attempt, Tried } from "./attempt";
import { nameOf } from "./targets";

interface Outcome {
    readonly ok: boolean;
    readonly error?: string;
    readonly requestId?: string;
}
type Run = (event: { calls: readonly Attempt[]; options?: object }) => Promise<Outcome[]>;

const PROBE = join(__dirname, "probe.js");

/** As a function's role: the deploy role makes a function under it, which tries everything and is deleted again. */
export async function tryAsFunction(
    { lambda, cloud, outputs }: AttackedStage,
    roleArn: string,
    calls: readonly Attempt[],
): Promise<Tried[]> {
    const FunctionName = `${outputs.namePrefix}-probe-${randomUUID().slice(0, 8)}`;
    const ZipFile = zipSync({ "index.js": strToU8(await readFile(PROBE, "utf8")) });
    const made = { FunctionName, Role: roleArn, Runtime: "nodejs24.x", Handler: "index.handler" } as const;
    await lambda.send(new CreateFunctionCommand({ ...made, Timeout: 300, MemorySize: 512, Code: { ZipFile } }));
    try {
        const pace = { client: lambda, maxWaitTime: 30, minDelay: 1, maxDelay: 1 };
        await waitUntilFunctionActiveV2(pace, { FunctionName });
        const { Payload, FunctionError } = await lambda.send(
            new InvokeCommand({ FunctionName, Payload: JSON.stringify({ calls }) }),
        );
        const text = Buffer.from(Payload!).toString("utf8");
        if (FunctionError !== undefined) throw new Error(`the probe under ${roleArn} failed: ${text}`);
        return await judge(cloud, nameOf(roleArn), calls, JSON.parse(text) as Outcome[]);
    } finally {
        await lambda.send(new DeleteFunctionCommand({ FunctionName }));
    }
}

/** With credentials that are at hand, from here. */
export async function tryDirectly(
    cloud: Cloud,
    role: string,
    credentials: Credentials,
    calls: readonly Attempt[],
): Promise<Tried[]> {
    const { handler } = (await import(PROBE)) as { handler: Run };
    return judge(cloud, role, calls, await handler({ calls, options: clientOptions(cloud, credentials) }));
}

/** What counts is the evaluator's own account of each request, not how its error is called. */
async function judge(
    { control }: Cloud,
    role: string,
    calls: readonly Attempt[],
    outcomes: readonly Outcome[],
): Promise<Tried[]> {
    return Promise.all(
        calls.map(async (call, i): Promise<Tried> => {
            const { ok, error, requestId } = outcomes[i]!;
            const decision = requestId === undefined ? undefined : await control.decision(requestId);
            const refused = decision !== undefined && decision.decision !== "allow";
            const verdict = ok ? "allowed" : refused ? "refused" : decision ? "allowed" : "failed";
            return { ...call, role, verdict, error };
        }),
    );
}
