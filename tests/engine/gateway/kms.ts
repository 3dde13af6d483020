import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, it } from "vitest";
import type { Credentials } from "../../../local/cloud";
import { policy, trust } from "../../support/documents";
import { ACCOUNT, type GatewayStage, refusalOf } from "./stage";

/** A key is used by whom its policy names, as they are now, and each answer is recorded. */
export function kmsSuite(stage: () => GatewayStage): void {
    describe("KMS", () => {
        let keyArn: string;
        const input = {
            Message: Buffer.alloc(32, 7),
            MessageType: "DIGEST",
            SigningAlgorithm: "ECDSA_SHA_256",
        } as const;
        const sign = (credentials: Credentials) =>
            new kms.KMSClient(stage().as(credentials)).send(new kms.SignCommand({ ...input, KeyId: keyArn }));

        beforeAll(async () => {
            const { cloud, as, deployer } = stage();
            const { deployer: owner, administrator: admin, submitter: signer } = cloud.roles;
            const Policy = policy(
                {
                    Sid: "Admins",
                    Effect: "Allow",
                    Principal: { AWS: [owner, admin] },
                    Action: ["kms:PutKeyPolicy", "kms:DescribeKey"],
                    Resource: "*",
                },
                { Sid: "Signer", Effect: "Allow", Principal: { AWS: signer }, Action: "kms:Sign", Resource: "*" },
                {
                    Sid: "DenySignOthers",
                    Effect: "Deny",
                    Principal: "*",
                    Action: "kms:Sign",
                    Resource: "*",
                    Condition: { StringNotEquals: { "aws:PrincipalArn": signer } },
                },
            );
            const { KeyMetadata } = await new kms.KMSClient(as(deployer)).send(
                new kms.CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy }),
            );
            keyArn = KeyMetadata!.Arn!;
        });

        it("signs for the one role that the key policy names, and records it", async () => {
            const { cloud, submitter, recordsOf } = stage();
            const { Signature, $metadata } = await sign(submitter);
            expect(Signature!.length).toBeGreaterThan(60);
            expect(await cloud.control.decision($metadata.requestId!)).toEqual({
                decision: "allow",
                action: "kms:Sign",
                resource: keyArn,
                principal: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-submitter/operator`,
                statement: { sid: "Signer", effect: "Allow", policy: "key policy" },
            });
            const records = await recordsOf($metadata.requestId);
            expect(records).toHaveLength(1);
            expect(records[0]).toMatchObject({
                eventVersion: "1.11",
                userIdentity: {
                    type: "AssumedRole",
                    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-submitter/operator`,
                    sessionContext: {
                        sessionIssuer: { type: "Role", arn: cloud.roles.submitter, userName: "countersign-submitter" },
                    },
                },
                eventSource: "kms.amazonaws.com",
                eventName: "Sign",
                requestParameters: { keyId: keyArn, messageType: "DIGEST", signingAlgorithm: "ECDSA_SHA_256" },
                responseElements: null,
                readOnly: true,
                resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: keyArn }],
                managementEvent: true,
                recipientAccountId: ACCOUNT,
                eventCategory: "Management",
            });
            expect(JSON.stringify(records)).not.toContain(Buffer.alloc(32, 7).toString("base64"));
            expect(records[0]).not.toHaveProperty("errorCode");
        });

        it.each<[string, (stage: GatewayStage) => Credentials | Promise<Credentials>]>([
            ["the administrator", ({ administrator }) => administrator],
            ["the deployer", ({ deployer }) => deployer],
            ["a role with kms:* of its own", ({ cloud }) => cloud.assumeRole(cloud.roles.kmsEverything)],
            ["the root user", ({ cloud }) => cloud.root],
            ["another account", ({ cloud }) => cloud.otherAccount],
        ])("refuses %s by the explicit deny", async (_name, credentials) => {
            const { cloud, recordsOf } = stage();
            const { name, message, $metadata } = await refusalOf(sign(await credentials(stage())));
            expect(name).toBe("AccessDeniedException");
            expect(message).toMatch(
                new RegExp(
                    `is not authorized to perform: kms:Sign on resource: ${keyArn} with an explicit deny in a resource-based policy$`,
                ),
            );
            expect(await cloud.control.decision($metadata.requestId!)).toMatchObject({
                decision: "explicitDeny",
                statement: { sid: "DenySignOthers", effect: "Deny", policy: "key policy" },
            });
            expect(await recordsOf($metadata.requestId)).toMatchObject([
                { errorCode: "AccessDenied", eventName: "Sign" },
            ]);
        });

        it("does not authenticate a wrong secret, whatever it asks for", async () => {
            const { cloud, as, recordsOf } = stage();
            const wrong = { ...cloud.operator, secretAccessKey: "wrong" };
            const { name, $metadata } = await refusalOf(
                new kms.KMSClient(as(wrong)).send(new kms.DescribeKeyCommand({ KeyId: "nonsense" })),
            );
            expect(name).toBe("InvalidSignatureException");
            expect(await recordsOf($metadata.requestId)).toMatchObject([
                { userIdentity: { type: "Unknown", accessKeyId: wrong.accessKeyId } },
            ]);
        });

        it("does not sign for a role that was deleted and made again", async () => {
            const { cloud, as, administrator } = stage();
            const client = new iam.IAMClient(as(administrator));
            const operator = `arn:aws:iam::${ACCOUNT}:user/operator`;
            const make = () =>
                client.send(
                    new iam.CreateRoleCommand({
                        RoleName: "reborn",
                        AssumeRolePolicyDocument: trust({ AWS: operator }),
                    }),
                );
            const arn = (await make()).Role!.Arn!;
            await client.send(
                new iam.PutUserPolicyCommand({
                    UserName: "operator",
                    PolicyName: "reborn",
                    PolicyDocument: policy({ Effect: "Allow", Action: "sts:AssumeRole", Resource: arn }),
                }),
            );
            const admin = cloud.roles.administrator;
            const Policy = policy(
                { Effect: "Allow", Principal: { AWS: admin }, Action: "kms:PutKeyPolicy", Resource: "*" },
                { Effect: "Allow", Principal: { AWS: arn }, Action: "kms:Sign", Resource: "*" },
            );
            const { KeyMetadata } = await new kms.KMSClient(as(administrator)).send(
                new kms.CreateKeyCommand({ KeySpec: "ECC_NIST_P256", KeyUsage: "SIGN_VERIFY", Policy }),
            );
            const use = async () =>
                new kms.KMSClient(as(await cloud.assumeRole(arn))).send(
                    new kms.SignCommand({ ...input, KeyId: KeyMetadata!.Arn! }),
                );
            await use();
            await client.send(new iam.DeleteRoleCommand({ RoleName: "reborn" }));
            await make();
            await expect(use()).rejects.toMatchObject({ name: "AccessDeniedException" });
        });
    });
}
