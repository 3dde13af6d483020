import { expect, it } from "vitest";
import { isSourceGuard, parsePolicy } from "../../../lib/iam";
import { bindsOwnSource } from "../../../policies/foreign-grants";
import { ACCOUNT } from "./canonical";

/** Proves which conditions bind a service to sources of one account, for trusts, queues and buckets alike. */

const statementOf = (condition: object): Parameters<typeof bindsOwnSource>[0] => {
    const statement = {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: "*",
        Condition: condition,
    };
    const text = JSON.stringify({ Version: "2012-10-17", Statement: statement });
    return parsePolicy(text, "resource").document.statements[0]!;
};

it.each<[string, object, boolean]>([
    ["the account", { StringEquals: { "aws:SourceAccount": ACCOUNT } }, true],
    ["rules, field by field", { ArnLike: { "aws:SourceArn": `arn:aws:events:*:${ACCOUNT}:rule/*` } }, true],
    ["rules of one region", { StringLike: { "aws:SourceArn": `arn:aws:events:eu-west-1:${ACCOUNT}:rule/*` } }, true],
    ["a glob of text over regions", { StringLike: { "aws:SourceArn": `arn:aws:events:*:${ACCOUNT}:rule/*` } }, false],
    ["a bucket, whose ARN names no account", { ArnEquals: { "aws:SourceArn": "arn:aws:s3:::uploads" } }, false],
    ["what is no ARN", { StringEquals: { "aws:SourceArn": "uploads" } }, false],
    ["no condition", {}, false],
])("%s: %s", (_, condition, expected) => {
    const statement = statementOf(condition);
    expect(statement.conditions.some((one) => isSourceGuard(one, ACCOUNT))).toBe(expected);
    expect(bindsOwnSource(statement, ACCOUNT)).toBe(expected);
});

it.each([[{ "aws:SourceArn": "uploads" }], [{ "aws:SourceAccount": ACCOUNT }]])(
    "nothing binds to an account that is not known: %j",
    (condition) => expect(bindsOwnSource(statementOf({ StringEquals: condition }), undefined)).toBe(false),
);
