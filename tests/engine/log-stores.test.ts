import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { dynamoLockStore } from "../../lambdas/aws/lock-store";
import { s3ObjectStore } from "../../lambdas/aws/object-store";
import type { LockStore, ObjectStore } from "../../lambdas/log/stores";
import { handle } from "../../lambdas/sequencer";
import { checkLog } from "../support/check-log";
import { enterLambda, startTestCloud, type TestCloud } from "../support/cloud";
import { lockStoreContract, objectStoreContract } from "../support/log-store-contract";
import { LogWorld } from "../support/log-world";
import { createInbox } from "../support/tables";

/**
 * Proves that the log's tables and bucket keep their contract over the local cloud's DynamoDB and S3, and that a sequencer over them
 * makes a log. Proves nothing about AWS's own, nor about the rights of the deployed functions.
 */

let site: TestCloud;
let leaveLambda: (() => void) | undefined;
const stores: { objects?: ObjectStore; locks?: LockStore } = {};

beforeAll(async () => {
    site = await startTestCloud();
    leaveLambda = enterLambda(site.cloud, await site.cloud.assumeRole(site.cloud.roles.deployer));
    for (const table of ["locks", "head", "intake", "reconciler"]) await createInbox(new DynamoDBClient({}), table);
    for (const Bucket of ["objects-111122223333", "log-111122223333"])
        await new S3Client({}).send(new CreateBucketCommand({ Bucket }));
    stores.objects = await s3ObjectStore("objects-111122223333");
    stores.locks = await dynamoLockStore("locks");
}, 60_000);

afterAll(async () => {
    leaveLambda?.();
    await site?.stop();
});

objectStoreContract(() => stores.objects as ObjectStore);
lockStoreContract(() => stores.locks as LockStore);

it("objects carry their headers", async () => {
    const headers = { contentType: "application/octet-stream", cacheControl: "public, max-age=604800, immutable" };
    await stores.objects?.put("tile/0/headers", new Uint8Array(1), "absent", headers);
    const found = await new S3Client({}).send(
        new HeadObjectCommand({ Bucket: "objects-111122223333", Key: "tile/0/headers" }),
    );
    expect([found.ContentType, found.CacheControl]).toEqual([headers.contentType, headers.cacheControl]);
});

describe("a sequencer over them", () => {
    it("makes the same log as over memory", async () => {
        const [objects, head, intake, reconciler] = await Promise.all([
            s3ObjectStore("log-111122223333"),
            dynamoLockStore("head"),
            dynamoLockStore("intake"),
            dynamoLockStore("reconciler"),
        ]);
        const world = new LogWorld();
        const deps = world.deps({ objects, head, inboxes: { intake, reconciler } });
        expect(await handle(deps)).toEqual({ committed: 1, size: 1 });
        for (let round = 0; round < 3; round += 1) {
            const leaf = world.submit();
            const item = world.intake.items.get(`sig#${leaf.kms_request_id}`);
            await intake.create(`sig#${leaf.kms_request_id}`, item?.value ?? {});
            expect(await handle(deps)).toEqual({ committed: 1, size: round + 2 });
        }
        // The auditor reads what S3 holds.
        const copy = new LogWorld();
        copy.signed.push(...world.signed);
        for (const key of ["checkpoint", "tile/0/000.p/4", "tile/entries/000.p/4"]) {
            const stored = await objects.get(key);
            if (stored) copy.objects.objects.set(key, { ...stored, headers: { contentType: "", cacheControl: "" } });
        }
        expect((await checkLog(copy)).size).toBe(4);
    });
});
