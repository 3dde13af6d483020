import * as cloudfront from "@aws-sdk/client-cloudfront";
import * as iam from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import { describe, expect, it } from "vitest";
import { policy, serviceTrust } from "../../support/documents";
import { createFunction, invoke } from "../../support/functions";
import { ACCOUNT, type GatewayStage } from "./stage";

const BUCKET = "gateway-served";

/** What AWS calls on somebody's behalf is judged as that somebody: a function's role, a distribution at its bucket. */
export function functionsSuite(stage: () => GatewayStage): void {
    describe("functions and distributions", () => {
        it("runs a function whose own calls come through the gateway under its role", async () => {
            const { as, administrator, deployer, recordsOf } = stage();
            const client = new iam.IAMClient(as(administrator));
            const byLambda = serviceTrust("lambda.amazonaws.com");
            const { Role } = await client.send(
                new iam.CreateRoleCommand({ RoleName: "gateway-function", AssumeRolePolicyDocument: byLambda }),
            );
            const PolicyDocument = policy({ Effect: "Allow", Action: "kms:ListKeys", Resource: "*" });
            await client.send(
                new iam.PutRolePolicyCommand({ RoleName: "gateway-function", PolicyName: "p", PolicyDocument }),
            );
            const body = `
                const { KMSClient, ListKeysCommand, ListAliasesCommand } = await import("@aws-sdk/client-kms");
                const client = new KMSClient({ maxAttempts: 1 });
                const listed = await client.send(new ListKeysCommand({}));
                const refused = await client.send(new ListAliasesCommand({})).catch((error) => error);
                return { listed: listed.$metadata.requestId, refused: refused.$metadata.requestId, error: refused.name };
            `;
            const functions = new LambdaClient(as(deployer));
            await createFunction(functions, "gateway-function", Role!.Arn!, body);
            const answer = (await invoke(functions, "gateway-function")) as Record<
                "listed" | "refused" | "error",
                string
            >;
            expect(answer.error).toBe("AccessDeniedException");
            const issuer = {
                userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { arn: Role!.Arn! } } },
            };
            expect(await recordsOf(answer.listed)).toMatchObject([{ eventName: "ListKeys", ...issuer }]);
            expect(await recordsOf(answer.refused)).toMatchObject([
                { eventName: "ListAliases", errorCode: "AccessDenied", ...issuer },
            ]);
        });

        it("serves a distribution at a loopback address, as its bucket policy lets it", async () => {
            const { cloud, as, deployer } = stage();
            const objects = new s3.S3Client(as(deployer));
            await objects.send(new s3.CreateBucketCommand({ Bucket: BUCKET }));
            for (const Key of ["text", "large"]) {
                await objects.send(new s3.PutObjectCommand({ Bucket: BUCKET, Key, Body: Key }));
            }
            const client = new cloudfront.CloudFrontClient(as(deployer));
            const { OriginAccessControl } = await client.send(
                new cloudfront.CreateOriginAccessControlCommand({
                    OriginAccessControlConfig: {
                        Name: "gateway",
                        SigningProtocol: "sigv4",
                        SigningBehavior: "always",
                        OriginAccessControlOriginType: "s3",
                    },
                }),
            );
            const origin = {
                Id: "s3",
                DomainName: `${BUCKET}.s3.eu-west-1.amazonaws.com`,
                OriginAccessControlId: OriginAccessControl!.Id!,
                S3OriginConfig: { OriginAccessIdentity: "" },
            };
            const { Distribution } = await client.send(
                new cloudfront.CreateDistributionCommand({
                    DistributionConfig: {
                        CallerReference: "gateway",
                        Comment: "",
                        Enabled: true,
                        Origins: { Quantity: 1, Items: [origin] },
                        DefaultCacheBehavior: {
                            TargetOriginId: "s3",
                            ViewerProtocolPolicy: "allow-all",
                            CachePolicyId: "658327ea-f89d-4fab-a63d-7e88639e58f6",
                        },
                    },
                }),
            );
            const url = await cloud.logUrl(`https://${Distribution!.DomainName!}`);
            expect((await fetch(`${url}/text`)).status).toBe(403);
            const Policy = policy({
                Effect: "Allow",
                Principal: { Service: "cloudfront.amazonaws.com" },
                Action: "s3:GetObject",
                Resource: `arn:aws:s3:::${BUCKET}/text`,
                Condition: { ArnLike: { "aws:SourceArn": `arn:aws:cloudfront::${ACCOUNT}:distribution/*` } },
            });
            await objects.send(new s3.PutBucketPolicyCommand({ Bucket: BUCKET, Policy }));
            expect(await (await fetch(`${url}/text`)).text()).toBe("text");
            expect((await fetch(`${url}/large`)).status).toBe(403);
            expect((await fetch(`${url}/text`, { method: "PUT", body: "x" })).status).toBe(403);
            expect((await fetch(`${cloud.endpoint}/${BUCKET}/text`)).status).toBe(403);
        });
    });
}
