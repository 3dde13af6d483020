import { generateKeyPairSync } from "node:crypto";
import { DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { type AttributeValue, DeleteItemCommand, PutItemCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DisableRuleCommand, EnableRuleCommand } from "@aws-sdk/client-eventbridge";
import {
    DeleteFunctionConcurrencyCommand,
    ListEventSourceMappingsCommand,
    PutFunctionConcurrencyCommand,
    UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { fromUtf8 } from "../../../lib/encoding";
import { algorithmsOf } from "../../../lib/kms/specs";
import { encodeLeaf } from "../../../lib/record/codec";
import { keyRegisteredLeaf } from "../../../lib/record/key-registered";
import type { FaultRule, TrailRecord } from "../../../local/control-client";
import { until } from "../../../local/story/stage";
import { archivedUses, auditLog, type AuditedLog } from "./audit";
import { invoke, type Invocation } from "./invoke";
import { faultAt, lineOf, writeOf, WRITES } from "./sequencer-steps";
import type { Deployed } from "./stage";
import { signsOf, trailEnd, trailSince } from "./trail";

/** Invocations within which a log has to be whole again after one fault: one that finishes, one that finds nothing to do. */
const ATTEMPTS = 4;
/** More reads than one run makes. */
const MAX_READS = 40;
/** Seconds; a claim whose owner died is taken over once its function must have ended. */
const CLAIM_SECONDS = 90;

/** The deployed sequencer, killed at every step and run again, loses and doubles nothing. */
export function sequencerSuite(stage: () => Deployed): void {
    describe("sequencer", () => {
        let log: AuditedLog;
        /** Records handed to intake here. */
        const given: string[] = [];
        let firstRecord = 0;

        beforeAll(async () => {
            firstRecord = await trailEnd(stage().cloud);
            await wakeNoMore(stage());
            await drain(stage());
            log = await auditLog(stage());
        });
        afterEach(() => stage().cloud.control.clearFaults());
        afterAll(() => wakeAgain(stage()));

        /** Every record given is in the log once; what else came is about uses whose answers were lost here. */
        const check = async (): Promise<void> => {
            const before = log;
            log = await auditLog(stage(), before);
            for (const leaf of given) expect(log.entries.filter((entry) => entry === leaf)).toHaveLength(1);
            const added = log.entries.slice(before.size).filter((entry) => !given.includes(entry));
            expect(added.filter((entry) => !entry.includes('"type":"unattributed_use"'))).toEqual([]);
        };
        const give = async (): Promise<void> => void given.push(await register(stage()));

        it("writes what is listed here, and nothing else", async () => {
            await give();
            const start = await trailEnd(stage().cloud);
            expect((await run(stage())).answer).toMatchObject({ committed: 1, size: log.size + 1 });
            const { headTable } = stage().outputs.all as { headTable: string };
            expect((await callsSince(stage(), start)).flatMap((call) => writeOf(call) ?? []).sort()).toEqual(
                WRITES.map((step) => lineOf(step, headTable)).sort(),
            );
            await check();
        });

        const faults = WRITES.flatMap((step) => (["lost", "applied"] as const).map((mode) => ({ step, mode })));
        it.each(faults)("is killed where it is to $step.name ($mode), and runs again", async ({ step, mode }) => {
            await give();
            const { failed } = await runWith(stage(), faultAt(stage(), step, mode));
            expect(failed).toBe(!step.goesOn[mode]);
            await drain(stage());
            await check();
        });

        it("is killed at every read, and runs again", async () => {
            const reads = [
                ["dynamodb", "GetItem"],
                ["dynamodb", "Query"],
                ["s3", "GetObject"],
            ] as const;
            for (const [service, operation] of reads) {
                let killed = 0;
                for (let skip = 0, happened = true; happened && skip < MAX_READS; skip += 1) {
                    await give();
                    // The SDK repeats a read; all that follow fail as well.
                    const fault = { service, operation, skip, times: 1000, mode: "lost" } as const;
                    await stage().cloud.control.addFault(fault);
                    const { failed } = await run(stage());
                    happened = (await stage().cloud.control.clearFaults()) > 0;
                    if (failed) killed += 1;
                    await drain(stage());
                    await check();
                }
                expect(killed).toBeGreaterThan(0);
            }
        });

        it("dies between signing and keeping the signature: another signs, and the first use shows", async () => {
            await give();
            const start = await trailEnd(stage().cloud);
            const keep = WRITES.find(({ name }) => name === "keep the signature")!;
            // Three tries are the sequencer's own.
            const killed = await runWith(stage(), { ...faultAt(stage(), keep, "lost"), times: 3 });
            expect(killed.failed).toBe(true);
            const logKey = String(stage().outputs.all["logKeyArn"]);
            const signs = async () => signsOf(await trailSince(stage().cloud, start), logKey);
            expect(await signs()).toHaveLength(1);
            const { size } = log;
            await until("a checkpoint by the next attempt", CLAIM_SECONDS, async () => {
                await pause(1000);
                const { answer, failed } = await run(stage());
                return !failed && Number(answer["size"]) > size ? true : undefined;
            });
            await check();
            const lost = (await signs())[0]!.requestID;
            await until(`an entry about the use ${lost}`, CLAIM_SECONDS, async () => {
                await pause(500);
                await run(stage());
                log = await auditLog(stage(), log);
                return log.entries.find((entry) => entry.includes(lost));
            });
        });

        it("does not sign over a head table that was set back, raises the alarm, and goes on once it is put right", async () => {
            const old = await headTable(stage());
            await give();
            await drain(stage());
            await check();
            const right = await headTable(stage());
            await restore(stage(), old);
            await give();
            const start = await trailEnd(stage().cloud);
            const halted = await run(stage());
            expect(halted).toMatchObject({ failed: true, answer: { errorType: "HeadRolledBack" } });
            await until("the alarm", 60, async () => ((await alarm(stage())) === "ALARM" ? true : undefined));
            expect(await run(stage())).toMatchObject({ failed: true });
            const calls = await callsSince(stage(), start);
            expect(calls.flatMap((call) => writeOf(call) ?? [])).toEqual([]);

            await restore(stage(), right);
            await drain(stage());
            await check();
            await until("the alarm's end", 180, async () => ((await alarm(stage())) === "OK" ? true : undefined));
        });

        it("accounts for every use of the log's key: in an archive, or as unattributed", async () => {
            await wakeAgain(stage());
            // What the reconciler saw too early it sees again after the queue's visibility timeout.
            await until("each use accounted for", 400, async () => {
                const uses = signsOf(await trailSince(stage().cloud, firstRecord), logKeyOf(stage()));
                const made = uses.filter(({ errorCode }) => errorCode === undefined).map(({ requestID }) => requestID);
                const audited = await auditWhenQuiet(stage());
                if (!audited) return undefined;
                const known = new Set(await archivedUses(stage(), audited));
                const open = made.filter((id) => !known.has(id) && !audited.entries.some((text) => text.includes(id)));
                expect(made.length).toBeGreaterThan(faults.length / 2);
                return open.length === 0 ? true : undefined;
            });
        }, 500_000);
    });
}

function logKeyOf({ outputs }: Deployed): string {
    return String(outputs.all["logKeyArn"]);
}

/** Between two reads the sequencer may publish: then what was read is of two sizes. */
async function auditWhenQuiet(stage: Deployed): Promise<AuditedLog | undefined> {
    return auditLog(stage).catch(() => undefined);
}

/** A new key of nobody's, registered through intake. @returns the canonical leaf */
async function register({ lambda, outputs }: Deployed): Promise<string> {
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const spki = new Uint8Array(publicKey.export({ format: "der", type: "spki" }));
    const spec = "ECC_NIST_P256";
    const now = new Date();
    const leaf = fromUtf8(
        encodeLeaf(
            keyRegisteredLeaf(
                {
                    spki,
                    alias: "alias/scratch-v1",
                    role: "artifact",
                    spec,
                    algorithms: algorithmsOf(spec),
                    policy: "{}",
                    createdAt: now,
                },
                now,
            ),
        ),
    );
    const { answer } = await invoke(lambda, String(outputs.all["intakeFunction"]), { leaf });
    expect(answer).toMatchObject({ ok: true, status: "pending" });
    return leaf;
}

function run({ lambda, outputs }: Deployed): Promise<Invocation> {
    return invoke(lambda, String(outputs.all["sequencerFunction"]));
}

/** One run under a fault, which must have happened. */
async function runWith(stage: Deployed, fault: FaultRule): Promise<Invocation> {
    const { control } = stage.cloud;
    await control.addFault(fault);
    const result = await run(stage);
    expect(await control.clearFaults()).toBeGreaterThan(0);
    return result;
}

/** Runs until nothing waits and all is published. */
async function drain(stage: Deployed): Promise<void> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const { answer, failed } = await run(stage);
        expect({ failed, answer }).toMatchObject({ failed: false });
        if (answer["committed"] === 0) return;
    }
    throw new Error(`something still waits after ${ATTEMPTS} runs`);
}

/** Calls of the sequencer's role. */
async function callsSince({ cloud, outputs }: Deployed, start: number): Promise<readonly TrailRecord[]> {
    const role = String(outputs.all["logSignerRoleArn"]);
    const issuer = ({ userIdentity }: TrailRecord) =>
        (userIdentity["sessionContext"] as { sessionIssuer?: { arn?: string } } | undefined)?.sessionIssuer?.arn;
    return (await trailSince(cloud, start)).filter((record) => issuer(record) === role);
}

/** No stream and no minute starts the sequencer: only this suite does, one run at a time. */
async function wakeNoMore(stage: Deployed): Promise<void> {
    await wake(stage, false);
    const FunctionName = String(stage.outputs.all["sequencerFunction"]);
    await stage.lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 1 }));
    await until("the end of a run under way", 90, () =>
        run(stage).catch((error: Error) => {
            if (error.name === "TooManyRequestsException") return undefined;
            throw error;
        }),
    );
}

async function wakeAgain(stage: Deployed): Promise<void> {
    const FunctionName = String(stage.outputs.all["sequencerFunction"]);
    await stage.lambda.send(new DeleteFunctionConcurrencyCommand({ FunctionName }));
    await wake(stage, true);
}

async function wake({ lambda, events, outputs }: Deployed, Enabled: boolean): Promise<void> {
    const FunctionName = String(outputs.all["sequencerFunction"]);
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
    expect(EventSourceMappings).toHaveLength(2);
    for (const { UUID } of EventSourceMappings)
        await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled }));
    const Name = `${outputs.namePrefix}-sequencer-minute`;
    await events.send(Enabled ? new EnableRuleCommand({ Name }) : new DisableRuleCommand({ Name }));
}

type Items = readonly Record<string, AttributeValue>[];

async function headTable({ dynamodb, outputs }: Deployed): Promise<Items> {
    const TableName = String(outputs.all["headTable"]);
    const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName, ConsistentRead: true }));
    return Items;
}

/** As a restored backup would be: all items of then, none of later. */
async function restore(stage: Deployed, items: Items): Promise<void> {
    const TableName = String(stage.outputs.all["headTable"]);
    for (const { id } of await headTable(stage))
        await stage.dynamodb.send(new DeleteItemCommand({ TableName, Key: { id: id! } }));
    for (const Item of items) await stage.dynamodb.send(new PutItemCommand({ TableName, Item }));
}

async function alarm({ cloudwatch, outputs }: Deployed): Promise<string | undefined> {
    const AlarmNames = [String(outputs.all["logHaltedAlarm"])];
    const { MetricAlarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames }));
    return MetricAlarms?.[0]?.StateValue;
}

function pause(milliseconds: number): Promise<void> {
    return new Promise((resume) => setTimeout(resume, milliseconds));
}
