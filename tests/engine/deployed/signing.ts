import { randomBytes } from "node:crypto";
import { GetItemCommand, PutItemCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../lib/encoding";
import type { SignatureLeaf } from "../../../lib/record/leaf";
import { leafTime } from "../../../lib/record/key-registered";
import type { SigningRequest } from "../../../lib/signing/request";
import { readAll } from "../../../local/story/log-reader";
import { signFile, type SignedFile } from "../../../local/story/sign";
import { proveFile } from "../../../local/story/verify";
import { module } from "../../lib/formats/fixtures";
import { craft } from "./craft";
import { invoke } from "./invoke";
import { type Deployed, inputOf } from "./stage";
import { signsOf, trailEnd, trailSince } from "./trail";

const MINUTE = 60_000;

/** What the deployed signer signs, and what it refuses however the request came into the tables. */
export function signingSuite(stage: () => Deployed): void {
    describe("signing", () => {
        it.each([
            ["kmod", "modules", "test.ko", () => module(11)],
            ["raw", "files", "test.txt", () => randomBytes(3000)],
        ])("gives back a %s file, and used its key once for it", async (format, keyName, name, bytes) => {
            const { outputs, cloud } = stage();
            const start = await trailEnd(cloud);
            const file = await signNew(stage(), name, bytes());
            expect([file.format, file.keyName]).toEqual([format, keyName]);
            const proved = await proveFile(stage(), file, stage().issued);
            expect(proved.checks.map(({ by }) => by.split(" ")[0])).toEqual(["countersign", "openssl"]);

            const uses = signsOf(await trailSince(cloud, start), outputs.keys[keyName]!.arn);
            const entry = JSON.parse((await readAll(stage()))[file.logIndex]!) as SignatureLeaf;
            expect(uses.map(({ requestID, errorCode }) => ({ requestID, errorCode }))).toEqual([
                { requestID: entry.kms_request_id, errorCode: undefined },
            ]);
            expect(entry.record_hash).toBe(file.recordHash);
        });

        it("answers a repeat of a request from what it kept, without a second use of the key", async () => {
            const { cloud, outputs } = stage();
            const { id, request, messagesSha256 } = craft(stage().outputs);
            await store(stage(), id, request, messagesSha256);
            const start = await trailEnd(cloud);
            const first = await signWith(stage(), id);
            expect(first).toMatchObject({ ok: true, requestId: id });
            expect(await signWith(stage(), id)).toEqual(first);
            expect(signsOf(await trailSince(cloud, start), outputs.keys["files"]!.arn)).toHaveLength(1);
        });

        const refused: [string, string, (stage: Deployed) => Promise<string>][] = [
            [
                "NotRechecked",
                "was not rechecked",
                async (stage) => {
                    const { id, request } = craft(stage.outputs);
                    await store(stage, id, request);
                    return id;
                },
            ],
            [
                "RecheckMismatch",
                "was rechecked for other messages",
                async (stage) => {
                    const { id, request } = craft(stage.outputs);
                    await store(stage, id, request, craft(stage.outputs).messagesSha256);
                    return id;
                },
            ],
            [
                "RequestExpired",
                "has expired",
                (stage) => stored(stage, { expires_at: leafTime(new Date(Date.now() - MINUTE)) }),
            ],
            ["FormatNotOfKey", "names another key's format", (stage) => stored(stage, { format: "kmod" })],
            [
                "UnknownKey",
                "names another key",
                (stage) => stored(stage, { key_name: "modules", key_arn: stage.outputs.keys["modules"]!.arn }),
            ],
            ["RequestEdited", "was edited in the table by another role", edited],
            ["NoSuchRequest", "does not exist", () => Promise.resolve(toHex(randomBytes(32)))],
            ["BadRequestId", "has no id of a request", () => Promise.resolve("../head")],
        ];

        it.each(refused)("refuses with %s a request that %s, and does not use the key", async (code, _, make) => {
            const { cloud, outputs } = stage();
            const id = await make(stage());
            const start = await trailEnd(cloud);
            expect(await signWith(stage(), id)).toMatchObject({ ok: false, code });
            const records = await trailSince(cloud, start);
            expect(outputs.keyNames.flatMap((name) => signsOf(records, outputs.keys[name]!.arn))).toEqual([]);
        });
    });
}

export async function signNew(stage: Deployed, name: string, bytes: Uint8Array): Promise<SignedFile> {
    const input = await inputOf(stage.folder, name, bytes);
    return signFile(stage, stage.submitter, input, bytes, () => undefined);
}

async function signWith({ lambda, outputs }: Deployed, requestId: string): Promise<Record<string, unknown>> {
    const { answer } = await invoke(lambda, outputs.keys["files"]!.signerFunction, { requestId });
    return answer;
}

/** As the administrator, who no policy keeps from the tables. */
async function store({ dynamodb, outputs }: Deployed, id: string, request: string, recheck?: string): Promise<void> {
    const put = (table: string, attribute: string, value: string) =>
        dynamodb.send(
            new PutItemCommand({
                TableName: `${outputs.namePrefix}-${table}`,
                Item: { id: { S: id }, [attribute]: { S: value } },
            }),
        );
    await put("requests", "request", request);
    if (recheck !== undefined) await put("rechecks", "messages_sha256", recheck);
}

async function stored(stage: Deployed, changed: Partial<SigningRequest>): Promise<string> {
    const { id, request, messagesSha256 } = craft(stage.outputs, changed);
    await store(stage, id, request, messagesSha256);
    return id;
}

/** Another digest into the item of a good request, and the recheck that belongs to it. */
async function edited(stage: Deployed): Promise<string> {
    const { dynamodb, outputs } = stage;
    const id = await stored(stage, {});
    const other = craft(stage.outputs);
    const TableName = `${outputs.namePrefix}-requests`;
    const Key = { id: { S: id } };
    const edit = {
        UpdateExpression: "SET #request = :other",
        ExpressionAttributeNames: { "#request": "request" },
        ExpressionAttributeValues: { ":other": { S: other.request } },
    };
    await dynamodb.send(new UpdateItemCommand({ TableName, Key, ...edit }));
    await store(stage, id, other.request, other.messagesSha256);
    const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key }));
    expect(Item?.["request"]?.S).toBe(other.request);
    return id;
}
