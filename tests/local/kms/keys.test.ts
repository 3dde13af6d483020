// Proves what keys, aliases, tags, states and rotation answer. Who may ask is each test's own decision, not a policy's.
import { describe, expect, it } from "vitest";
import { defaultPolicy } from "../../../local/gateway/kms/policy/document";
import { ACCOUNT, bench, KEY_POLICY, REGION, sessionOf } from "./support";

const metadata = (body: unknown): Record<string, unknown> =>
    (body as { KeyMetadata: Record<string, unknown> }).KeyMetadata;

describe("CreateKey", () => {
    it.each([
        ["RSA_3072", "SIGN_VERIFY", "SigningAlgorithms", 6],
        ["RSA_2048", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", 2],
        ["ECC_NIST_EDWARDS25519", "SIGN_VERIFY", "SigningAlgorithms", 2],
        ["ECC_NIST_P256", "KEY_AGREEMENT", "KeyAgreementAlgorithms", 1],
        ["ML_DSA_87", "SIGN_VERIFY", "SigningAlgorithms", 1],
        ["HMAC_384", "GENERATE_VERIFY_MAC", "MacAlgorithms", 1],
        ["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", "EncryptionAlgorithms", 1],
    ])("makes %s for %s and lists its algorithms", async (KeySpec, KeyUsage, member, count) => {
        const kms = bench();
        const made = metadata(await kms.must("CreateKey", { KeySpec, KeyUsage, Description: "d" }));
        expect(made).toMatchObject({
            KeySpec,
            KeyUsage,
            KeyState: "Enabled",
            Enabled: true,
            Origin: "AWS_KMS",
            AWSAccountId: ACCOUNT,
        });
        expect(made[member]).toHaveLength(count);
        expect(metadata(await kms.must("DescribeKey", { KeyId: made.Arn }))).toEqual(made);
    });

    it.each([
        [{ KeySpec: "RSA_4096" }, "ValidationException"],
        [{ KeySpec: "ECC_NIST_P256", KeyUsage: "ENCRYPT_DECRYPT" }, "ValidationException"],
        [{ KeySpec: "ML_DSA_65", KeyUsage: "KEY_AGREEMENT" }, "ValidationException"],
        [{ KeySpec: "SM2", KeyUsage: "SIGN_VERIFY" }, "UnsupportedOperationException"],
        [{ KeySpec: "RSA_1024", KeyUsage: "SIGN_VERIFY" }, "ValidationException"],
        [{ KeySpec: "HMAC_256", CustomerMasterKeySpec: "HMAC_256" }, "ValidationException"],
        [{ Origin: "AWS_CLOUDHSM" }, "ValidationException"],
        [{ Origin: "AWS_CLOUDHSM", CustomKeyStoreId: "cks-1" }, "CustomKeyStoreNotFoundException"],
        [
            { Origin: "EXTERNAL_KEY_STORE", KeySpec: "RSA_4096", KeyUsage: "SIGN_VERIFY" },
            "UnsupportedOperationException",
        ],
        [{ CustomKeyStoreId: "cks-1" }, "ValidationException"],
        [{ XksKeyId: "x" }, "ValidationException"],
        [{ Tags: [{ TagKey: "aws:x", TagValue: "" }] }, "TagException"],
        [
            {
                Tags: [
                    { TagKey: "a", TagValue: "1" },
                    { TagKey: "a", TagValue: "2" },
                ],
            },
            "TagException",
        ],
        [{ Policy: "{" }, "MalformedPolicyDocumentException"],
        [{ Policy: " ".repeat(40_000) }, "LimitExceededException"],
        [{ Policy: "\u4e00" }, "ValidationException"],
    ])("refuses %j by name, and makes no key", async (input, code) => {
        const kms = bench();
        expect((await kms.call("CreateKey", input)).error?.code).toBe(code);
        expect(await kms.must("ListKeys")).toMatchObject({ Keys: [] });
    });

    it("asks by identity for CreateKey, then TagResource, then the lockout question, and stops at a no", async () => {
        const kms = bench();
        const input = {
            KeySpec: "ECC_NIST_P256",
            KeyUsage: "SIGN_VERIFY",
            Policy: KEY_POLICY,
            Tags: [{ TagKey: "a", TagValue: "b" }],
        };
        await kms.must("CreateKey", input);
        expect(kms.asks.map(({ action, resource, keyPolicy }) => [action, resource === "*", keyPolicy])).toEqual([
            ["kms:CreateKey", true, undefined],
            ["kms:TagResource", false, defaultPolicy("aws", ACCOUNT)],
            ["kms:PutKeyPolicy", false, KEY_POLICY],
        ]);
        expect(kms.asks[0]!.context).toEqual({
            "kms:CallerAccount": ACCOUNT,
            "kms:KeySpec": "ECC_NIST_P256",
            "kms:KeyUsage": "SIGN_VERIFY",
            "kms:KeyOrigin": "AWS_KMS",
            "kms:MultiRegion": "false",
            "kms:BypassPolicyLockoutSafetyCheck": "false",
            "aws:RequestTag/a": "b",
            "aws:TagKeys": ["a"],
        });
        for (const denied of ["kms:CreateKey", "kms:TagResource"]) {
            kms.decide = ({ action }) => (action === denied ? "explicitDeny" : "allow");
            expect((await kms.call("CreateKey", input)).error?.code).toBe("AccessDeniedException");
        }
        kms.decide = () => "allow";
        expect(await kms.must("ListKeys")).toMatchObject({ Keys: [{}] });
    });

    it("lets imported keys wait and multi-Region keys say what they are", async () => {
        const kms = bench();
        const imported = metadata(
            await kms.must("CreateKey", { Origin: "EXTERNAL", KeySpec: "RSA_2048", KeyUsage: "SIGN_VERIFY" }),
        );
        expect(imported).toMatchObject({ KeyState: "PendingImport", Enabled: false });
        const request = { KeyId: imported.Arn, Message: "AA==", SigningAlgorithm: "RSASSA_PSS_SHA_256" };
        expect((await kms.call("Sign", request)).error?.code).toBe("KMSInvalidStateException");
        const primary = metadata(await kms.must("CreateKey", { MultiRegion: true }));
        expect(primary).toMatchObject({
            MultiRegion: true,
            MultiRegionConfiguration: { MultiRegionKeyType: "PRIMARY" },
        });
        await kms.must("DescribeKey", { KeyId: primary.KeyId });
        expect(kms.asks.at(-1)!.context).toMatchObject({
            "kms:MultiRegion": "true",
            "kms:MultiRegionKeyType": "PRIMARY",
        });
    });

    it("gives away no private half, whatever is printed", async () => {
        const kms = bench();
        const { id } = await kms.createKey("ECC_NIST_P256");
        const texts = [
            await kms.must("DescribeKey", { KeyId: id }),
            await kms.must("GetPublicKey", { KeyId: id }),
            kms.kms,
        ];
        expect(JSON.stringify(texts)).not.toMatch(/private/i);
        expect(
            (await kms.call("GetPublicKey", { KeyId: (await kms.createKey("HMAC_256", "GENERATE_VERIFY_MAC")).id }))
                .error?.code,
        ).toBe("UnsupportedOperationException");
    });
});

describe("aliases", () => {
    it("name a key for reading and signing, and need rights on alias and key", async () => {
        const kms = bench();
        const { id, arn } = await kms.createKey("ECC_NIST_P256");
        kms.asks.length = 0;
        await kms.must("CreateAlias", { AliasName: "alias/files-v1", TargetKeyId: arn });
        expect(kms.asks.map((ask) => [ask.action, ask.resource])).toEqual([
            ["kms:CreateAlias", `arn:aws:kms:${REGION}:${ACCOUNT}:alias/files-v1`],
            ["kms:CreateAlias", arn],
        ]);
        await kms.must("DescribeKey", { KeyId: "alias/files-v1" });
        expect(kms.asks.at(-1)!.context).toMatchObject({
            "kms:RequestAlias": "alias/files-v1",
            "kms:ResourceAliases": ["alias/files-v1"],
        });
        await kms.must("DescribeKey", { KeyId: arn });
        expect(kms.asks.at(-1)!.context).not.toHaveProperty("kms:RequestAlias");
        const listed = await kms.must("ListAliases", { KeyId: id });
        expect(listed).toMatchObject({ Aliases: [{ AliasName: "alias/files-v1", TargetKeyId: id }], Truncated: false });
    });

    it("move to another kind of signing key, but not to another usage, and asks about both keys", async () => {
        const kms = bench();
        const [from, to] = [await kms.createKey("RSA_2048"), await kms.createKey("ECC_NIST_EDWARDS25519")];
        const mac = await kms.createKey("HMAC_256", "GENERATE_VERIFY_MAC");
        await kms.must("CreateAlias", { AliasName: "alias/a", TargetKeyId: from.id });
        kms.asks.length = 0;
        await kms.must("UpdateAlias", { AliasName: "alias/a", TargetKeyId: to.id });
        expect(kms.asks.map((ask) => ask.resource.split(":").at(-1))).toEqual([
            "alias/a",
            `key/${from.id}`,
            `key/${to.id}`,
        ]);
        expect(metadata(await kms.must("DescribeKey", { KeyId: "alias/a" })).KeyId).toBe(to.id);
        const wrong = await kms.call("UpdateAlias", { AliasName: "alias/a", TargetKeyId: mac.id });
        expect(wrong.error?.code).toBe("ValidationException");
        await kms.must("DeleteAlias", { AliasName: "alias/a" });
        expect((await kms.call("DescribeKey", { KeyId: "alias/a" })).error?.code).toBe("NotFoundException");
    });

    it.each([
        ["files", "ValidationException"],
        ["alias/aws/files", "NotAuthorizedException"],
        ["alias/x:y", "InvalidAliasNameException"],
        ["alias/taken", "AlreadyExistsException"],
    ])("refuses the name %s", async (AliasName, code) => {
        const kms = bench();
        const { id } = await kms.createKey("ECC_NIST_P256");
        await kms.must("CreateAlias", { AliasName: "alias/taken", TargetKeyId: id });
        expect((await kms.call("CreateAlias", { AliasName, TargetKeyId: id })).error?.code).toBe(code);
    });

    it("belong to an account: another one has its own of the same name", async () => {
        const kms = bench();
        const { id } = await kms.createKey("ECC_NIST_P256");
        await kms.must("CreateAlias", { AliasName: "alias/a", TargetKeyId: id });
        kms.caller = sessionOf("other", "AROAOTHER", "444455556666");
        expect((await kms.call("DescribeKey", { KeyId: "alias/a" })).error?.code).toBe("NotFoundException");
        expect(await kms.must("ListAliases")).toMatchObject({ Aliases: [] });
        expect((await kms.call("DescribeKey", { KeyId: id })).error?.code).toBe("NotFoundException");
    });
});

it("tags, untags and lists, and shows tags to the evaluator", async () => {
    const kms = bench();
    const { id } = await kms.createKey("ECC_NIST_P256");
    await kms.must("TagResource", {
        KeyId: id,
        Tags: [
            { TagKey: "countersign:signer", TagValue: "r" },
            { TagKey: "b", TagValue: "" },
        ],
    });
    await kms.must("UntagResource", { KeyId: id, TagKeys: ["b"] });
    expect(await kms.must("ListResourceTags", { KeyId: id })).toEqual({
        Tags: [{ TagKey: "countersign:signer", TagValue: "r" }],
        Truncated: false,
    });
    expect(kms.asks.at(-1)!.context).toMatchObject({ "aws:ResourceTag/countersign:signer": "r" });
    const many = Array.from({ length: 50 }, (_, i) => ({ TagKey: `t${i}`, TagValue: "" }));
    expect((await kms.call("TagResource", { KeyId: id, Tags: many })).error?.code).toBe("TagException");
});

describe("states", () => {
    it("goes to pending deletion and back to disabled, and is gone after the window", async () => {
        const kms = bench();
        const { id, arn } = await kms.createKey("ECC_NIST_P256");
        await kms.must("CreateAlias", { AliasName: "alias/a", TargetKeyId: id });
        expect((await kms.call("CancelKeyDeletion", { KeyId: id })).error?.code).toBe("KMSInvalidStateException");
        for (const days of [6, 31]) {
            const refused = await kms.call("ScheduleKeyDeletion", { KeyId: id, PendingWindowInDays: days });
            expect(refused.error?.code).toBe("ValidationException");
        }
        await kms.must("ScheduleKeyDeletion", { KeyId: id, PendingWindowInDays: 7 });
        expect(kms.asks.at(-1)!.context).toMatchObject({
            "kms:ScheduleKeyDeletionPendingWindowInDays": "7",
            "kms:TrailingDaysWithoutKeyUsage": "0",
        });
        for (const [name, more] of [
            ["EnableKey", {}],
            ["DisableKey", {}],
            ["GetPublicKey", {}],
            ["ScheduleKeyDeletion", {}],
            ["UpdateKeyDescription", { Description: "" }],
            ["TagResource", { Tags: [] }],
        ] as const) {
            expect((await kms.call(name, { KeyId: id, ...more })).error?.code, name).toBe("KMSInvalidStateException");
        }
        await kms.must("CancelKeyDeletion", { KeyId: id });
        expect(metadata(await kms.must("DescribeKey", { KeyId: id }))).toMatchObject({ KeyState: "Disabled" });
        await kms.must("EnableKey", { KeyId: id });

        await kms.must("ScheduleKeyDeletion", { KeyId: id });
        kms.now = new Date(kms.now.getTime() + 30 * 86_400_000 - 1);
        expect(metadata(await kms.must("DescribeKey", { KeyId: id }))).toMatchObject({ KeyState: "PendingDeletion" });
        kms.now = new Date(kms.now.getTime() + 1);
        expect((await kms.call("DescribeKey", { KeyId: arn })).error?.code).toBe("NotFoundException");
        expect(await kms.must("ListAliases")).toMatchObject({ Aliases: [] });
    });

    it("lets a disabled key be read but not named by an alias in its place", async () => {
        const kms = bench();
        const { id } = await kms.createKey("ECC_NIST_P256");
        await kms.must("DisableKey", { KeyId: id });
        await kms.must("GetPublicKey", { KeyId: id });
        await kms.must("UpdateKeyDescription", { KeyId: id, Description: "frozen" });
        expect(metadata(await kms.must("DescribeKey", { KeyId: id }))).toMatchObject({
            Description: "frozen",
            Enabled: false,
        });
        await kms.must("CreateAlias", { AliasName: "alias/a", TargetKeyId: id });
        expect((await kms.call("DisableKey", { KeyId: "alias/a" })).error?.code).toBe("NotFoundException");
    });
});

it("rotates symmetric keys only", async () => {
    const kms = bench();
    const data = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const signing = await kms.createKey("RSA_2048");
    expect(await kms.must("GetKeyRotationStatus", { KeyId: data.id })).toMatchObject({ KeyRotationEnabled: false });
    await kms.must("EnableKeyRotation", { KeyId: data.id });
    expect(await kms.must("GetKeyRotationStatus", { KeyId: data.id })).toMatchObject({
        KeyRotationEnabled: true,
        RotationPeriodInDays: 365,
    });
    await kms.must("DisableKeyRotation", { KeyId: data.id });
    expect(await kms.must("GetKeyRotationStatus", { KeyId: data.id })).toMatchObject({ KeyRotationEnabled: false });
    for (const name of ["EnableKeyRotation", "DisableKeyRotation", "GetKeyRotationStatus"]) {
        expect((await kms.call(name, { KeyId: signing.id })).error?.code).toBe("UnsupportedOperationException");
    }
});

it("pages by opaque markers", async () => {
    const kms = bench();
    for (let i = 0; i < 3; i++) await kms.createKey("ECC_NIST_P256");
    const first = (await kms.must("ListKeys", { Limit: 2 })) as unknown as { Keys: unknown[]; NextMarker: string };
    const rest = (await kms.must("ListKeys", { Limit: 2, Marker: first.NextMarker })) as unknown as { Keys: unknown[] };
    expect([first.Keys.length, rest.Keys.length, rest]).toEqual([2, 1, expect.objectContaining({ Truncated: false })]);
    expect((await kms.call("ListKeys", { Marker: "nonsense" })).error?.code).toBe("InvalidMarkerException");
});
