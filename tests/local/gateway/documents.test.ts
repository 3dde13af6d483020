import { describe, expect, it } from "vitest";

import { checkDocuments, documentFault } from "../../../local/gateway/documents";
import type { Call } from "../../../local/gateway/operation";
import { apiRequest } from "./requests";

const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const text = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
const queue = { Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: "*" };
const form = (values: Record<string, string>) => new URLSearchParams(values).toString();
const bad = "not JSON";

function check(call: string, protocol: Call["protocol"], body: string) {
    const [service = "", operation = ""] = call.split(":");
    return checkDocuments(
        { service, operation, protocol, region: "eu-west-1", accessKeyId: "A" },
        apiRequest({ body }),
    );
}

describe("checkDocuments", () => {
    it.each<[string, Call["protocol"], (document: string) => string, string, string]>([
        [
            "iam:CreateRole",
            "query",
            (d) => form({ AssumeRolePolicyDocument: d }),
            text({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
            "MalformedPolicyDocument",
        ],
        [
            "iam:UpdateAssumeRolePolicy",
            "query",
            (d) => form({ PolicyDocument: d }),
            text({ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }),
            "MalformedPolicyDocument",
        ],
        ["iam:PutRolePolicy", "query", (d) => form({ PolicyDocument: d }), text(allow), "MalformedPolicyDocument"],
        ["iam:PutUserPolicy", "query", (d) => form({ PolicyDocument: d }), text(allow), "MalformedPolicyDocument"],
        ["iam:CreatePolicy", "query", (d) => form({ PolicyDocument: d }), text(allow), "MalformedPolicyDocument"],
        ["sts:AssumeRole", "query", (d) => form({ Policy: d }), text(allow), "MalformedPolicyDocument"],
        [
            "s3:PutBucketPolicy",
            "s3",
            (d) => d,
            text({ ...allow, Principal: "*", Resource: "arn:aws:s3:::b/*" }),
            "MalformedPolicy",
        ],
        [
            "sqs:SetQueueAttributes",
            "json",
            (d) => JSON.stringify({ Attributes: { Policy: d } }),
            text(queue),
            "InvalidAttributeValue",
        ],
        [
            "sqs:CreateQueue",
            "query",
            (d) =>
                form({
                    "Attribute.1.Name": "DelaySeconds",
                    "Attribute.1.Value": "1",
                    "Attribute.2.Name": "Policy",
                    "Attribute.2.Value": d,
                }),
            text(queue),
            "InvalidAttributeValue",
        ],
        [
            "sns:SetTopicAttributes",
            "query",
            (d) => form({ AttributeName: "Policy", AttributeValue: d }),
            text({ ...queue, Action: "sns:Publish" }),
            "InvalidParameter",
        ],
        [
            "logs:PutResourcePolicy",
            "json",
            (d) => JSON.stringify({ policyDocument: d }),
            text({ ...queue, Action: "logs:PutLogEvents" }),
            "InvalidParameterException",
        ],
    ])("reads the document of %s", (call, protocol, body, good, code) => {
        expect(check(call, protocol, body(good))).toBeUndefined();
        expect(check(call, protocol, body(bad))).toMatchObject({ code });
    });

    it("leaves alone what carries none", () => {
        expect(check("sqs:CreateQueue", "json", JSON.stringify({ QueueName: "q" }))).toBeUndefined();
        expect(
            check("sns:SetTopicAttributes", "query", form({ AttributeName: "DisplayName", AttributeValue: "x" })),
        ).toBeUndefined();
        expect(check("iam:GetRole", "query", form({ PolicyDocument: bad }))).toBeUndefined();
        expect(check("sts:AssumeRole", "query", form({ RoleArn: "x" }))).toBeUndefined();
    });
});

describe("documentFault", () => {
    it("takes a key policy's statement that does nothing, as KMS does, and no other document's", () => {
        expect(documentFault(text({ Effect: "Allow", Principal: "*", Action: "kms:Sign" }), "key")).toBeUndefined();
        expect(documentFault(text({ Effect: "Allow", Action: "kms:Sign" }), "identity")).toContain("BothOrNeither");
    });

    it.each<[string, object, RegExp]>([
        ["a policy variable", { ...allow, Resource: "arn:aws:s3:::b/${aws:username}/*" }, /policy variables/],
        [
            "a variable in a condition",
            { ...allow, Condition: { StringEquals: { "s3:prefix": "${aws:PrincipalTag/team}" } } },
            /policy variables/,
        ],
        [
            "LeadingKeys",
            { ...allow, Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": "x" } } },
            /LeadingKeys/,
        ],
    ])("refuses %s, which is not emulated", (_name, statement, message) => {
        expect(documentFault(text(statement), "identity")).toMatch(message);
    });

    it("refuses a multivalued key without a set operator, for which AWS documents no meaning", () => {
        const on = (operator: string) =>
            documentFault(text({ ...allow, Condition: { [operator]: { "aws:TagKeys": "true" } } }), "identity");
        expect(on("StringEquals")).toMatch(/^Statement\[0\].*TagKeys: .*expected ForAllValues or ForAnyValue/);
        expect(on("StringNotLikeIfExists")).toMatch(/expected ForAllValues or ForAnyValue/);
        expect(on("ForAnyValue:StringEquals")).toBeUndefined();
        expect(on("ForAllValues:StringNotEqualsIfExists")).toBeUndefined();
        expect(on("Null")).toBeUndefined();
    });

    it("refuses NotPrincipal, which is not emulated", () => {
        const statement = {
            Effect: "Deny",
            NotPrincipal: { AWS: "arn:aws:iam::111122223333:root" },
            Action: "s3:*",
            Resource: "*",
        };
        expect(documentFault(text(statement), "resource")).toMatch(/NotPrincipal/);
    });

    it.each(["${*}", "${?}", "${$}"])("takes the escape %s", (escape) => {
        expect(documentFault(text({ ...allow, Resource: `arn:aws:s3:::b/${escape}` }), "identity")).toBeUndefined();
    });
});

it("takes the old policy language, as AWS's own default policies are written in it, and no other", () => {
    const policy = (Version: string) =>
        JSON.stringify({
            Version,
            Statement: [{ Effect: "Allow", Principal: "*", Action: "SNS:Publish", Resource: "*" }],
        });
    expect(documentFault(policy("2008-10-17"), "resource")).toBeUndefined();
    expect(documentFault(policy("2009-10-17"), "resource")).toMatch(/^Version: Version/);
});
