/** Proves how KMS calls are authorized and recorded, with the real core behind a fake evaluator. */
import { CreateKeyCommand, DescribeKeyCommand, KMSClient, ListKeysCommand, SignCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { deniedMessage } from "../../../local/gateway/kms-door";
import type { Judgement } from "../../../local/gateway/extension";
import type { TrailRecord } from "../../../local/gateway/trail/record";
import { ALLOW, CALLER, type Harness, client, startHarness } from "./fake-ministack";

let harness: Harness;
beforeEach(async () => {
    harness = await startHarness();
});
afterEach(async () => {
    expect(harness.fake.forwarded).toEqual([]); // MiniStack never sees KMS
    await harness.close();
});

const kms = () => new KMSClient(client(harness.url));
const records = async (): Promise<TrailRecord[]> =>
    ((await harness.control("GET", "trail")).body as { records: TrailRecord[] }).records;
const DENY: Judgement = { authenticated: true, allowed: false, decision: "implicitDeny", caller: CALLER };
const POLICY = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
        {
            Sid: "All",
            Effect: "Allow",
            Principal: { AWS: "arn:aws:iam::111122223333:root" },
            Action: "kms:*",
            Resource: "*",
        },
    ],
});

describe("KMS at the door", () => {
    it("asks the evaluator with key policy and context, and answers with the id of the record", async () => {
        const { KeyMetadata } = await kms().send(
            new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy: POLICY }),
        );
        harness.fake.asks.length = 0;
        const input = {
            KeyId: KeyMetadata!.KeyId!,
            Message: Buffer.alloc(32, 5),
            MessageType: "DIGEST",
            SigningAlgorithm: "ECDSA_SHA_256",
        } as const;
        const { $metadata } = await kms().send(new SignCommand(input));
        expect(harness.fake.asks).toHaveLength(1);
        expect(harness.fake.asks[0]).toMatchObject({
            action: "kms:Sign",
            resource: KeyMetadata!.Arn,
            context: { "kms:SigningAlgorithm": "ECDSA_SHA_256", "kms:MessageType": "DIGEST" },
        });
        expect(JSON.parse(harness.fake.asks[0]!.resourcePolicy!)).toEqual(JSON.parse(POLICY));
        const [, record] = await records();
        expect(record).toMatchObject({
            eventName: "Sign",
            requestID: $metadata.requestId,
            requestParameters: { keyId: KeyMetadata!.KeyId },
        });
        expect(JSON.stringify(record)).not.toContain(Buffer.alloc(32, 5).toString("base64"));
        expect((await harness.control("GET", `decision/${$metadata.requestId}`)).body).toMatchObject({
            decision: "allow",
            action: "kms:Sign",
            principal: CALLER.arn,
        });
    });

    it("refuses in AWS's words and records it", async () => {
        harness.fake.judge = () => DENY;
        const refused = kms().send(new ListKeysCommand({}));
        await expect(refused).rejects.toMatchObject({
            name: "AccessDeniedException",
            message: `User: ${CALLER.arn} is not authorized to perform: kms:ListKeys because no identity-based policy allows the kms:ListKeys action`,
        });
        expect(await records()).toMatchObject([
            { eventName: "ListKeys", errorCode: "AccessDenied", readOnly: true, userIdentity: { arn: CALLER.arn } },
        ]);
    });

    it("answers what did not authenticate before it looks at anything", async () => {
        const error = { code: "InvalidSignatureException", message: "does not match" };
        const caller = { type: "Unknown" } as typeof CALLER; // as the extension answers
        harness.fake.judge = () => ({ authenticated: false, allowed: false, decision: "implicitDeny", error, caller });
        await expect(kms().send(new DescribeKeyCommand({ KeyId: "nonsense" }))).rejects.toMatchObject({
            name: error.code,
            message: error.message,
        });
        expect(await records()).toMatchObject([
            {
                errorCode: error.code,
                userIdentity: { type: "Unknown", accessKeyId: "ASIAEXAMPLE" },
                requestParameters: null,
            },
        ]);
    });

    it("asks on behalf of nobody's account", async () => {
        const caller = { type: "Unknown" } as typeof CALLER;
        let calls = 0;
        harness.fake.judge = () =>
            calls++ === 0 ? { authenticated: false, allowed: false, decision: "implicitDeny", caller } : ALLOW;
        await expect(kms().send(new ListKeysCommand({}))).rejects.toMatchObject({
            name: "UnrecognizedClientException",
        });
        await kms().send(new ListKeysCommand({}));
    });

    it("checks each request's signature, though it knows the key id already", async () => {
        await kms().send(new ListKeysCommand({}));
        const error = { code: "InvalidSignatureException", message: "does not match" };
        harness.fake.judge = () => ({ authenticated: false, allowed: false, decision: "implicitDeny", error });
        await expect(kms().send(new ListKeysCommand({}))).rejects.toMatchObject({ name: error.code });
        // refused by the core before any question: malformed
        const malformed = new SignCommand({
            KeyId: "k",
            Message: Buffer.alloc(0),
            SigningAlgorithm: "NONE" as "ECDSA_SHA_256",
        });
        await expect(kms().send(malformed)).rejects.toMatchObject({ name: error.code });
        expect((await records()).map(({ userIdentity }) => userIdentity["type"])).toEqual([
            "AssumedRole",
            "Unknown",
            "Unknown",
        ]);
    });

    it("refuses an operation that KMS does not have", async () => {
        const command = new ListKeysCommand({});
        command.middlewareStack.add(
            (next) => (args) => {
                (args.request as { headers: Record<string, string> }).headers["x-amz-target"] = "TrentService.Nothing";
                return next(args);
            },
            { step: "build" },
        );
        await expect(kms().send(command)).rejects.toMatchObject({ name: "UnknownOperationException" });
    });

    it("records a use from another account in both", async () => {
        const { KeyMetadata } = await kms().send(
            new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy: POLICY }),
        );
        const outsider = {
            ...CALLER,
            type: "IAMUser",
            arn: "arn:aws:iam::444455556666:user/outsider",
            principalArn: "arn:aws:iam::444455556666:user/outsider",
            accountId: "444455556666",
            principalId: "AIDAX",
        };
        const input = {
            KeyId: KeyMetadata!.Arn!,
            Message: Buffer.alloc(32),
            MessageType: "DIGEST",
            SigningAlgorithm: "ECDSA_SHA_256",
        } as const;
        const use = () => new KMSClient(client(harness.url, "AKIAOUTSIDER")).send(new SignCommand(input));
        harness.fake.judge = () => ({ ...ALLOW, caller: { ...outsider, accessKeyId: "AKIAOUTSIDER" } });
        await use();
        const [, own, shared] = await records();
        expect([own!.recipientAccountId, shared!.recipientAccountId]).toEqual(["444455556666", "111122223333"]);
        expect(own!.userIdentity).toMatchObject({ type: "IAMUser", userName: "outsider" });
        expect(shared!.userIdentity).toEqual({ type: "AWSAccount", principalId: "AIDAX", accountId: "444455556666" });
        expect(own!.sharedEventID).toBe(shared!.sharedEventID);
        expect(own!.requestID).toBe(shared!.requestID);
        expect(own!.eventID).not.toBe(shared!.eventID);
        harness.fake.judge = () => ({ ...DENY, caller: outsider });
        await expect(use()).rejects.toMatchObject({ name: "AccessDeniedException" });
        expect((await records()).slice(3).map(({ recipientAccountId }) => recipientAccountId)).toEqual([
            "444455556666",
        ]);
    });
});

describe("deniedMessage", () => {
    const on = "on resource: arn:key";
    const start = `User: ${CALLER.arn} is not authorized to perform: kms:Sign`;
    it.each<[Partial<Judgement>, string | undefined, string]>([
        [{}, "{}", `${start} ${on} because no resource-based policy allows the kms:Sign action`],
        [{}, undefined, `${start} ${on} because no identity-based policy allows the kms:Sign action`],
        [
            { decision: "explicitDeny", statement: { policy: "key policy" } },
            "{}",
            `${start} ${on} with an explicit deny in a resource-based policy`,
        ],
        [
            { decision: "explicitDeny", statement: { policy: "identity policy p" } },
            "{}",
            `${start} ${on} with an explicit deny in an identity-based policy`,
        ],
        [
            { decision: "explicitDeny", statement: { policy: "permissions boundary" } },
            "{}",
            `${start} ${on} with an explicit deny in a permissions boundary`,
        ],
        [
            { decision: "explicitDeny", statement: { policy: "session policy" } },
            "{}",
            `${start} ${on} with an explicit deny in a session policy`,
        ],
    ])("words %j", (judged, resourcePolicy, message) => {
        const question = {
            action: "kms:Sign",
            resource: "arn:key",
            ...(resourcePolicy === undefined ? {} : { resourcePolicy }),
        };
        expect(deniedMessage(question, { ...DENY, ...judged }, CALLER)).toBe(message);
    });
});
