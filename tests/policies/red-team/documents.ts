import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Mutant,
    SIGNER,
    withKeyPolicy,
    withStatement,
    withText,
} from "../mutations/program";

/** Documents that say one thing to a reader and another to IAM, in ways that are no spelling of an action. */

const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*`;
const text = (statement: string, version = '"Version":"2012-10-17",'): string =>
    `{${version}"Statement":[${statement}]}`;
const ALLOW = '{"Effect":"Allow","Action":"kms:Sign","Resource":"*"}';

function texts(threat: string, rule: string, variants: Record<string, string>): Mutant[] {
    return Object.entries(variants).map(([name, policy]) => ({
        threat,
        rule,
        name,
        change: (program) => [withText(program, policy)],
    }));
}

const deny = (Condition: Json): Json => ({
    Sid: "DenySignOthers",
    Effect: "Deny",
    Principal: "*",
    Action: "kms:Sign",
    Resource: "*",
    Condition,
});

function denies(rule: string, variants: Record<string, Json>): Mutant[] {
    return Object.entries(variants).map(([name, condition]) => ({
        threat: "T09",
        rule,
        name: `a Deny that never bites: ${name}`,
        change: (program) => [
            withKeyPolicy(program, (all) => [
                ...all.filter(({ Sid }) => Sid !== "DenySignOthers" && Sid !== "DenyCrossAccount"),
                deny(condition),
            ]),
        ],
    }));
}

/** What a negated operator makes of no value, no page of AWS says. */
const EMPTY: Mutant = {
    threat: "T09",
    rule: "iam-policy-doc-strict-json",
    name: "a Deny that may never bite: an empty list",
    change: (program) => [
        withKeyPolicy(program, (all) => [
            ...all.filter(({ Sid }) => Sid !== "DenySignOthers"),
            deny({ StringNotEquals: { "aws:PrincipalArn": [] } }),
        ]),
    ],
};

function grants(threat: string, rule: string, variants: Record<string, Json>): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        change: (program) => [withStatement(program, statement)],
    }));
}

export const documents: readonly Mutant[] = [
    EMPTY,
    ...texts("T15", "iam-policy-doc-strict-json", {
        "a byte order mark": `\uFEFF${text(ALLOW)}`,
        "a NUL at the end": `${text(ALLOW)}\u0000`,
        "a second document behind the first": `${text('{"Effect":"Deny","Action":"*","Resource":"*"}')}${text(ALLOW)}`,
        "a comment": `${text(ALLOW)}//`,
        "a number for Version": text(ALLOW, '"Version":20121017,'),
        "an exponent in place of a text": text('{"Effect":"Allow","Action":"kms:Sign","Resource":1e999}'),
        "Action null": text('{"Effect":"Allow","Action":null,"NotAction":"iam:*","Resource":"*"}'),
        "an Effect with a space": text('{"Effect":"Allow ","Action":"kms:Sign","Resource":"*"}'),
        "an Effect in lower case": text('{"Effect":"allow","Action":"kms:Sign","Resource":"*"}'),
        "the old Version": text(ALLOW, '"Version":"2008-10-17",'),
        "no Version": text(ALLOW, ""),
        "a Version that is to come": text(ALLOW, '"Version":"2030-01-01",'),
        "no statement at all": '{"Version":"2012-10-17"}',
        "Statement null": '{"Version":"2012-10-17","Statement":null}',
        "a list in a list":
            '{"Version":"2012-10-17","Statement":[[{"Effect":"Allow","Action":"kms:Sign","Resource":"*"}]]}',
        "duplicate keys, one of them escaped": text(
            '{"Effect":"Deny","\\u0045ffect":"Allow","Action":"kms:Sign","Resource":"*"}',
        ),
        "an object for Action": text('{"Effect":"Allow","Action":{"0":"kms:Sign"},"Resource":"*"}'),
        "a document that is a string in a string": JSON.stringify(text(ALLOW)),
        "a list as document": `[${ALLOW}]`,
        "an empty action list": text('{"Effect":"Allow","Action":[],"Resource":"*"}'),
        "a condition that is a list": text('{"Effect":"Allow","Action":"kms:Sign","Resource":"*","Condition":[]}'),
        "an unpaired surrogate": text('{"Effect":"Allow","Action":"kms:S\\ud800","Resource":"*"}'),
        "a full-width action": text('{"Effect":"Allow","Action":"ｋms:Sign","Resource":"*"}'),
        "an action with a space": text('{"Effect":"Allow","Action":"kms:Sign ","Resource":"*"}'),
        "an action with a soft hyphen": text('{"Effect":"Allow","Action":"kms:Si\\u00adgn","Resource":"*"}'),
        "an empty document": "",
        "white space": " ",
    }),
    ...texts("T09", "iam-sign-identity-docs", {
        "a Deny with an empty condition list": text(
            `{"Effect":"Deny","Action":"kms:Sign","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalAccount":[]}}},${ALLOW}`,
        ),
        "a Deny for principals of another name": text(
            `{"Effect":"Deny","Action":"kms:Sign","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalArn":"arn:aws:iam::${ACCOUNT}:role/COUNTERSIGN-LOCAL-PREPARE"}}},${ALLOW}`,
        ),
        "a Deny with a default in a variable": text(
            `{"Effect":"Deny","Action":"kms:Sign","Resource":"\${aws:PrincipalTag/x, '*'}"},${ALLOW}`,
        ),
        "an Allow by a variable with a default": text(
            `{"Effect":"Allow","Action":"kms:Sign","Resource":"arn:aws:kms:eu-west-1:${ACCOUNT}:\${aws:PrincipalTag/x, 'key/*'}"}`,
        ),
        "a Deny of every partition but this": text(
            `{"Effect":"Deny","Action":"kms:Sign","Resource":"arn:aws-cn:kms:*:*:key/*"},${ALLOW}`,
        ),
        "a Deny by question marks": text(
            `{"Effect":"Deny","Action":"kms:????","Resource":"${KEY.replace("*", "????")}"},${ALLOW}`,
        ),
    }),
    ...grants("T07", "iam-sign-identity-docs", {
        "an Allow with an empty condition": { Action: "kms:Sign", Resource: "*", Condition: {} },
        "StringNotEquals with several values": {
            Action: "kms:Sign",
            Resource: "*",
            Condition: { StringNotEquals: { "aws:PrincipalArn": [SIGNER, "x", "y"] } },
        },
        "a date long past": {
            Action: "kms:Sign",
            Resource: "*",
            Condition: { DateGreaterThan: { "aws:CurrentTime": "2099-01-01T00:00:00Z" } },
        },
        "another partition by pattern": { Action: "kms:Sign", Resource: "arn:*:kms:*:*:key/*" },
        "an account by pattern": { Action: "kms:Sign", Resource: "arn:aws:kms:eu-west-1:11112222333?:key/*" },
        "a region by pattern": { Action: "kms:Sign", Resource: `arn:aws:kms:eu-*-1:${ACCOUNT}:key/*` },
        "a Null condition on a key that is always there": {
            Action: "kms:Sign",
            Resource: "*",
            Condition: { Null: { "aws:PrincipalArn": "false" } },
        },
    }),
    ...denies("kms-sign-explicit-deny", {
        "several values, one of which is everybody": {
            ArnNotLike: { "aws:PrincipalArn": [SIGNER, "arn:aws:iam::*:*"] },
        },
        "a positive operator": { ArnEquals: { "aws:PrincipalArn": SIGNER } },
        "two keys, one of which the caller chooses": {
            ArnNotEquals: { "aws:PrincipalArn": SIGNER },
            Bool: { "aws:MultiFactorAuthPresent": "false" },
        },
        "the signer by a variable": { StringNotEquals: { "aws:PrincipalArn": "${aws:PrincipalArn}" } },
        "the signer with a default": { StringNotEquals: { "aws:PrincipalArn": `\${aws:PrincipalTag/x, '${SIGNER}'}` } },
        "a key that KMS does not send": { StringNotEquals: { "aws:SourceArn": SIGNER } },
        "a path with dots": {
            ArnNotEquals: { "aws:PrincipalArn": SIGNER.replace("/signing/", "/signing/../signing/") },
        },
        "IfExists on the other key": { ArnNotEqualsIfExists: { "aws:SourceArn": SIGNER } },
    }),
    ...(
        [
            ["a path with dots", "/signing/../"],
            ["two slashes", "//signing/"],
            ["a path in another case", "/Signing/"],
            ["a path without the last slash", "/signing"],
            ["an empty path", ""],
        ] as [string, string][]
    ).map(([name, path]): Mutant => ({
        threat: "T91",
        rule: "iam-signer-trust-exact",
        name: `the signer's role with ${name}`,
        change: (program) => [changed(program.get("Role", "modules-v1-signer"), { path })],
    })),
    ...(
        [
            ["a space behind the signer's name", "countersign-local-modules-v1-signer "],
            ["a number", 7],
            ["a list", ["countersign-local-modules-v1-signer"]],
            ["null", null],
        ] as [string, unknown][]
    ).map(([name, tag]): Mutant => ({
        threat: "T25",
        rule: "kms-sign-exclusive",
        name: `a signer tag that is ${name}`,
        change: (program) => {
            const key = program.get("Key", "modules-v1");
            return [changed(key, { tags: { ...(key.properties.tags as object), "countersign:signer": tag } })];
        },
    })),
    {
        threat: "T80",
        rule: "iam-policy-doc-strict-json",
        name: "a document that is a list",
        change: (program) => [changed(program.get("RolePolicy", "pipeline-prepare"), { policy: [ALLOW] })],
    },
    {
        threat: "T80",
        rule: "iam-policy-doc-strict-json",
        name: "a document that is a number",
        change: (program) => [changed(program.get("RolePolicy", "pipeline-prepare"), { policy: 1 })],
    },
    {
        threat: "T80",
        rule: "iam-policy-doc-known",
        name: "a document that is null",
        change: (program) => [changed(program.get("RolePolicy", "pipeline-prepare"), { policy: null })],
    },
    {
        threat: "T01",
        rule: "iam-sign-identity-docs",
        name: "a document that is an object",
        change: (program) => [
            changed(program.get("RolePolicy", "pipeline-prepare"), { policy: JSON.parse(text(ALLOW)) as Json }),
        ],
    },
    {
        threat: "T01",
        rule: "iam-sign-identity-docs",
        name: "Sign, split over two policies of one role, of which one denies elsewhere",
        change: (program) => [
            added(program, "aws:iam/rolePolicy:RolePolicy", "second", {
                role: "countersign-local-prepare",
                policy: text(ALLOW),
            }),
        ],
    },
    {
        threat: "T02",
        rule: "stack-type-allowlist",
        name: "a type token in another case",
        change: (program) => [added(program, "aws:KMS/key:Key", "mutant", { policy: "{}" })],
    },
    {
        threat: "T82",
        rule: "stack-type-allowlist",
        name: "a type token of three parts without module",
        change: (program) => [added(program, "aws::Key", "mutant", {})],
    },
    {
        threat: "T82",
        rule: "stack-type-allowlist",
        name: "a component that is called like an aws type",
        change: (program) => [added(program, "countersign:index:Evil/aws:kms/key:Key", "mutant", {})],
    },
];
