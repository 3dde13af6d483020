import { attachedMutants } from "./identity-attached";
import { spellingMutants } from "./identity-spelling";
import type { Registered } from "../../support/pack-process";
import {
    added,
    changed,
    type Json,
    type Mutant,
    type Program,
    redocumented,
    withStatement,
    withText,
    ACCOUNT,
} from "./program";

/** A: grants in identity documents. */

const RULE = "iam-sign-identity-docs";
const ANY_KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*`;

function allows(threat: string, variants: Record<string, Json>, rule = RULE): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        change: (program) => [withStatement(program, statement)],
    }));
}

const on = (Action: Json, Resource: Json = "*", more: Json = {}): Json => ({ Action, Resource, ...more });

function documentOf(statement: Json): string {
    return JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: "*", ...statement }] });
}

const carriers: Record<string, (program: Program) => ReturnType<Mutant["change"]>> = {
    "in a policy of its own": (program) => [
        added(program, "aws:iam/policy:Policy", "mutant", {
            name: "mutant",
            policy: documentOf({ Action: "kms:Sign" }),
        }),
    ],
    "inline in the role": (program) => [
        changed(program.get("Role", "pipeline-prepare"), {
            inlinePolicies: [{ name: "mutant", policy: documentOf({ Action: "kms:Sign" }) }],
        }),
    ],
    "of a user": (program) => [
        added(program, "aws:iam/userPolicy:UserPolicy", "mutant", {
            user: "u",
            policy: documentOf({ Action: "kms:Sign" }),
        }),
    ],
    "of a group": (program) => [
        added(program, "aws:iam/groupPolicy:GroupPolicy", "mutant", {
            group: "g",
            policy: documentOf({ Action: "kms:Sign" }),
        }),
    ],
    "of a permission set": (program) => [
        added(program, "aws:ssoadmin/permissionSetInlinePolicy:PermissionSetInlinePolicy", "mutant", {
            inlinePolicy: documentOf({ Action: "kms:Sign" }),
        }),
    ],
    "given as an object": (program) => [
        changed(program.get("RolePolicy", "pipeline-prepare"), {
            policy: JSON.parse(documentOf({ Action: "kms:Sign" })) as unknown,
        }),
    ],
};

export const identityMutants: readonly Mutant[] = [
    ...allows("T01", {
        "kms:Sign on every key": on("kms:Sign", ANY_KEY),
        "kms:* on *": on("kms:*"),
        "* on *": on("*"),
        "*:* on *": on("*:*"),
        "CreateGrant on every key": on("kms:CreateGrant", ANY_KEY),
        "PutKeyPolicy on every key": on("kms:PutKeyPolicy", ANY_KEY),
    }),
    ...Object.entries(carriers).map(([name, change]): Mutant => ({
        threat: "T01",
        rule: RULE,
        name: `kms:Sign ${name}`,
        change,
    })),
    ...allows("T02", {
        "kms:S*": on("kms:S*"),
        "kms:?ign": on("kms:?ign"),
        "KMS:SIGN": on("KMS:SIGN"),
        "kms:*n": on("kms:*n"),
        "k*:Sign": on("k*:Sign"),
        "kms:[any four]": on("kms:????"),
        "kms:**Sign**": on("kms:**Sign**"),
        "kMs:sIgN": on("kMs:sIgN"),
        "one loose action in a list": on(["s3:GetObject", "kms:?i*n"]),
    }),
    ...allows("T03", {
        "NotAction of another service": { NotAction: "iam:*", Resource: "*" },
        "NotAction that misses Sign": { NotAction: ["kms:Create*", "kms:Schedule*"], Resource: "*" },
        "NotAction of all that starts with kms:S leaves grants": { NotAction: "kms:S*", Resource: "*" },
        "NotAction of names that end alike": { NotAction: ["kms:Verify", "kms:*y"], Resource: "*" },
        "NotAction kms:Sign alone leaves grants": { NotAction: "kms:Sign", Resource: "*" },
    }),
    ...allows("T04", {
        "NotResource of a bucket": { Action: "kms:Sign", NotResource: "arn:aws:s3:::bucket" },
        "NotResource of an alias": { Action: "kms:Sign", NotResource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/*` },
        "NotResource of another region": { Action: "kms:Sign", NotResource: `arn:aws:kms:us-*:${ACCOUNT}:key/*` },
        "NotResource of another account": { Action: "kms:Sign", NotResource: "arn:aws:kms:*:444455556666:*" },
        "NotResource of one key id": { Action: "kms:Sign", NotResource: `${ANY_KEY.slice(0, -1)}1234*` },
    }),
    ...allows("T05", {
        "a prefix of a key id": on("kms:Sign", `${ANY_KEY.slice(0, -1)}1234*`),
        "arn:*": on("kms:Sign", "arn:*"),
        "arn:aws:k*": on("kms:Sign", "arn:aws:k*"),
        "all that the account has": on("kms:Sign", `arn:aws:kms:eu-west-1:${ACCOUNT}:*`),
        "key ids of a length": on("kms:Sign", `${ANY_KEY.slice(0, -1)}????????-*`),
        "any partition": on("kms:Sign", `arn:*:kms:*:${ACCOUNT}:key/*`),
        "one key among buckets": on("kms:Sign", ["arn:aws:s3:::b", ANY_KEY]),
        "every region and account": on("kms:Sign", "arn:aws:kms:*:*:key/*"),
    }),
    ...allows("T06", {
        "a variable as key id": on("kms:Sign", `${ANY_KEY.slice(0, -1)}\${aws:PrincipalTag/key}`),
        "a variable as region": on("kms:Sign", `arn:aws:kms:\${aws:RequestedRegion}:${ACCOUNT}:key/*`),
        "a variable with a default": on("kms:Sign", "${aws:PrincipalTag/arn, 'arn:aws:kms:*'}"),
        "a variable as account": on("kms:Sign", "arn:aws:kms:eu-west-1:${aws:PrincipalAccount}:key/*"),
    }),
    ...allows("T07", {
        "through a service": on("kms:Sign", "*", {
            Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
        }),
        "by alias": on("kms:Sign", "*", { Condition: { StringEquals: { "kms:RequestAlias": "alias/other" } } }),
        "by tag": on("kms:Sign", "*", { Condition: { StringEquals: { "aws:ResourceTag/team": "x" } } }),
        "by the algorithm": on("kms:Sign", "*", {
            Condition: { StringEquals: { "kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256" } },
        }),
        "from an address": on("kms:Sign", "*", { Condition: { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } } }),
        "in the past": on("kms:Sign", "*", {
            Condition: { DateLessThan: { "aws:CurrentTime": "2001-01-01T00:00:00Z" } },
        }),
        "from an endpoint": on("kms:Sign", "*", { Condition: { StringEquals: { "aws:SourceVpce": "vpce-1" } } }),
        "with MFA": on("kms:Sign", "*", { Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } }),
    }),
    ...allows("T08", {
        "IfExists on the caller": on("kms:Sign", "*", {
            Condition: { StringEqualsIfExists: { "kms:EncryptionContext:a": "b" } },
        }),
        "ForAllValues on Sign": on("kms:Sign", "*", {
            Condition: { "ForAllValues:StringEquals": { "kms:ResourceAliases": ["alias/none"] } },
        }),
        "ArnEqualsIfExists on the function": on("kms:Sign", "*", {
            Condition: { ArnEqualsIfExists: { "lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:1:function:x" } },
        }),
        Null: on("kms:Sign", "*", { Condition: { Null: { "aws:TokenIssueTime": "true" } } }),
    }),
    ...allows(
        "T08",
        {
            ForAllValues: on("kms:Encrypt", "*", {
                Condition: { "ForAllValues:StringEquals": { "aws:TagKeys": ["a"] } },
            }),
            "ForAnyValue in a Deny": on("kms:Sign", "*", {
                Effect: "Deny",
                Condition: { "ForAnyValue:StringEquals": { "aws:TagKeys": ["a"] } },
            }),
        },
        "iam-policy-doc-strict-json",
    ),
    ...(
        [
            [
                "conditional",
                { Action: "kms:Sign", Resource: "*", Condition: { Bool: { "aws:ViaAWSService": "true" } } },
            ],
            ["on an alias", { Action: "kms:Sign", Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/*` }],
            ["in another region", { Action: "kms:Sign", Resource: `arn:aws:kms:us-east-1:${ACCOUNT}:key/*` }],
            ["in another case", { Action: "kms:Sign", Resource: `arn:aws:KMS:eu-west-1:${ACCOUNT}:key/*` }],
            ["of one key", { Action: "kms:Sign", Resource: `${ANY_KEY.slice(0, -1)}1234*` }],
            ["by NotAction", { NotAction: "kms:S*", Resource: "*" }],
        ] as [string, Json][]
    ).map(([name, deny]): Mutant => ({
        threat: "T09",
        rule: RULE,
        name: `an Allow under a Deny ${name}`,
        change: (program) => [
            withText(
                program,
                JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [
                        { Effect: "Allow", Action: "kms:Sign", Resource: "*" },
                        { Effect: "Deny", ...deny },
                    ],
                }),
            ),
        ],
    })),
    ...(
        [
            [
                "writes released files",
                { Action: "s3:PutObject", Resource: "arn:aws:s3:::countersign-local-results-*/*" },
            ],
            ["reads every table", { Action: "dynamodb:GetItem", Resource: "*" }],
            ["invokes any function", { Action: "lambda:InvokeFunction", Resource: "*" }],
            ["may do whatever it does not name", { NotAction: "iam:*", Resource: "*" }],
        ] as [string, Json][]
    ).map(([name, statement]): Mutant => ({
        threat: "T12",
        rule: "iam-signer-least-privilege",
        name: `the signer ${name}`,
        change: (program) => [withStatement(program, statement, "pipeline-sign-modules")],
    })),
    ...(
        [
            ["gone", () => undefined],
            [
                "for another function only",
                (one: Json) => ({
                    ...one,
                    Condition: {
                        ArnEquals: { "lambda:SourceFunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:x" },
                    },
                }),
            ],
            [
                "where the key is present only",
                (one: Json) => ({
                    ...one,
                    Condition: {
                        ArnNotEqualsIfExists: one.Condition.ArnNotEquals,
                        Null: { "lambda:SourceFunctionArn": "false" },
                    },
                }),
            ],
        ] as [string, (one: Json) => Json | undefined][]
    ).map(([name, change]): Mutant => ({
        threat: "T12",
        rule: "iam-signer-least-privilege",
        name: `the Deny of Sign outside the function ${name}`,
        level: "both",
        change: (program) =>
            ["modules-v1-signer", "pipeline-sign-modules"].map((one) => withDenies(program, one, change)),
    })),
    {
        threat: "T12",
        rule: "iam-signer-least-privilege",
        name: "the Deny of Sign outside the function in one of two documents only",
        change: (program) => [withDenies(program, "pipeline-sign-modules", () => undefined)],
    },
    ...attachedMutants,
    ...spellingMutants,
];

/** A document of the signer with its Denies changed, or gone. */
function withDenies(program: Program, name: string, change: (one: Json) => Json | undefined): Registered {
    return redocumented(program.get("RolePolicy", name), "policy", (document) => ({
        ...document,
        Statement: (document.Statement as Json[]).flatMap((one) => (one.Effect === "Deny" ? (change(one) ?? []) : one)),
    }));
}
