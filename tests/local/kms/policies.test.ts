// Proves which policy the evaluator is asked about and what is refused before. The decisions are the tests' own.
import { describe, expect, it } from "vitest";
import { ACCOUNT, bench, KEY_POLICY, ROLE, sessionOf } from "./support";

const SIGNER = `arn:aws:iam::${ACCOUNT}:role/signing/files-v1-signer`;
const policy = (...Statement: object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (AWS: unknown, Action = "kms:Sign"): object => ({
    Effect: "Allow",
    Principal: { AWS },
    Action,
    Resource: "*",
});

describe("documents", () => {
    it.each([
        ["not JSON", "{"],
        ["an array", "[]"],
        ["no statement", policy()],
        ["an unknown member", JSON.stringify({ Statement: [allow("*")], Extra: 1 })],
        ["a version of its own", JSON.stringify({ Version: "2020-01-01", Statement: [allow("*")] })],
        ["no effect", policy({ Principal: "*", Action: "kms:*", Resource: "*" })],
        ["no principal", policy({ Effect: "Allow", Action: "kms:*", Resource: "*" })],
        [
            "two actions",
            policy({ Effect: "Allow", Principal: "*", Action: "kms:*", NotAction: "kms:Sign", Resource: "*" }),
        ],
    ])("with %s are malformed", async (_, Policy) => {
        const kms = bench();
        const { id } = await kms.createKey("ECC_NIST_P256");
        expect((await kms.call("PutKeyPolicy", { KeyId: id, Policy })).error?.code).toBe(
            "MalformedPolicyDocumentException",
        );
        expect(await kms.must("GetKeyPolicy", { KeyId: id })).toEqual({ Policy: KEY_POLICY, PolicyName: "default" });
    });

    it("that the gateway's parser refuses are refused with its reason", async () => {
        const kms = bench({
            policyFault: (text) => (text.includes("${") ? "variables are not supported here" : undefined),
        });
        const Policy = policy(allow("*"), { ...allow("*"), Resource: "${aws:username}" });
        expect((await kms.call("CreateKey", { Policy })).error).toEqual({
            code: "MalformedPolicyDocumentException",
            message: "variables are not supported here",
        });
    });

    it("are stored as they are, and evaluated without statements that do nothing", async () => {
        const kms = bench();
        const idle = { Effect: "Allow", Principal: { AWS: "*" } };
        const Policy = policy(allow(ROLE, "kms:*"), idle, { ...idle, Action: "kms:Sign" });
        const { id } = await kms.createKey("ECC_NIST_P256");
        await kms.must("PutKeyPolicy", { KeyId: id, Policy });
        expect(await kms.must("GetKeyPolicy", { KeyId: id })).toMatchObject({ Policy });
        expect(kms.asks.at(-1)!.keyPolicy).toBe(policy(allow(ROLE, "kms:*")));
    });

    it("default to the account root's, the only name is default", async () => {
        const kms = bench();
        const body = (await kms.must("CreateKey", {})) as unknown as { KeyMetadata: { KeyId: string } };
        const KeyId = body.KeyMetadata.KeyId;
        const { Policy } = (await kms.must("GetKeyPolicy", { KeyId })) as unknown as { Policy: string };
        expect(JSON.parse(Policy)).toMatchObject({
            Statement: [{ Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*" }],
        });
        expect(await kms.must("ListKeyPolicies", { KeyId })).toMatchObject({ PolicyNames: ["default"] });
        expect((await kms.call("GetKeyPolicy", { KeyId, PolicyName: "other" })).error?.code).toBe("NotFoundException");
        expect((await kms.call("PutKeyPolicy", { KeyId, PolicyName: "other", Policy })).error?.code).toBe(
            "NotFoundException",
        );
    });
});

describe("principals", () => {
    function world(): { ids: Map<string, string>; kms: ReturnType<typeof bench> } {
        const ids = new Map([
            [ROLE, "AROADEPLOYER"],
            [SIGNER, "AROASIGNER1"],
        ]);
        return { ids, kms: bench({ principalId: async (arn) => ids.get(arn) }) };
    }

    it.each([
        [SIGNER, undefined],
        ["*", undefined],
        [ACCOUNT, undefined],
        [`arn:aws:iam::${ACCOUNT}:root`, undefined],
        [[ROLE, SIGNER], undefined],
        [`arn:aws:iam::${ACCOUNT}:role/signing/none`, "MalformedPolicyDocumentException"],
        [[ROLE, `arn:aws:iam::${ACCOUNT}:role/none`], "MalformedPolicyDocumentException"],
        ["AROASIGNER1", "MalformedPolicyDocumentException"],
        [`arn:aws:iam::${ACCOUNT}:role/signing/*`, "MalformedPolicyDocumentException"],
    ])("%j: refused with %s", async (AWS, code) => {
        const { kms } = world();
        const { id } = await kms.createKey("ECC_NIST_P256");
        expect((await kms.call("PutKeyPolicy", { KeyId: id, Policy: policy(allow(AWS)) })).error?.code).toBe(code);
    });

    it("are bound by id: a role made again under the name of the signer is not the signer", async () => {
        const { ids, kms } = world();
        const { id } = await kms.createKey("ECC_NIST_P256");
        const Policy = policy(allow(ROLE, "kms:*"), allow(SIGNER));
        await kms.must("PutKeyPolicy", { KeyId: id, Policy });
        const request = { KeyId: id, MessageType: "RAW", SigningAlgorithm: "ECDSA_SHA_256", Message: "AAAA" };
        kms.decide = ({ keyPolicy }) => (keyPolicy?.includes(kms.caller.principalArn) ? "allow" : "implicitDeny");

        kms.caller = sessionOf("signing/files-v1-signer", "AROASIGNER1");
        expect((await kms.call("Sign", request)).status).toBe(200);

        ids.set(SIGNER, "AROASIGNER2");
        kms.caller = sessionOf("signing/files-v1-signer", "AROASIGNER2");
        expect((await kms.call("Sign", request)).error?.code).toBe("AccessDeniedException");
        expect(kms.asks.at(-1)!.keyPolicy).toBe(policy(allow(ROLE, "kms:*"), allow("AROASIGNER1")));

        kms.caller = sessionOf("countersign-deployer", "AROADEPLOYER");
        expect(await kms.must("GetKeyPolicy", { KeyId: id })).toMatchObject({
            Policy: policy(allow(ROLE, "kms:*"), allow("AROASIGNER1")),
        });
        await kms.must("PutKeyPolicy", { KeyId: id, Policy });
        kms.caller = sessionOf("signing/files-v1-signer", "AROASIGNER2");
        expect((await kms.call("Sign", request)).status).toBe(200);
    });
});
