import { describe, expect, it } from "vitest";
import { excessOf, parsePolicy, usesVariables } from "../../../lib/iam";

/** Proves containment of patterns. Proves nothing about what the patterns allow on AWS. */

const parse = (...statements: object[]): ReturnType<typeof parsePolicy> =>
    parsePolicy(
        JSON.stringify({ Version: "2012-10-17", Statement: statements.map((one) => ({ Effect: "Allow", ...one })) }),
        "identity",
    );

const TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/countersign-dev-requests";
const ALLOWED = [
    { actions: ["dynamodb:GetItem", "dynamodb:Query*"], resources: [TABLE, `${TABLE}/index/*`] },
    { actions: ["logs:PutLogEvents"], resources: ["*"] },
];

describe("what a document grants beyond its allowance", () => {
    it.each<[string, object]>([
        ["the same", { Action: "dynamodb:GetItem", Resource: TABLE }],
        ["any case", { Action: "DynamoDB:getitem", Resource: [TABLE, `${TABLE}/index/pending`] }],
        ["a narrower pattern", { Action: "dynamodb:QueryX*", Resource: TABLE }],
        ["anywhere, where anywhere is allowed", { Action: "logs:PutLogEvents", Resource: "arn:aws:logs:*:*:*" }],
        ["a Deny of anything", { Effect: "Deny", Action: "*", Resource: "*" }],
    ])("nothing: %s", (_, statement) => expect(excessOf(parse(statement), ALLOWED)).toEqual([]));

    it.each<[string, object, string]>([
        [
            "another action",
            { Action: ["dynamodb:GetItem", "dynamodb:PutItem"], Resource: TABLE },
            "Statement[0].Action[1]",
        ],
        ["a wider action", { Action: "dynamodb:*", Resource: TABLE }, "Statement[0].Action"],
        ["a wider resource", { Action: "dynamodb:GetItem", Resource: "*" }, "Statement[0].Action"],
        [
            "an action with another's resource",
            { Action: "dynamodb:GetItem", Resource: "arn:aws:logs:*:*:*" },
            "Statement[0].Action",
        ],
        ["NotAction", { NotAction: "iam:*", Resource: TABLE }, "Statement[0].NotAction"],
        ["NotResource", { Action: "dynamodb:GetItem", NotResource: "arn:aws:s3:::x" }, "Statement[0].NotResource"],
        ["what cannot be read", { Action: "dynamodb:GetItem", Resource: TABLE, Extra: 1 }, "Statement[0]"],
    ])("something: %s", (_, statement, at) =>
        expect(excessOf(parse(statement), ALLOWED).map((one) => one.at)).toEqual([at]),
    );
});

it("sees variables where they are filled in", () => {
    expect(usesVariables(parse({ Action: "s3:*", Resource: "arn:aws:s3:::x/${aws:username}/*" }))).toBe(true);
    expect(
        usesVariables(
            parse({ Action: "s3:*", Resource: "*", Condition: { StringEquals: { "s3:prefix": "${aws:username}" } } }),
        ),
    ).toBe(true);
    expect(usesVariables(parse({ Action: "s3:*", Resource: "arn:aws:s3:::x/$username" }))).toBe(false);
});
