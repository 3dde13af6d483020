import type { PolicyKind } from "../../../lib/iam";

/** Documents that were written to keep their reader busy, or to be misread. Each is within what an attacker may hand to the pack. */
export interface Hostile {
    readonly name: string;
    readonly kind: PolicyKind;
    readonly text: string;
    /** Of a principal with several documents of the largest size; `text` is the first. */
    readonly others?: readonly string[];
}

const ACCOUNT = "111122223333";
const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const count = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i));

type Json = Record<string, unknown>;

const doc = (...Statement: unknown[]): string => JSON.stringify({ Version: "2012-10-17", Statement });
const allow = (more: Json): Json => ({ Effect: "Allow", Action: "*", Resource: "*", ...more });
const everyone = (more: Json): Json => allow({ Principal: "*", ...more });
/** Alternating wildcards, so that no two collapse. */
const wild = (length: number): string => "*?".repeat(length / 2);
/** Wildcards between letters that occur in what is matched: every position stays possible. */
const maze = (length: number, letter: string): string => `*${letter}`.repeat(length / 2);

function keyPolicies(): Omit<Hostile, "kind">[] {
    const each = (n: number, make: (i: number) => Json): string => doc(...count(n, make));
    return [
        {
            name: "300 statements, each a principal with kms:*",
            text: each(300, (i) => allow({ Principal: { AWS: role(`r${i}`) }, Action: "kms:*" })),
        },
        {
            name: "220 statements, each a principal with a condition on its ARN",
            text: each(220, (i) =>
                everyone({ Action: "kms:*", Condition: { ArnLike: { "aws:PrincipalArn": role(`r${i}`) } } }),
            ),
        },
        {
            name: "700 principals of one statement",
            text: doc(allow({ Principal: { AWS: count(700, (i) => role(`r${i}`)) }, Action: "kms:*" })),
        },
        {
            name: "1,900 accounts",
            text: doc(allow({ Principal: { AWS: count(1_900, (i) => String(100_000_000_000 + i)) } })),
        },
        {
            name: "200 principal patterns",
            text: doc(allow({ Principal: { AWS: count(200, (i) => role(`*${i}*a*b*c*`)) } })),
        },
        {
            name: "conditions with 30 principal patterns of 20 wildcards",
            text: doc(
                ...count(30, (i) =>
                    everyone({ Condition: { StringLike: { "aws:PrincipalArn": role(`${maze(36, "r")}${i}`) } } }),
                ),
            ),
        },
        {
            name: "a principal pattern of 2,000 wildcards",
            text: doc(everyone({ Condition: { ArnLike: { "aws:PrincipalArn": maze(2_000, "r") } } })),
        },
        {
            name: "15 resources of 2,000 wildcards",
            text: doc(everyone({ Resource: count(15, (i) => `arn:aws:kms:${maze(2_000, "a")}${i}`) })),
        },
        { name: "32 kB of *? as one resource", text: doc(everyone({ Resource: `arn:${wild(32_000)}` })) },
        { name: "32 kB of *? as one action", text: doc(everyone({ Action: `kms:${wild(32_000)}` })) },
        { name: "32 kB of *? as one principal", text: doc(allow({ Principal: { AWS: wild(32_000) } })) },
        {
            name: "32 kB of *? as one condition value",
            text: doc(everyone({ Condition: { StringLike: { "aws:PrincipalArn": wild(32_000) } } })),
        },
        {
            name: "32 kB of *? as a value of a key that nobody knows",
            text: doc(everyone({ Condition: { StringLike: { "kms:RequestAlias": wild(32_000) } } })),
        },
        {
            name: "900 actions with wildcards",
            text: doc(everyone({ Action: count(900, (i) => `kms:*${i}*?*${"gn"[i % 2]}*n*`) })),
        },
        {
            name: "160 actions of 190 characters",
            text: doc(everyone({ Action: count(160, (i) => `kms:${maze(180, "kms:igln"[i % 8]!)}`) })),
        },
        {
            name: "300 statements with five actions each",
            text: each(300, (i) => everyone({ Action: count(5, (n) => `kms:S*${i % 10}${n}`) })),
        },
        {
            name: "400 NotAction and NotResource",
            text: each(240, (i) => ({
                Effect: "Allow",
                Principal: "*",
                NotAction: `s3:*${i}*`,
                NotResource: `arn:aws:s3:::*${i}*`,
            })),
        },
        {
            name: "100 NotPrincipal",
            text: each(100, (i) => ({
                Effect: "Deny",
                NotPrincipal: { AWS: count(3, (n) => role(`x${i}-${n}`)) },
                Action: "*",
                Resource: "*",
            })),
        },
        {
            name: "one condition with 600 principals",
            text: doc(
                everyone({ Condition: { StringNotEquals: { "aws:PrincipalArn": count(600, (i) => role(`r${i}`)) } } }),
            ),
        },
        {
            name: "25 conditions with 25 principals each",
            text: doc(
                ...count(25, (i) =>
                    everyone({
                        Condition: { ArnNotLike: { "aws:PrincipalArn": count(25, (n) => role(`r${i}-${n}*`)) } },
                    }),
                ),
            ),
        },
        {
            name: "400 condition keys",
            text: doc(
                everyone({
                    Condition: {
                        StringEquals: Object.fromEntries(
                            count(400, (i) => [`aws:PrincipalTag/${i}`, ["a", "b", "c*d*e"]]),
                        ),
                    },
                }),
            ),
        },
        {
            name: "names on every operator",
            text: doc(
                everyone({
                    Condition: Object.fromEntries(
                        ["StringLike", "StringNotLike", "ArnLike", "ArnNotLike", "StringEqualsIgnoreCase"].flatMap(
                            (operator) =>
                                ["", "ForAllValues:", "ForAnyValue:"].map((prefix) => [
                                    `${prefix}${operator}IfExists`,
                                    {
                                        "aws:PrincipalArn": count(15, (i) => role(`*${operator}${i}*`)),
                                        "aws:username": count(10, (i) => `*u${i}*`),
                                    },
                                ]),
                        ),
                    ),
                }),
            ),
        },
        {
            name: "600 session principals",
            text: doc(allow({ Principal: { AWS: count(500, (i) => `arn:aws:sts::${ACCOUNT}:assumed-role/r${i}/s`) } })),
        },
        {
            name: "700 services",
            text: doc(allow({ Principal: { Service: count(700, (i) => `s${i}.amazonaws.com`) } })),
        },
        {
            name: "100 accounts with patterns beside them",
            text: doc(
                everyone({
                    Condition: {
                        StringLike: { "aws:PrincipalArn": count(8, (i) => `arn:aws:iam::*:role/*${i}*`) },
                        StringEquals: { "aws:PrincipalAccount": count(30, (i) => String(200_000_000_000 + i)) },
                    },
                }),
            ),
        },
        {
            name: "principals with 10,000 colons",
            text: doc(allow({ Principal: { AWS: `arn:aws:iam${":".repeat(10_000)}*` } })),
        },
        {
            name: "resources with 2,000 colons",
            text: doc(everyone({ Resource: count(14, (i) => `arn:aws:kms${":".repeat(2_000)}*${i}`) })),
        },
        {
            name: "variables without an end",
            text: doc(everyone({ Resource: count(15, () => `arn:aws:kms:${"${".repeat(1_000)}`) })),
        },
        {
            name: "a variable of 30,000 characters",
            text: doc(everyone({ Condition: { StringLike: { "aws:PrincipalArn": `\${${"a".repeat(30_000)}}` } } })),
        },
        {
            name: "1,500 variables in values",
            text: doc(
                everyone({
                    Condition: {
                        StringNotLike: { "aws:PrincipalArn": count(600, (i) => `\${aws:username}*${i}\${*}\${?}`) },
                    },
                }),
            ),
        },
        {
            name: "addresses, dates and numbers without end",
            text: doc(
                everyone({
                    Condition: {
                        IpAddress: { "aws:SourceIp": ":".repeat(8_000) },
                        NumericEquals: { "aws:MultiFactorAuthAge": "9".repeat(8_000) },
                        DateEquals: { "aws:CurrentTime": "0".repeat(8_000) },
                    },
                }),
            ),
        },
        {
            name: "600 organisations",
            text: doc(everyone({ Condition: { StringEquals: { "aws:PrincipalOrgID": count(600, (i) => `o-${i}`) } } })),
        },
        {
            name: "2,000 statements that say nothing",
            text: `{"Version":"2012-10-17","Statement":[${"{},".repeat(9_000)}{}]}`,
        },
        {
            name: "every letter in patterns",
            text: doc(
                everyone({
                    Condition: {
                        StringLike: {
                            "aws:PrincipalArn": [
                                ...count(
                                    70,
                                    (i) =>
                                        `*${"zqxjkvbwyfgpmucdlhrsntioaeZQXJKVBWYFGPMUCDLHRSNTIOAE7394816520_-+=,.@"[i]!}*`,
                                ),
                            ],
                        },
                    },
                }),
            ),
        },
    ];
}

function identityPolicies(): Omit<Hostile, "kind">[] {
    const actions = (letters: string): string =>
        doc(allow({ Action: count(50, (i) => `${letters}:${maze(180, "iam:PasRol"[i % 10]!)}`) }));
    return [
        {
            name: "600 actions",
            text: doc(
                allow({ Action: count(600, (i) => `kms:*${"SignCreateGrantPutKeyPolicy"[i % 26]}*${"nty"[i % 3]}`) }),
            ),
        },
        { name: "50 actions of 190 characters", text: actions("*") },
        {
            name: "four resources of 2,000 wildcards",
            text: doc(allow({ Resource: count(4, (i) => `arn:aws:*:${maze(1_900, "r")}${i}`) })),
        },
        {
            name: "150 statements",
            text: doc(...count(150, (i) => allow({ Action: `iam:*${i}*`, Resource: `*${i}*` }))),
        },
        {
            name: "90 statements with NotAction and NotResource",
            text: doc(
                ...count(90, (i) => ({ Effect: "Allow", NotAction: `s3:*${i}*`, NotResource: `arn:*:s3:*${i}*` })),
            ),
        },
        {
            name: "actions times resources",
            text: doc(
                allow({ Action: count(180, (i) => `*:*${i}*`), Resource: count(180, (i) => `arn:*:*:*:*:*${i}*`) }),
            ),
        },
        {
            name: "ten documents of the largest size",
            text: actions("i*"),
            others: count(9, (i) => actions(`${"klsa"[i % 4]!}*`)),
        },
        {
            name: "a hundred conditions",
            text: doc(
                ...count(60, (i) =>
                    allow({ Condition: { StringLike: { "iam:PassedToService": count(6, (n) => `*${i}${n}*a`) } } }),
                ),
            ),
        },
        { name: "an action of a million characters", text: doc(allow({ Action: `kms:${"*?".repeat(500_000)}` })) },
        { name: "a million spaces", text: `${" ".repeat(1_000_000)}${doc(allow({}))}` },
        {
            name: "130,000 spaces between every two",
            text: doc(allow({})).replace(/([{:,])/g, `$1${" ".repeat(6_000)}`),
        },
        { name: "arrays within arrays", text: `{"Version":"2012-10-17","Statement":${"[".repeat(60_000)}` },
        { name: "objects within objects", text: `${'{"a":'.repeat(20_000)}1` },
        {
            name: "60,000 quotes of escapes",
            text: doc(allow({ Action: "kms:S" })).replace("kms:S", "\\u0053".repeat(1_600)),
        },
        { name: "20,000 keys at the top", text: `{${count(9_000, (i) => `"k${i}":1`).join(",")}}` },
        {
            name: "8,000 times the same key",
            text: `{"Version":"2012-10-17","Statement":{${count(700, () => '"Action":"*"').join(",")}}}`,
        },
        {
            name: "prototype keys everywhere",
            text: `{"Version":"2012-10-17","__proto__":{"Statement":[]},"constructor":{"prototype":{}},"Statement":{"Effect":"Allow","__proto__":{"Effect":"Deny"},"toString":"x","Action":"*","Resource":"*","Condition":{"__proto__":{"a:b":"c"},"constructor":{"x:y":"z"},"StringEquals":{"__proto__":"a","constructor":"b","toString":"c","hasOwnProperty":"d"}}}}`,
        },
        {
            name: "prototype keys as values and principals",
            text: `{"Version":"2012-10-17","Statement":{"Effect":"__proto__","Principal":{"__proto__":"*","constructor":"*"},"Action":"__proto__","Resource":"constructor"}}`,
        },
        {
            name: "lone surrogates",
            text: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"kms:\ud800","Resource":"arn:\udc00:\ud800:*","Condition":{"StringEquals":{"a:\udfff":"\ud83d"}}}}`,
        },
        { name: "numbers without end", text: `{"Version":"2012-10-17","Statement":[${"9".repeat(9_000)}]}` },
    ];
}

function trustPolicies(): Omit<Hostile, "kind">[] {
    const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
    const claims = "token.actions.githubusercontent.com";
    const trust = (more: Json): Json => ({
        Effect: "Allow",
        Principal: { Federated: provider },
        Action: "sts:AssumeRoleWithWebIdentity",
        ...more,
    });
    return [
        {
            name: "400 subjects",
            text: doc(
                trust({
                    Condition: {
                        StringLike: { [`${claims}:sub`]: count(400, (i) => `repo:a*/b*${i}:*`) },
                        StringEquals: { [`${claims}:aud`]: "sts.amazonaws.com" },
                    },
                }),
            ),
        },
        {
            name: "90 statements with a subject",
            text: doc(
                ...count(90, (i) =>
                    trust({ Condition: { StringEquals: { [`${claims}:sub`]: `repo:a/b:ref:refs/heads/${i}` } } }),
                ),
            ),
        },
        {
            name: "a subject of 30,000 wildcards",
            text: doc(trust({ Condition: { StringLike: { [`${claims}:sub`]: wild(30_000) } } })),
        },
        {
            name: "500 providers",
            text: doc(trust({ Principal: { Federated: count(400, (i) => `${provider}/${i}`) } })),
        },
        {
            name: "600 roles",
            text: doc({
                Effect: "Allow",
                Principal: { AWS: count(600, (i) => role(`r${i}`)) },
                Action: "sts:AssumeRole",
            }),
        },
        { name: "600 actions", text: doc(trust({ Action: count(600, (i) => `sts:*${i}*`) })) },
    ];
}

export const HOSTILE: readonly Hostile[] = [
    ...keyPolicies().map((one): Hostile => ({ ...one, kind: "key" })),
    ...identityPolicies().map(({ name, text, others }): Hostile => ({
        name,
        text,
        kind: "identity",
        ...(others && { others }),
    })),
    ...trustPolicies().map((one): Hostile => ({ ...one, kind: "trust" })),
];
