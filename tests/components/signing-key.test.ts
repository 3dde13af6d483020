import { describe, expect, it } from "vitest";
import { capture, json, shape, UNKNOWN } from "../support/graph";
import { fingerprint, mockAws, RSA_SPKI } from "../support/aws-mock";
import { loadNative } from "../support/native";
import type * as Module from "../../components/signing-key";

/** Proves what the component registers. Proves nothing about KMS, or that AWS takes the documents. */

const args = {
    keyName: "release",
    version: 2,
    formats: ["kmod"],
    algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/admin"],
};

function program(overrides: Partial<Module.SigningKeyArgs> = {}) {
    return () => {
        const { SigningKey } = loadNative<typeof Module>("components/signing-key.ts");
        const key = new SigningKey("release-v2", { ...args, ...overrides });
        return {
            keyArn: key.keyArn,
            alias: key.alias,
            signerRoleArn: key.signerRoleArn,
            signerFunction: key.signerFunction,
            spkiBase64: key.spkiBase64,
            spkiSha256: key.spkiSha256,
        };
    };
}

describe("SigningKey", () => {
    it("registers a role with its rights, a key and an alias, and nothing else", async () => {
        const graph = await capture(program());
        expect(shape(graph)).toEqual([
            "aws:iam/role:Role release-v2-signer < release-v2",
            "aws:iam/rolePolicy:RolePolicy release-v2-signer < release-v2",
            "aws:kms/alias:Alias release-v2 < release-v2",
            "aws:kms/key:Key release-v2 < release-v2",
            "countersign:index:SigningKey release-v2 < countersign-dev",
        ]);
    });

    it("makes a key that stays, with its policy in the same call", async () => {
        const graph = await capture(program());
        const { inputs, ...options } = graph.one("aws:kms/key:Key", "release-v2");
        const { policy, ...rest } = inputs;
        expect(rest).toEqual({
            description: "countersign signing key release version 2",
            keyUsage: "SIGN_VERIFY",
            customerMasterKeySpec: "RSA_4096",
            multiRegion: false,
            deletionWindowInDays: 30,
            tags: { "data-class": "key", "countersign:signer": "countersign-dev-release-v2-signer" },
        });
        expect(json(policy)).toMatchObject({ Version: "2012-10-17" });
        expect(options).toMatchObject({
            protect: true,
            retainOnDelete: true,
            ignoreChanges: [],
            dependencies: ["aws:iam/role:Role::release-v2-signer"],
        });
    });

    it("keeps the alias, which never moves", async () => {
        const graph = await capture(program());
        const alias = graph.one("aws:kms/alias:Alias", "release-v2");
        const key = graph.one("aws:kms/key:Key", "release-v2");
        expect(alias).toMatchObject({ protect: true, retainOnDelete: true });
        expect(alias.inputs.name).toBe("alias/countersign-dev-release-v2");
        expect(alias.propertyDependencies).toEqual({ targetKeyId: [`${key.type}::${key.name}`] });
    });

    it("makes a signer that only Lambda assumes, for an hour, under /signing/", async () => {
        const graph = await capture(program());
        const { assumeRolePolicy, ...inputs } = graph.one("aws:iam/role:Role", "release-v2-signer").inputs;
        expect(inputs).toEqual({
            name: "countersign-dev-release-v2-signer",
            path: "/signing/",
            description: "The one role that may sign with key release version 2",
            maxSessionDuration: 3600,
            tags: { "data-class": "key" },
        });
        expect(json(assumeRolePolicy)).toEqual({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "Lambda",
                    Effect: "Allow",
                    Principal: { Service: "lambda.amazonaws.com" },
                    Action: "sts:AssumeRole",
                },
            ],
        });
    });

    it("tells ARN, alias, signer and public key", async () => {
        const { outputs, componentOutputs } = await capture(program());
        expect(outputs).toMatchObject({
            alias: "alias/countersign-dev-release-v2",
            signerRoleArn: "arn:aws:iam::111122223333:role/signing/countersign-dev-release-v2-signer",
            signerFunction: "countersign-dev-release-v2-sign",
            spkiBase64: RSA_SPKI,
            spkiSha256: fingerprint(RSA_SPKI),
        });
        expect(Object.keys(componentOutputs["release-v2"]!).sort()).toEqual([
            "keyArn",
            "signerRoleArn",
            "spkiBase64",
            "spkiSha256",
        ]);
    });

    it("knows every document in a first preview, when no resource has an ARN yet", async () => {
        const graph = await capture(program(), { preview: true, mock: mockAws({ preview: true }) });
        const key = graph.one("aws:kms/key:Key", "release-v2");
        expect(json(key.inputs.policy)).toMatchObject({ Version: "2012-10-17" });
        const rights = graph.one("aws:iam/rolePolicy:RolePolicy", "release-v2-signer");
        expect(rights.inputs.role).toBe("countersign-dev-release-v2-signer");
        expect(json(rights.inputs.policy)).toMatchObject({ Version: "2012-10-17" });
        expect(graph.one("aws:kms/alias:Alias", "release-v2").inputs.targetKeyId).toBe(UNKNOWN);
    });

    it("admits the first algorithm of the spec where none is named", async () => {
        const graph = await capture(program({ algorithm: undefined, spec: "ML_DSA_65" as never, formats: [] }));
        const policy = json(graph.one("aws:kms/key:Key", "release-v2").inputs.policy);
        expect(policy).toMatchObject({
            Statement: expect.arrayContaining([
                expect.objectContaining({
                    Sid: "Signer",
                    Condition: {
                        StringEquals: { "kms:SigningAlgorithm": ["ML_DSA_SHAKE_256"], "kms:MessageType": ["RAW"] },
                    },
                }),
            ]),
        });
    });

    it("names the function that signs, where it is another", async () => {
        const graph = await capture(program({ signerFunction: "countersign-dev-sequencer" }));
        const rights = json(graph.one("aws:iam/rolePolicy:RolePolicy", "release-v2-signer").inputs.policy);
        expect(rights).toMatchObject({
            Statement: [
                {
                    Condition: {
                        ArnNotEquals: {
                            "lambda:SourceFunctionArn":
                                "arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-sequencer",
                        },
                    },
                },
                {},
            ],
        });
    });
});

describe("SigningKey's arguments, refused in the constructor", () => {
    const refused: [string, Partial<Module.SigningKeyArgs>, string][] = [
        ["a key spec that cannot sign", { spec: "SYMMETRIC_DEFAULT" as never, algorithm: undefined }, "BadKeySpec"],
        ["an algorithm of another spec", { algorithm: "ECDSA_SHA_256" }, "BadSigningAlgorithm"],
        [
            "the double-hashed Ed25519",
            { spec: "ECC_NIST_EDWARDS25519" as never, algorithm: "ED25519_PH_SHA_512", formats: [] },
            "BadSigningAlgorithm",
        ],
        ["an unknown format", { formats: ["rpm"] }, "FormatUnknown"],
        [
            "ECDSA over what the log cannot hold",
            { spec: "ECC_NIST_P256" as never, algorithm: "ECDSA_SHA_256", formats: ["raw"] },
            "BadSigningAlgorithm",
        ],
        ["raw beside another format", { formats: ["raw", "kmod"] }, "FormatNotOfKey"],
        ["a pattern in the name", { keyName: "rel*" }, "BadName"],
        ["version 0", { version: 0 }, "BadName"],
        ["a name that makes the role's too long", { keyName: "k".repeat(50) }, "BadName"],
        ["no administrators", { keyAdmins: [] }, "BadConfig"],
        ["an administrator who is not a role", { keyAdmins: ["arn:aws:iam::111122223333:root"] }, "BadConfig"],
        ["a pattern of administrators", { keyAdmins: ["arn:aws:iam::111122223333:role/admin*"] }, "BadConfig"],
        ["a signer as deploy role", { deployRole: "arn:aws:iam::111122223333:role/signing/x" }, "BadConfig"],
    ];

    it.each(refused)("refuses %s", (_what, overrides, code) => {
        const { resolveSigningKeyArgs } = loadNative<typeof Module>("components/signing-key.ts");
        expect(() => resolveSigningKeyArgs({ ...args, namePrefix: "countersign-dev", ...overrides })).toThrow(
            expect.objectContaining({ code }),
        );
    });
});
