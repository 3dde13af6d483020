// Proves the members of a CloudTrail record that only KMS can fill in. Identity, times and ids are the gateway's.
import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { ACCOUNT, bench, KEY_POLICY } from "./support";

const digest = createHash("sha256").update("message").digest("base64");

it("records a Sign as AWS does: read-only, no digest, no signature", async () => {
    const kms = bench();
    const { arn } = await kms.createKey("RSA_2048");
    const request = {
        KeyId: arn,
        Message: digest,
        MessageType: "DIGEST",
        SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    };
    const { trail, body } = await kms.call("Sign", request);
    expect(trail).toEqual({
        requestParameters: { keyId: arn, messageType: "DIGEST", signingAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256" },
        responseElements: null,
        readOnly: true,
        resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: arn }],
    });
    const text = JSON.stringify(trail);
    expect(text).not.toContain(digest);
    expect(text).not.toContain((body as { Signature: string }).Signature.slice(0, 20));
});

it("records refusals with their code, and a denied caller's parameters not at all", async () => {
    const kms = bench();
    const { id, arn } = await kms.createKey("RSA_2048");
    const request = {
        KeyId: id,
        Message: digest,
        MessageType: "DIGEST",
        SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    };
    const dry = await kms.call("Sign", { ...request, DryRun: true });
    expect(dry.trail).toMatchObject({
        errorCode: "DryRunOperationException",
        requestParameters: { dryRun: true, keyId: id },
    });
    kms.decide = () => "explicitDeny";
    const denied = await kms.call("Sign", request);
    expect(denied.trail).toEqual({
        requestParameters: null,
        responseElements: null,
        readOnly: true,
        resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: arn }],
        errorCode: "AccessDenied",
    });
    expect(denied.error).toEqual({
        code: "AccessDeniedException",
        message:
            `User: arn:aws:sts::${ACCOUNT}:assumed-role/countersign-deployer/test is not authorized to perform: kms:Sign ` +
            `on resource: ${arn} with an explicit deny in a resource-based policy`,
    });
});

it("records changes as not read-only, with policy and tags, and names the key in the answer", async () => {
    const kms = bench();
    const Tags = [{ TagKey: "a", TagValue: "b" }];
    const input = { KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy: KEY_POLICY, Tags };
    const { trail } = await kms.call("CreateKey", input);
    expect(trail).toMatchObject({
        readOnly: false,
        requestParameters: { keySpec: "ECC_NIST_P256", policy: KEY_POLICY, tags: [{ tagKey: "a", tagValue: "b" }] },
        responseElements: { keyMetadata: { keySpec: "ECC_NIST_P256", aWSAccountId: ACCOUNT } },
    });
    const arn = trail.resources[0]!.ARN;
    const put = await kms.call("PutKeyPolicy", { KeyId: arn, Policy: KEY_POLICY, PolicyName: "default" });
    expect(put.trail).toMatchObject({
        readOnly: false,
        responseElements: { keyId: arn },
        requestParameters: { policy: KEY_POLICY },
    });
    const alias = await kms.call("CreateAlias", { AliasName: "alias/a", TargetKeyId: arn });
    expect(alias.trail.resources.map(({ type }) => type)).toEqual(["AWS::KMS::Alias", "AWS::KMS::Key"]);
});

it("keeps encryption contexts as they are and plaintexts out", async () => {
    const kms = bench();
    const { id } = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const { trail } = await kms.call("Encrypt", {
        KeyId: id,
        Plaintext: digest,
        EncryptionContext: { "Aws:Table": "T" },
    });
    expect(trail.requestParameters).toEqual({ keyId: id, encryptionContext: { "Aws:Table": "T" } });
});

it("answers the last successful use under the ids of its record", async () => {
    const kms = bench();
    const { id, arn } = await kms.createKey("ECC_NIST_P256");
    expect(await kms.must("GetKeyLastUsage", { KeyId: id })).toMatchObject({ KeyId: arn, KeyLastUsage: {} });
    const authorize = async (): Promise<never> => ({ allowed: true, decision: "allow", caller: kms.caller }) as never;
    const request = { region: "eu-west-1", accountId: ACCOUNT, authorize, requestId: "r-7", eventId: "e-7" };
    const input = { KeyId: id, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" };
    await kms.kms.handle({ ...request, operation: "Sign", input });
    await kms.kms.handle({
        ...request,
        operation: "Sign",
        input: { ...input, DryRun: true },
        requestId: "r-8",
        eventId: "e-8",
    });
    expect(await kms.must("GetKeyLastUsage", { KeyId: id })).toMatchObject({
        KeyLastUsage: {
            Operation: "Sign",
            KmsRequestId: "r-7",
            CloudTrailEventId: "e-7",
            Timestamp: kms.now.getTime() / 1000,
        },
    });
});

it("answers what is not authenticated as the evaluator says, without a use", async () => {
    const kms = bench();
    const { id } = await kms.createKey("ECC_NIST_P256");
    const error = {
        code: "UnrecognizedClientException",
        message: "The security token included in the request is invalid.",
    };
    const authorize = async (): Promise<never> =>
        ({ allowed: false, decision: "implicitDeny", caller: kms.caller, error }) as never;
    const response = await kms.kms.handle({
        operation: "DescribeKey",
        input: { KeyId: id },
        region: "eu-west-1",
        accountId: ACCOUNT,
        authorize,
    });
    expect(response).toMatchObject({ status: 400, error });
});

it("takes a failure of its own for one, not for a refusal", async () => {
    const kms = bench();
    const { id } = await kms.createKey("ECC_NIST_P256");
    kms.decide = () => {
        throw new Error("evaluator gone");
    };
    expect(await kms.call("DescribeKey", { KeyId: id })).toMatchObject({
        status: 500,
        error: { code: "KMSInternalException" },
    });
});
