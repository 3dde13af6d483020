import { describe, expect, it } from "vitest";
import { parsePolicy, type PolicyKind } from "../../../../lib/iam";
import { ACCOUNT, type Json } from "../canonical";
import { allow, deny, maySign, OTHER_ACCOUNT, role } from "./ask";

/** Documents as competent people write them, which must not be complained about, and numbers that AWS may write otherwise, which must. */

const BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket";
const trust = (more: Json): Json => ({ Effect: "Allow", Action: "sts:AssumeRole", ...more });
const own = (more: Json): Json => ({ Effect: "Allow", Action: "s3:GetObject", Resource: `${BUCKET}/*`, ...more });
const lambda = { Principal: { Service: "lambda.amazonaws.com" } };

describe.each<[string, PolicyKind, Json | Json[]]>([
    ["empty Sids, as older tools write them", "trust", [trust({ ...lambda, Sid: "" }), trust({ ...lambda, Sid: "" })]],
    ["one statement that is no list", "trust", trust(lambda)],
    ["an empty Condition", "trust", trust({ ...lambda, Condition: {} })],
    ["services", "trust", trust({ Principal: { Service: ["lambda.amazonaws.com", "edgelambda.amazonaws.com"] } })],
    ["a service of a region", "trust", trust({ Principal: { Service: "states.eu-west-1.amazonaws.com" } })],
    ["a service of China", "trust", trust({ Principal: { Service: "ec2.amazonaws.com.cn" } })],
    ["an account and its root user", "trust", trust({ Principal: { AWS: [ACCOUNT, `arn:aws:iam::${ACCOUNT}:root`] } })],
    ["a role of GovCloud", "trust", trust({ Principal: { AWS: `arn:aws-us-gov:iam::${ACCOUNT}:role/x` } })],
    ["a role that was deleted", "trust", trust({ Principal: { AWS: "AROAEXAMPLEEXAMPLE12" } })],
    ["a session", "trust", trust({ Principal: { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/x/me@example.com` } })],
    [
        "SAML",
        "trust",
        trust({
            Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/idp` },
            Action: ["sts:AssumeRoleWithSAML", "sts:TagSession"],
            Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
        }),
    ],
    [
        "Cognito",
        "trust",
        trust({
            Principal: { Federated: "cognito-identity.amazonaws.com" },
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: {
                StringEquals: { "cognito-identity.amazonaws.com:aud": "us-east-1:1" },
                "ForAnyValue:StringLike": { "cognito-identity.amazonaws.com:amr": "authenticated" },
            },
        }),
    ],
    [
        "several factors, as JSON's own values",
        "trust",
        trust({
            Principal: { AWS: OTHER_ACCOUNT },
            Condition: {
                Bool: { "aws:MultiFactorAuthPresent": true },
                NumericLessThan: { "aws:MultiFactorAuthAge": 3600 },
                StringEquals: { "sts:ExternalId": "7f3c" },
            },
        }),
    ],
    [
        "a source",
        "trust",
        trust({
            ...lambda,
            Condition: {
                StringEquals: { "aws:SourceAccount": ACCOUNT },
                ArnLike: { "aws:SourceArn": `arn:aws:lambda:*:${ACCOUNT}:function:x` },
            },
        }),
    ],
    [
        "an account's number without quotes",
        "trust",
        trust({ ...lambda, Condition: { StringEquals: { "aws:SourceAccount": 111122223333 } } }),
    ],
    ["a variable in a Resource", "identity", own({ Resource: `${BUCKET}/\${aws:username}/*` })],
    ["a variable with a default", "identity", own({ Resource: `${BUCKET}/\${aws:PrincipalTag/team, 'none'}/*` })],
    [
        "leading keys",
        "identity",
        own({
            Action: ["dynamodb:GetItem", "dynamodb:Query"],
            Resource: ["arn:aws:dynamodb:*:*:table/t", "arn:aws:dynamodb:*:*:table/t/index/*"],
            Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["${www.amazon.com:user_id}"] } },
        }),
    ],
    [
        "dates as text and as seconds",
        "identity",
        own({
            Condition: {
                DateGreaterThan: { "aws:CurrentTime": "2026-01-01T00:00:00Z" },
                DateLessThan: { "aws:EpochTime": 1893456000 },
            },
        }),
    ],
    ["fractions", "identity", own({ Condition: { NumericLessThan: { "s3:max-keys": 1.5 } } })],
    [
        "addresses",
        "identity",
        own({ Condition: { NotIpAddress: { "aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"] } } }),
    ],
    [
        "a tag with blanks and slashes",
        "identity",
        own({ Condition: { StringEquals: { "aws:RequestTag/Cost Center/a": "1" } } }),
    ],
    [
        "an ARN without account",
        "identity",
        own({ Action: "apigateway:*", Resource: "arn:aws:apigateway:eu-west-1::/restapis/*" }),
    ],
    ["everything but", "identity", { Effect: "Deny", NotAction: ["iam:*", "sts:*"], Resource: "*" }],
    [
        "TLS alone",
        "resource",
        {
            Effect: "Deny",
            Principal: "*",
            Action: "s3:*",
            Resource: [BUCKET, `${BUCKET}/*`],
            Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
    ],
    [
        "an origin access control",
        "resource",
        {
            Effect: "Allow",
            Principal: { Service: "cloudfront.amazonaws.com" },
            Action: "s3:GetObject",
            Resource: `${BUCKET}/*`,
            Condition: { StringEquals: { "AWS:SourceArn": `arn:aws:cloudfront::${ACCOUNT}:distribution/E1` } },
        },
    ],
    [
        "a trail's key",
        "key",
        allow({
            Sid: "Allow CloudTrail to encrypt logs",
            Principal: { Service: "cloudtrail.amazonaws.com" },
            Action: "kms:GenerateDataKey*",
            Condition: {
                StringLike: { "kms:EncryptionContext:aws:cloudtrail:arn": `arn:aws:cloudtrail:*:${ACCOUNT}:trail/*` },
            },
        }),
    ],
    [
        "the console's own statement",
        "key",
        allow({
            Sid: "Allow attachment of persistent resources",
            Principal: { AWS: role("x") },
            Action: ["kms:CreateGrant", "kms:ListGrants"],
            Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
        }),
    ],
])("%s", (_, kind, statement) => {
    it.each([undefined, 2])("has no problem, indented or not (%s)", (indent) => {
        const text = JSON.stringify({ Version: "2012-10-17", Id: "any", Statement: statement }, null, indent);
        const { problems, document } = parsePolicy(`${text}\n`, kind);
        expect(problems).toEqual([]);
        expect(document.statements.some(({ opaque }) => opaque)).toBe(false);
    });
});

describe("a number in a spelling that AWS may write otherwise", () => {
    const raw = (number: string, operator = "StringEquals"): string =>
        JSON.stringify({
            Version: "2012-10-17",
            Statement: [
                allow({ Condition: { [operator]: { "aws:PrincipalAccount": "N" } } }),
                deny({ Principal: { AWS: OTHER_ACCOUNT } }),
            ],
        }).replace('"N"', number);
    it.each(["1.11122223333e11", "111122223333.0", "1111222233330e-1", "-0", "1111222233331111222233"])(
        "%s is refused, and admits everyone",
        (number) => {
            expect(parsePolicy(raw(number), "key").problems.map(({ code }) => code)).toEqual(["BadCondition"]);
            expect(maySign(raw(number), role("runner"))).toBe(true);
        },
    );
    it("but for its one plain spelling", () => {
        expect(maySign(raw("111122223333"), role("runner"))).toBe(true);
        expect(maySign(raw("111122223334"), role("runner"))).toBe(false);
    });
    it.each(["1e3", "0.5", "-0"])("%s is a number where numbers are compared", (number) =>
        expect(parsePolicy(raw(number, "NumericLessThan"), "key").problems).toEqual([]),
    );
});
