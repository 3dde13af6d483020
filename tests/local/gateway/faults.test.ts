import { GenerateRandomCommand, KMSClient } from "@aws-sdk/client-kms";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createFaults } from "../../../local/gateway/faults";
import type { Call } from "../../../local/gateway/operation";
import type { TrailRecord } from "../../../local/gateway/trail/record";
import { type Harness, client, startHarness } from "./fake-ministack";
import { apiRequest } from "./requests";

describe("counting", () => {
    const call: Call = { service: "s3", operation: "PutObject", protocol: "s3", region: "eu-west-1", accessKeyId: "A" };
    const put = (target: string, body = "") => apiRequest({ method: "PUT", target, body });

    it("skips, fails, and passes again", () => {
        const faults = createFaults();
        faults.add({ service: "s3", operation: "PutObject", mode: "lost", skip: 2, times: 2 });
        const modes = Array.from({ length: 6 }, () => faults.take(call, put("/b/k"))?.mode);
        expect(modes).toEqual([undefined, undefined, "lost", "lost", undefined, undefined]);
    });

    it("matches the decoded path and the body, and no other operation", () => {
        const faults = createFaults();
        faults.add({ service: "s3", operation: "PutObject", mode: "lost", match: "tile/0 1", times: 3 });
        expect(faults.take(call, put("/b/tile/0%201"))).toBeDefined();
        expect(faults.take(call, put("/b/k", "... tile/0 1 ..."))).toBeDefined();
        expect(faults.take(call, put("/b/tile/0/1"))).toBeUndefined();
        expect(faults.take({ ...call, operation: "GetObject" }, put("/b/tile/0%201"))).toBeUndefined();
        expect(faults.take({ ...call, service: "kms" }, put("/b/tile/0%201"))).toBeUndefined();
    });

    it("counts a call for every rule, and the first that is due decides", () => {
        const faults = createFaults();
        const first = faults.add({ service: "s3", operation: "PutObject", mode: "lost" });
        const second = faults.add({ service: "s3", operation: "PutObject", mode: "applied", skip: 1 });
        expect([faults.take(call, put("/b/k"))?.id, faults.take(call, put("/b/k"))?.id]).toEqual([first, second]);
        const both = [1, 2].map(() => faults.add({ service: "s3", operation: "PutObject", mode: "lost" }));
        expect([1, 2, 3].map(() => faults.take(call, put("/b/k"))?.id)).toEqual([...both, undefined]);
        faults.add({ service: "s3", operation: "PutObject", mode: "lost" });
        expect(faults.clear()).toBe(4);
        expect(faults.take(call, put("/b/k"))).toBeUndefined();
        expect(faults.clear()).toBe(0);
    });

    it.each([
        undefined,
        {},
        { service: "s3", operation: "PutObject" },
        { service: "s3", operation: "PutObject", mode: "maybe" },
        { service: "s3", operation: "PutObject", mode: "lost", skip: -1 },
        { service: "s3", operation: "PutObject", mode: "lost", times: 1.5 },
        { service: "s3", operation: "PutObject", mode: "lost", after: 1 },
        { service: "s3", operation: "PutObject", mode: "lost", answer: "none" },
        { service: "s3", operation: "PutObject", mode: "lost", match: 1 },
    ])("refuses %j", (rule) => {
        expect(() => createFaults().add(rule)).toThrow(expect.objectContaining({ code: "BadConfig" }) as Error);
    });
});

describe("at the door", () => {
    let harness: Harness;
    const put = () =>
        new S3Client(client(harness.url)).send(new PutObjectCommand({ Bucket: "b", Key: "k", Body: "x" }));
    const random = () => new KMSClient(client(harness.url)).send(new GenerateRandomCommand({ NumberOfBytes: 8 }));
    const records = async () => ((await harness.control("GET", "trail")).body as { records: TrailRecord[] }).records;

    beforeEach(async () => {
        harness = await startHarness();
    });
    afterEach(() => harness.close());

    it("does not pass on a lost call, nor record it", async () => {
        await harness.control("POST", "faults", { service: "s3", operation: "PutObject", mode: "lost" });
        await expect(put()).rejects.toMatchObject({ name: "InternalFailure", $metadata: { httpStatusCode: 500 } });
        expect(harness.fake.forwarded).toEqual([]);
        expect(await records()).toEqual([]);
        await put();
        expect(harness.fake.forwarded).toHaveLength(1);
    });

    it("passes on and records an applied call, and fails it all the same", async () => {
        await harness.control("POST", "faults", { service: "s3", operation: "PutObject", mode: "applied" });
        await expect(put()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
        expect(harness.fake.forwarded).toHaveLength(1);
        expect(await records()).toMatchObject([{ eventName: "PutObject" }]);
    });

    it("breaks the connection if told to", async () => {
        await harness.control("POST", "faults", {
            service: "s3",
            operation: "PutObject",
            mode: "applied",
            answer: "reset",
        });
        await expect(put()).rejects.toMatchObject({ code: "ECONNRESET" });
        expect(harness.fake.forwarded).toHaveLength(1);
    });

    it("works for KMS, where an applied call is a use of the key", async () => {
        await harness.control("POST", "faults", { service: "kms", operation: "GenerateRandom", mode: "lost" });
        await expect(random()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
        expect(await records()).toEqual([]);
        await harness.control("POST", "faults", { service: "kms", operation: "GenerateRandom", mode: "applied" });
        await expect(random()).rejects.toMatchObject({ $metadata: { httpStatusCode: 500 } });
        expect(await records()).toMatchObject([{ eventName: "GenerateRandom" }]);
        await harness.control("POST", "faults", { service: "kms", operation: "GenerateRandom", mode: "lost" });
        await harness.control("DELETE", "faults");
        await random();
    });
});
