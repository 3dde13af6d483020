import { describe, expect, it } from "vitest";
import { dataKeyPolicy } from "../../../components/iam/data-key";
import type { PolicyDocument, Statement } from "../../../components/iam/document";

/** Compares documents with literals that the code did not build. Proves nothing about how AWS's services call KMS. */

const scope = { partition: "aws", accountId: "111122223333", region: "eu-west-1", prefix: "acme-dev" };
const ROOT = "arn:aws:iam::111122223333:root";
const DEPLOYER = "arn:aws:iam::111122223333:role/deployer";
const ADMIN = "arn:aws:iam::111122223333:role/admin";
const CI = "arn:aws:iam::111122223333:role/ci";

function bySid(document: PolicyDocument): Record<string, Statement> {
    return Object.fromEntries(document.Statement.map((statement) => [statement.Sid, statement]));
}

describe("dataKeyPolicy", () => {
    const document = dataKeyPolicy(scope, { deployRole: DEPLOYER, keyAdmins: [ADMIN], submitters: [CI] });
    const statements = bySid(document);

    it("has these statements, and no others", () =>
        expect(document.Statement.map(({ Sid, Effect }) => `${Effect} ${Sid}`)).toEqual([
            "Allow RootRecovery",
            "Allow ReadKey",
            "Allow Admins",
            "Allow Deployer",
            "Allow ThroughServices",
            "Allow TableKeys",
            "Allow TableGrants",
            "Allow Submitters",
            "Allow Logs",
            "Allow EventsToQueues",
            "Allow EventsToTopic",
            "Allow AlarmsToTopic",
            "Allow Trail",
            "Deny DenyPolicyChange",
            "Deny DenyShortDeletion",
            "Deny DenyBypass",
        ]));

    it("delegates no wildcard and no use of the key but through storage", () => {
        const delegated = document.Statement.filter(
            ({ Effect, Principal }) =>
                Effect === "Allow" && JSON.stringify(Principal) === JSON.stringify({ AWS: ROOT }),
        );
        expect(delegated.map(({ Sid }) => Sid)).toEqual(["RootRecovery", "ReadKey", "ThroughServices"]);
        expect(delegated.flatMap(({ Action }) => Action).filter((action) => action.includes("*"))).toEqual([]);
        expect(statements.ThroughServices).toEqual({
            Sid: "ThroughServices",
            Effect: "Allow",
            Principal: { AWS: ROOT },
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: "*",
            Condition: {
                StringEquals: {
                    "kms:ViaService": [
                        "s3.eu-west-1.amazonaws.com",
                        "dynamodb.eu-west-1.amazonaws.com",
                        "sqs.eu-west-1.amazonaws.com",
                    ],
                },
            },
        });
    });

    it("lets the deploy role turn rotation on, beside what it does to every key", () =>
        expect(statements.Deployer!.Action).toEqual([
            "kms:PutKeyPolicy",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateKeyDescription",
            "kms:CreateAlias",
            "kms:EnableKeyRotation",
        ]));

    it("lets DynamoDB, and DynamoDB alone, have a grant from whoever creates the table", () =>
        expect(statements.TableGrants).toEqual({
            Sid: "TableGrants",
            Effect: "Allow",
            Principal: { AWS: DEPLOYER },
            Action: "kms:CreateGrant",
            Resource: "*",
            Condition: {
                StringEquals: { "kms:ViaService": "dynamodb.eu-west-1.amazonaws.com" },
                Bool: { "kms:GrantIsForAWSResource": "true" },
            },
        }));

    it("lets submitters use it for the two buckets they reach", () =>
        expect(statements.Submitters).toEqual({
            Sid: "Submitters",
            Effect: "Allow",
            Principal: { AWS: [CI] },
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: "*",
            Condition: {
                StringEquals: {
                    "kms:ViaService": "s3.eu-west-1.amazonaws.com",
                    "kms:EncryptionContext:aws:s3:arn": [
                        "arn:aws:s3:::acme-dev-uploads-111122223333-eu-west-1",
                        "arn:aws:s3:::acme-dev-results-111122223333-eu-west-1",
                    ],
                },
            },
        }));

    it("leaves the statement out where nobody submits", () =>
        expect(
            bySid(dataKeyPolicy(scope, { deployRole: DEPLOYER, keyAdmins: [ADMIN], submitters: [] })).Submitters,
        ).toBeUndefined());

    it.each([
        [
            "Logs",
            "logs.eu-west-1.amazonaws.com",
            {
                ArnLike: {
                    "kms:EncryptionContext:aws:logs:arn": [
                        "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/acme-dev-*",
                        "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/states/acme-dev-*",
                    ],
                },
            },
        ],
        [
            "EventsToQueues",
            "events.amazonaws.com",
            {
                StringEquals: {
                    "kms:EncryptionContext:aws:sqs:arn": [
                        "arn:aws:sqs:eu-west-1:111122223333:acme-dev-uses",
                        "arn:aws:sqs:eu-west-1:111122223333:acme-dev-uses-dlq",
                    ],
                },
            },
        ],
        [
            "EventsToTopic",
            "events.amazonaws.com",
            {
                StringEquals: {
                    "kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-west-1:111122223333:acme-dev-alarms",
                },
            },
        ],
        [
            "AlarmsToTopic",
            "cloudwatch.amazonaws.com",
            {
                StringEquals: {
                    "kms:EncryptionContext:aws:sns:topicArn": "arn:aws:sns:eu-west-1:111122223333:acme-dev-alarms",
                    "aws:SourceAccount": "111122223333",
                },
                ArnLike: { "aws:SourceArn": "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:acme-dev-*" },
            },
        ],
        [
            "Trail",
            "cloudtrail.amazonaws.com",
            {
                StringEquals: {
                    "aws:SourceArn": "arn:aws:cloudtrail:eu-west-1:111122223333:trail/acme-dev-trail",
                },
            },
        ],
    ])("binds %s to what it encrypts", (sid, service, condition) => {
        expect(statements[sid]).toMatchObject({ Effect: "Allow", Principal: { Service: service }, Resource: "*" });
        expect(statements[sid]!.Condition).toEqual(condition);
    });
});
