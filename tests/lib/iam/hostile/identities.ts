import { allow, count, doc, maze, type Hostile } from "./make";

/** Identity policies: actions, resources, and JSON itself. */
export function identityPolicies(): Omit<Hostile, "kind">[] {
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
