import { CloudFrontClient, CreateDistributionCommand, DeleteDistributionCommand } from "@aws-sdk/client-cloudfront";
import { afterEach, beforeEach, expect, it } from "vitest";

import { CALLER, type Harness, client, startHarness } from "./fake-ministack";

let harness: Harness;
beforeEach(async () => {
    harness = await startHarness();
});
afterEach(() => harness.close());

const XML = `<Distribution><Id>E1</Id><ARN>a</ARN><DomainName>d123.cloudfront.net</DomainName><DistributionConfig><Origins><Items><Origin><DomainName>b.s3.amazonaws.com</DomainName></Origin></Items></Origins></DistributionConfig></Distribution>`;

type Answered = ReturnType<Harness["fake"]["answer"]>;

async function create(): Promise<string> {
    const decision = JSON.stringify({
        requestId: "r",
        decision: "allow",
        action: "a",
        resource: "*",
        principal: CALLER.arn,
        caller: CALLER,
    });
    harness.fake.answer = ({ headers }): Answered =>
        headers.host === "d123.cloudfront.net"
            ? { body: "content", headers: { etag: '"e"', "cache-control": "max-age=5" } }
            : { body: XML, headers: { "content-type": "text/xml", "x-countersign-decision": decision } };
    const origins = { Quantity: 1, Items: [{ Id: "o", DomainName: "b.s3.amazonaws.com" }] };
    const DistributionConfig = {
        CallerReference: "x",
        Comment: "",
        Enabled: true,
        Origins: origins,
        DefaultCacheBehavior: { TargetOriginId: "o", ViewerProtocolPolicy: "allow-all" },
    } as const;
    await new CloudFrontClient(client(harness.url)).send(new CreateDistributionCommand({ DistributionConfig }));
    const { body } = await harness.control("GET", "distributions");
    expect(body).toMatchObject([{ domain: "d123.cloudfront.net" }]);
    return (body as { url: string }[])[0]!.url;
}

it("sets the Host for whoever asks, and passes no credentials or claims on", async () => {
    const url = await create();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const headers = {
        authorization: "AWS4-HMAC-SHA256 x",
        cookie: "a=b",
        range: "bytes=0-3",
        "x-amz-security-token": "t",
        "x-forwarded-for": "192.0.2.1",
    };
    const response = await fetch(`${url}/tile/0/000?x=%20y`, { headers });
    expect([response.status, await response.text(), response.headers.get("cache-control")]).toEqual([
        200,
        "content",
        "max-age=5",
    ]);
    const viewed = harness.fake.forwarded.at(-1)!;
    expect(viewed).toMatchObject({ method: "GET", target: "/tile/0/000?x=%20y" });
    expect(viewed.headers).toMatchObject({ host: "d123.cloudfront.net", range: "bytes=0-3" });
    for (const name of ["authorization", "cookie", "x-amz-security-token", "x-forwarded-for"])
        expect(viewed.headers).not.toHaveProperty(name);
    expect((await fetch(`${url}/x`, { method: "HEAD" })).status).toBe(200);
});

it.each(["PUT", "POST", "DELETE", "PATCH"])("does not pass %s on", async (method) => {
    const url = await create();
    const before = harness.fake.forwarded.length;
    expect((await fetch(`${url}/x`, { method })).status).toBe(403);
    expect(harness.fake.forwarded).toHaveLength(before);
});

it("closes the port of a deleted distribution", async () => {
    const url = await create();
    await new CloudFrontClient(client(harness.url)).send(new DeleteDistributionCommand({ Id: "E1", IfMatch: "x" }));
    expect((await harness.control("GET", "distributions")).body).toEqual([]);
    await expect(fetch(`${url}/x`)).rejects.toThrow();
});
