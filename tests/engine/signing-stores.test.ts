import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bucket, bucket } from "../../lambdas/aws/signing-objects";
import { type RevisionTable, revisionTable, type TextTable, textTable } from "../../lambdas/aws/signing-tables";
import { toUtf8 } from "../../lib/encoding";
import { enterLambda, startTestCloud, type TestCloud } from "../support/cloud";
import { MemoryAttempts } from "../support/memory-attempts";
import { createTable } from "../support/tables";

/**
 * Proves that the signing functions' tables and buckets keep their contracts over the local cloud's DynamoDB and S3; the attempts table
 * beside the memory one that all other tests use. Proves nothing about AWS's own.
 */

let site: TestCloud;
let leaveLambda: (() => void) | undefined;
let versioned: (key: string, body: string) => Promise<string>;

beforeAll(async () => {
    site = await startTestCloud();
    leaveLambda = enterLambda(site.cloud, await site.cloud.assumeRole(site.cloud.roles.deployer));
    for (const table of ["texts", "revisions"]) await createTable(new DynamoDBClient({}), table);
    const s3 = new S3Client({});
    const Bucket = "stores-111122223333";
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    versioned = async (Key, Body) => (await s3.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId ?? "";
}, 60_000);

afterAll(async () => {
    leaveLambda?.();
    await site?.stop();
});

describe("a table of texts", () => {
    let table: TextTable;
    beforeAll(async () => {
        table = await textTable("texts", "request");
    });

    it("writes once, and says what is there", async () => {
        expect(await table.get("a")).toBeUndefined();
        expect(await table.create("a", "first")).toBe("first");
        expect(await table.create("a", "first")).toBe("first");
        expect(await table.create("a", "second")).toBe("first");
        expect(await table.get("a")).toBe("first");
    });
});

describe.each([
    ["in memory", async () => new MemoryAttempts()],
    ["in DynamoDB", async () => revisionTable("revisions")],
] as const)("a table of revisions %s", (_where, open) => {
    let table: Pick<RevisionTable, "get" | "put">;
    beforeAll(async () => {
        table = await open();
    });

    it("raises the revision with each write, from 0 for absent", async () => {
        expect(await table.get("a")).toBeUndefined();
        expect(await table.put("a", "one", 0)).toBe(true);
        expect(await table.get("a")).toEqual({ revision: 1, body: "one" });
        expect(await table.put("a", "two", 1)).toBe(true);
        expect(await table.get("a")).toEqual({ revision: 2, body: "two" });
    });

    it("refuses a write at any other revision", async () => {
        await table.put("b", "one", 0);
        for (const expected of [0, 2, 3]) expect(await table.put("b", "other", expected)).toBe(false);
        expect(await table.put("absent", "other", 1)).toBe(false);
        expect(await table.get("b")).toEqual({ revision: 1, body: "one" });
    });

    it("takes its own write for its own when a retry repeats it", async () => {
        expect(await table.put("c", "one", 0)).toBe(true);
        expect(await table.put("c", "one", 0)).toBe(true);
        expect(await table.get("c")).toEqual({ revision: 1, body: "one" });
    });

    it("lets exactly one of many writers win", async () => {
        const wins = await Promise.all(Array.from({ length: 12 }, (_, i) => table.put("d", `writer ${i}`, 0)));
        expect(wins.filter(Boolean)).toHaveLength(1);
        expect((await table.get("d"))?.body).toBe(`writer ${wins.indexOf(true)}`);
    });
});

describe("a bucket", () => {
    let objects: Bucket;
    beforeAll(async () => {
        objects = await bucket("stores-111122223333");
    });

    const text = async (opened: { chunks: AsyncIterable<Uint8Array> } | undefined): Promise<string> => {
        const chunks: Uint8Array[] = [];
        for await (const chunk of opened?.chunks ?? []) chunks.push(chunk);
        return Buffer.concat(chunks).toString();
    };

    it("opens the version that is named, not the newest", async () => {
        const first = await versioned("dir/a b.ko", "first");
        const second = await versioned("dir/a b.ko", "second!");
        const opened = await objects.openVersion("dir/a b.ko", first);
        expect([opened.size, await text(opened)]).toEqual([5, "first"]);
        expect(await text(await objects.openVersion("dir/a b.ko", second))).toBe("second!");
    });

    it("refuses versions and keys that are not there", async () => {
        const version = await versioned("one", "1");
        await expect(objects.openVersion("other", version)).rejects.toMatchObject({ code: "VersionMissing" });
        await expect(objects.openVersion("one", "nope")).rejects.toMatchObject({ code: "VersionMissing" });
    });

    it("knows absence", async () => {
        expect(await objects.open("absent")).toBeUndefined();
        expect(await objects.read("absent")).toBeUndefined();
    });

    it("writes under conditions", async () => {
        expect(await objects.put("c", toUtf8("1"), "text/plain", "absent")).toBe(true);
        expect(await objects.put("c", toUtf8("2"), "text/plain", "absent")).toBe(false);
        const { etag } = (await objects.read("c"))!;
        expect(await objects.put("c", toUtf8("3"), "text/plain", { etag: '"0123456789abcdef0123456789abcdef"' })).toBe(
            false,
        );
        expect(await objects.put("c", toUtf8("4"), "text/plain", { etag })).toBe(true);
        expect(Buffer.from((await objects.read("c"))!.bytes).toString()).toBe("4");
        expect(await objects.put("c", toUtf8("5"), "text/plain", "any")).toBe(true);
        expect(await text(await objects.open("c"))).toBe("5");
    });
});
