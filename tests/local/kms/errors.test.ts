// Proves that the SDK's callers catch AWS's error names for what AWS refuses, in AWS's order. The texts are AWS's as far as
// they are publicly known; order and texts are not proven against AWS.
import { createHash } from "node:crypto";
import {
    CreateKeyCommand,
    DisableKeyCommand,
    PutKeyPolicyCommand,
    ScheduleKeyDeletionCommand,
    SignCommand,
    type KMSClient,
    type SignCommandInput,
} from "@aws-sdk/client-kms";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bench, KEY_POLICY, ROLE, sdkOver } from "./support";

const kms = bench();
let client: KMSClient;
let stop: () => Promise<void>;
let rsa: { id: string; arn: string };
let ed25519: { id: string; arn: string };
const digest = createHash("sha256").update("message").digest();

beforeAll(async () => {
    ({ client, stop } = await sdkOver(kms));
    [rsa, ed25519] = [await kms.createKey("RSA_2048"), await kms.createKey("ECC_NIST_EDWARDS25519")];
});
afterAll(() => stop());
beforeEach(() => {
    kms.decide = () => "allow";
});

const sign = (input: Partial<SignCommandInput>): Promise<unknown> =>
    client.send(
        new SignCommand({
            KeyId: rsa.arn,
            Message: digest,
            MessageType: "DIGEST",
            SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            ...input,
        }),
    );

describe("Sign", () => {
    it("succeeds for the request that each refusal below spoils in one place", async () => {
        await expect(sign({})).resolves.toMatchObject({
            KeyId: rsa.arn,
            SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
        });
    });

    it.each([0, 31, 33, 48, 64])("refuses a digest of %i bytes for SHA-256", async (length) => {
        await expect(sign({ Message: Buffer.alloc(length) })).rejects.toMatchObject({
            name: "ValidationException",
            ...(length > 0 ? { message: "Digest is invalid length for algorithm RSASSA_PKCS1_V1_5_SHA_256." } : {}),
        });
    });

    it.each([
        [4096, true],
        [4097, false],
    ])("takes RAW messages of %i bytes: %s", async (length, accepted) => {
        const answer = sign({ Message: Buffer.alloc(length), MessageType: "RAW" });
        if (accepted) return expect(answer).resolves.toBeDefined();
        return expect(answer).rejects.toMatchObject({
            name: "ValidationException",
            message:
                "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=4097 cap=4097]' at 'message' failed " +
                "to satisfy constraint: Member must have length less than or equal to 4096",
        });
    });

    it.each([
        ["ECDSA_SHA_256", digest, "InvalidKeyUsageException"],
        ["ED25519_SHA_512", digest, "InvalidKeyUsageException"],
        ["RSASSA_PKCS1_V1_5_SHA_1", digest, "ValidationException"],
    ])("refuses algorithm %s with an RSA key", async (algorithm, message, name) => {
        await expect(sign({ SigningAlgorithm: algorithm as never, Message: message })).rejects.toMatchObject({ name });
    });

    it.each([
        ["ED25519_SHA_512", "DIGEST"],
        ["ED25519_PH_SHA_512", "RAW"],
        ["ED25519_SHA_512", "EXTERNAL_MU"],
    ])("refuses %s with message type %s", async (algorithm, type) => {
        const input = {
            KeyId: ed25519.id,
            SigningAlgorithm: algorithm as never,
            MessageType: type as never,
            Message: Buffer.alloc(64),
        };
        await expect(sign(input)).rejects.toMatchObject({ name: "ValidationException" });
    });

    it("refuses a disabled key, and a key that is pending deletion, by different names", async () => {
        const { id, arn } = await kms.createKey("ECC_NIST_P256");
        const request = { KeyId: id, SigningAlgorithm: "ECDSA_SHA_256" } as const;
        await expect(sign(request)).resolves.toBeDefined();
        await client.send(new DisableKeyCommand({ KeyId: id }));
        await expect(sign(request)).rejects.toMatchObject({
            name: "DisabledException",
            message: `${arn} is disabled.`,
        });
        await client.send(new ScheduleKeyDeletionCommand({ KeyId: id, PendingWindowInDays: 30 }));
        await expect(sign(request)).rejects.toMatchObject({
            name: "KMSInvalidStateException",
            message: `${arn} is pending deletion.`,
        });
    });

    it("ends a dry run in an error whether or not it would have succeeded, and does not use the key", async () => {
        const before = await kms.must("GetKeyLastUsage", { KeyId: ed25519.id });
        const request = {
            KeyId: ed25519.id,
            SigningAlgorithm: "ED25519_SHA_512",
            MessageType: "RAW",
            DryRun: true,
        } as const;
        await expect(sign(request)).rejects.toMatchObject({ name: "DryRunOperationException" });
        await expect(sign({ ...request, MessageType: "DIGEST" })).rejects.toMatchObject({
            name: "ValidationException",
        });
        kms.decide = () => "implicitDeny";
        await expect(sign(request)).rejects.toMatchObject({ name: "AccessDeniedException" });
        kms.decide = () => "allow";
        expect(await kms.must("GetKeyLastUsage", { KeyId: ed25519.id })).toEqual(before);
    });

    it("refuses a key that is not for signing", async () => {
        const { id, arn } = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
        await expect(sign({ KeyId: id })).rejects.toMatchObject({
            name: "InvalidKeyUsageException",
            message: `${arn} key usage is ENCRYPT_DECRYPT which is not valid for Sign.`,
        });
    });

    it("tells of a missing key only whom identity policies allow to act on it", async () => {
        const missing = `arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-000000000000`;
        await expect(sign({ KeyId: missing })).rejects.toMatchObject({
            name: "NotFoundException",
            message: `Key '${missing}' does not exist`,
        });
        kms.decide = () => "implicitDeny";
        await expect(sign({ KeyId: missing })).rejects.toMatchObject({ name: "AccessDeniedException" });
    });

    it.each([
        ["not-a-key", "NotFoundException"],
        ["alias/none", "NotFoundException"],
        ["arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000", "NotFoundException"],
        ["arn:aws:kms:eu-west-1:111122223333:thing/x", "InvalidArnException"],
        ["x".repeat(2049), "ValidationException"],
    ])("refuses key id %.60s", async (KeyId, name) => {
        await expect(sign({ KeyId })).rejects.toMatchObject({ name });
    });

    it("checks form before authorization, and authorization before state", async () => {
        const { id } = await kms.createKey("ECC_NIST_P256");
        await kms.must("DisableKey", { KeyId: id });
        kms.decide = () => "implicitDeny";
        const asked = kms.asks.length;
        await expect(sign({ KeyId: id, Message: Buffer.alloc(5000) })).rejects.toMatchObject({
            name: "ValidationException",
        });
        expect(kms.asks.length).toBe(asked);
        await expect(sign({ KeyId: id })).rejects.toMatchObject({ name: "AccessDeniedException" });
    });

    it("refuses a grant token that no grant has", async () => {
        await expect(sign({ GrantTokens: ["nonsense"] })).rejects.toMatchObject({ name: "InvalidGrantTokenException" });
    });
});

it("lists every fault of form at once, and calls a wrong JSON type what it is", async () => {
    const { error } = await kms.call("Sign", { Message: "", SigningAlgorithm: "MD5", MessageType: "RAW" });
    expect(error).toEqual({
        code: "ValidationException",
        message: expect.stringMatching(
            /^3 validation errors detected: Value null at 'keyId' .*; Value 'java.*' at 'message' .*; Value 'MD5' at 'signingAlgorithm' .*$/,
        ) as string,
    });
    for (const input of [{ KeyId: 7 }, [], { KeyId: "x", Message: "%%%" }]) {
        expect((await kms.call("Sign", input)).error?.code).toBe("SerializationException");
    }
});

it("knows no operation that AWS does not, not even one of Object's own", async () => {
    for (const name of ["Frobnicate", "toString", "__proto__"]) {
        expect((await kms.call(name)).error?.code).toBe("UnknownOperationException");
    }
});

it("authorizes what it does not emulate, and then says that it does not", async () => {
    expect((await kms.call("ReplicateKey", { KeyId: rsa.id })).error?.code).toBe("UnsupportedOperationException");
    kms.decide = () => "explicitDeny";
    expect((await kms.call("ReplicateKey", { KeyId: rsa.id })).error?.code).toBe("AccessDeniedException");
});

describe("a policy that locks its caller out", () => {
    const lockedOut = JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: "*" }, Action: "kms:Sign", Resource: "*" }],
    });
    const refusal = {
        name: "MalformedPolicyDocumentException",
        message: "The new key policy will not allow you to update the key policy in the future.",
    };
    beforeEach(() => {
        // As the evaluator would: PutKeyPolicy only under a policy that gives it to the caller.
        kms.decide = ({ action, keyPolicy }) =>
            action === "kms:PutKeyPolicy" && !keyPolicy?.includes(ROLE) ? "implicitDeny" : "allow";
    });

    it("creates no key", async () => {
        const create = (Policy: string): Promise<unknown> =>
            client.send(new CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy }));
        const before = await kms.must("ListKeys");
        await expect(create(lockedOut)).rejects.toMatchObject(refusal);
        expect(await kms.must("ListKeys")).toEqual(before);
        await expect(create(KEY_POLICY)).resolves.toBeDefined();
    });

    it("is not put, and can be with the check bypassed, which the evaluator is told of", async () => {
        const { id } = await kms.createKey("ECC_NIST_P256");
        const put = (bypass: boolean): Promise<unknown> =>
            client.send(
                new PutKeyPolicyCommand({ KeyId: id, Policy: lockedOut, BypassPolicyLockoutSafetyCheck: bypass }),
            );
        await expect(put(false)).rejects.toMatchObject(refusal);
        expect(await kms.must("GetKeyPolicy", { KeyId: id })).toMatchObject({ Policy: KEY_POLICY });
        await put(true);
        expect(await kms.must("GetKeyPolicy", { KeyId: id })).toMatchObject({ Policy: lockedOut });
        expect(
            kms.asks.filter((ask) => ask.action === "kms:PutKeyPolicy" && ask.keyPolicy === KEY_POLICY).at(-1)?.context,
        ).toMatchObject({
            "kms:BypassPolicyLockoutSafetyCheck": "true",
        });
    });
});
