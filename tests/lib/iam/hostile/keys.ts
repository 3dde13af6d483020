import { ACCOUNT, allow, count, doc, everyone, maze, role, wild, type Hostile, type Json } from "./make";

/** Key policies: statements, principals and patterns by the hundred. */
export function keyPolicies(): Omit<Hostile, "kind">[] {
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
