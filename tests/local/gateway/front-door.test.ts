/** The front door against a fake emulator. Proves nothing about MiniStack's evaluator: tests/engine/gateway.test.ts does. */
import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { startGateway } from "../../../local/gateway/gateway";
import type { TrailRecord } from "../../../local/gateway/trail/record";
import { CALLER, CONTROL, type Harness, client, startHarness } from "./fake-ministack";
import { authorization } from "./requests";

let harness: Harness;

beforeEach(async () => {
    harness = await startHarness();
});

afterEach(async () => {
    expect(harness.log).toEqual([]);
    await harness.close();
});

const records = async (): Promise<TrailRecord[]> =>
    ((await harness.control("GET", "trail")).body as { records: TrailRecord[] }).records;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

describe("what is passed on", () => {
    it("keeps the signed request as it was, and says HTTPS itself", async () => {
        const body = '{"TableName":"t"}';
        const headers = {
            authorization: authorization("dynamodb"),
            "content-type": "application/x-amz-json-1.0",
            "x-amz-target": "DynamoDB_20120810.GetItem",
            "x-forwarded-proto": "http",
            "x-forwarded-for": "192.0.2.1",
            "x-countersign-extension": "guess",
        };
        const response = await fetch(`${harness.url}/`, { method: "POST", headers, body });
        expect(response.status).toBe(200);
        expect(response.headers.get("x-amzn-requestid")).toBe("upstream-id");
        const [forwarded] = harness.fake.forwarded;
        expect(forwarded).toMatchObject({ method: "POST", target: "/", body });
        expect(forwarded!.headers).toMatchObject({
            host: new URL(harness.url).host,
            authorization: headers.authorization,
            "content-length": String(body.length),
            "x-forwarded-proto": "https",
            "x-countersign-extension": harness.fake.secret,
        });
        expect(forwarded!.headers).not.toHaveProperty("x-forwarded-for");
    });

    it("keeps the path and query as sent", async () => {
        harness.fake.answer = () => ({ body: "content", headers: { "content-type": "text/plain", etag: '"e"' } });
        const { Body, ETag } = await new S3Client(client(harness.url)).send(
            new GetObjectCommand({ Bucket: "b", Key: "a b/c+d", VersionId: "v" }),
        );
        expect(await Body!.transformToString()).toBe("content");
        expect(ETag).toBe('"e"');
        expect(harness.fake.forwarded[0]!.target).toMatch(/^\/b\/a%20b\/c%2Bd\?/);
    });

    it("joins the extension's decision with the request, and hides it from the caller", async () => {
        const decision = {
            requestId: "r-1",
            decision: "implicitDeny",
            action: "dynamodb:GetItem",
            resource: "arn:x",
            principal: CALLER.arn,
            caller: CALLER,
        };
        harness.fake.answer = () => ({
            status: 400,
            headers: { "x-countersign-decision": JSON.stringify(decision) },
            body: '{"__type":"com.amazon#AccessDeniedException","message":"no"}',
        });
        const call = { TableName: "t", Key: { id: { S: "x" } } };
        await expect(new DynamoDBClient(client(harness.url)).send(new GetItemCommand(call))).rejects.toMatchObject({
            name: "AccessDeniedException",
            $metadata: { requestId: "r-1" },
        });
        const { requestId: _id, caller: _caller, ...told } = decision;
        expect((await harness.control("GET", "decision/r-1")).body).toEqual(told);
        expect(await records()).toMatchObject([
            {
                eventName: "GetItem",
                requestID: "r-1",
                errorCode: "AccessDenied",
                errorMessage: "no",
                managementEvent: false,
                userIdentity: { arn: CALLER.arn },
            },
        ]);
        const headers = { authorization: authorization("dynamodb"), "x-amz-target": "DynamoDB_20120810.GetItem" };
        const plain = await fetch(harness.url, { method: "POST", headers, body: "{}" });
        expect(plain.headers.has("x-countersign-decision")).toBe(false);
        const seen = await fetch(harness.url, { method: "POST", headers: { ...headers, ...CONTROL }, body: "{}" });
        expect(JSON.parse(seen.headers.get("x-countersign-decision")!)).toEqual(told);
        for (const { headers: forwarded } of harness.fake.forwarded)
            expect(forwarded).not.toHaveProperty("x-countersign-control");
    });
});

describe("what is refused before the evaluator", () => {
    afterEach(() => expect(harness.fake.forwarded).toEqual([]));

    it("a swapped body, with an id and a record", async () => {
        const headers = {
            authorization: authorization("dynamodb"),
            "x-amz-target": "DynamoDB_20120810.GetItem",
            "x-amz-content-sha256": sha256('{"TableName":"t"}'),
        };
        const response = await fetch(harness.url, { method: "POST", headers, body: '{"TableName":"other"}' });
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({ __type: "InvalidSignatureException" });
        const requestID = response.headers.get("x-amzn-requestid");
        expect(requestID).toMatch(/^[0-9a-f-]{36}$/);
        expect(await records()).toMatchObject([
            {
                requestID,
                errorCode: "SignatureDoesNotMatch",
                userIdentity: { type: "Unknown", accessKeyId: "AKIAEXAMPLE" },
            },
        ]);
    });

    it.each<[string, string, RequestInit, number, string]>([
        [
            "nobody in KMS",
            "/",
            { method: "POST", headers: { "x-amz-target": "TrentService.Sign" }, body: "{}" },
            400,
            "MissingAuthenticationTokenException",
        ],
        [
            "nobody in STS",
            "/",
            { method: "POST", body: new URLSearchParams({ Action: "AssumeRole" }) },
            403,
            "MissingAuthenticationToken",
        ],
        ["nobody listing buckets", "/", {}, 403, "AccessDenied"],
        ["nobody making a bucket", "/bucket", { method: "PUT" }, 403, "AccessDenied"],
        ["a bearer token", "/bucket/key", { headers: { authorization: "Bearer x" } }, 403, "IncompleteSignature"],
        [
            "an unknown path of a service",
            "/2015-03-31/layers",
            { headers: { authorization: authorization("lambda") } },
            404,
            "UnknownOperationException",
        ],
        ["a method that is not S3's", "/bucket/key", { method: "OPTIONS" }, 404, "UnknownOperationException"],
    ])("%s", async (_name, path, init, status, code) => {
        const response = await fetch(harness.url + path, init);
        expect(response.status).toBe(status);
        expect(await response.text()).toContain(code);
        expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
    });

    it.each(["/_ministack/health", "/_ministack/reset", "/_aws/execute-api/x", "/_localstack/init", "/_"])(
        "the emulator's own %s",
        async (path) => {
            expect((await fetch(harness.url + path, { method: "POST" })).status).toBe(403);
            expect((await fetch(harness.url + path, { headers: CONTROL })).status).toBe(403);
        },
    );

    it("a Host that MiniStack would route elsewhere", async () => {
        const status = await new Promise<number>((resolve, reject) => {
            const headers = { host: "dabc.cloudfront.net" };
            httpRequest(`${harness.url}/checkpoint`, { headers }, (response) => {
                response.resume();
                resolve(response.statusCode!);
            })
                .on("error", reject)
                .end();
        });
        expect(status).toBe(400);
    });

    it("a policy document that AWS would not store", async () => {
        const document = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: "*" }] };
        const put = new PutRolePolicyCommand({
            RoleName: "r",
            PolicyName: "p",
            PolicyDocument: JSON.stringify(document),
        });
        await expect(new IAMClient(client(harness.url)).send(put)).rejects.toMatchObject({
            name: expect.stringMatching(/^MalformedPolicyDocument/) as string,
        });
        expect(await records()).toMatchObject([
            { eventName: "PutRolePolicy", errorCode: "MalformedPolicyDocument", userIdentity: { arn: CALLER.arn } },
        ]);
    });
});

describe("when things break", () => {
    it("believes no claim of a caller whose signature MiniStack refused", async () => {
        const decision = {
            requestId: "r-2",
            decision: "allow",
            action: "s3:GetObject",
            resource: "*",
            principal: CALLER.arn,
            caller: CALLER,
        };
        harness.fake.answer = () => ({
            status: 403,
            headers: { "x-countersign-decision": JSON.stringify(decision) },
            body: "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>",
        });
        await fetch(`${harness.url}/bucket/key`, { headers: { authorization: authorization("s3") } });
        expect(await records()).toMatchObject([
            { errorCode: "SignatureDoesNotMatch", userIdentity: { type: "Unknown" } },
        ]);
    });

    it("says nothing about callers that go away", async () => {
        const { port } = new URL(harness.url);
        const outgoing = httpRequest({
            host: "127.0.0.1",
            port,
            method: "PUT",
            path: "/b/k",
            headers: { "content-length": "10" },
        });
        outgoing.on("error", () => undefined);
        outgoing.write("half");
        await new Promise((resolve) => outgoing.once("socket", (socket) => socket.once("connect", resolve)));
        outgoing.destroy();
        await fetch(`${harness.url}/bucket/key`, { headers: { authorization: authorization("s3") } });
        expect(harness.fake.forwarded).toHaveLength(1);
    });

    it("answers 500 with an id if the emulator is gone", async () => {
        await harness.fake.close();
        const headers = { authorization: authorization("s3") };
        const response = await fetch(`${harness.url}/bucket/key`, { headers });
        expect(response.status).toBe(500);
        expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
        expect(harness.log.splice(0)).toMatchObject([expect.stringContaining("GET /bucket/key")]);
    });

    it("answers 503 until it is connected", async () => {
        const config = { accountId: "111122223333", region: "eu-west-1", controlToken: "0123456789abcdef" };
        const gateway = await startGateway(config, () => undefined);
        try {
            const response = await fetch(`${gateway.url}/bucket/key`, {
                headers: { authorization: authorization("s3") },
            });
            expect(response.status).toBe(503);
        } finally {
            await gateway.stop();
        }
    });

    it("refuses a second upstream", () => {
        expect(() => harness.gateway.connect({ url: harness.fake.url, secret: harness.fake.secret })).toThrow(
            /already has its upstream/,
        );
    });

    it("passes many calls at once over few connections", async () => {
        const s3 = new S3Client(client(harness.url));
        await Promise.all(
            Array.from({ length: 50 }, (_, i) =>
                s3.send(new PutObjectCommand({ Bucket: "b", Key: `k${i}`, Body: `body ${i}` })),
            ),
        );
        expect(new Set(harness.fake.forwarded.map(({ body }) => body)).size).toBe(50);
        harness.fake.forwarded.length = 0;
    });
});
