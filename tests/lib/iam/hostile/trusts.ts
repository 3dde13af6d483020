import { ACCOUNT, count, doc, role, wild, type Hostile, type Json } from "./make";

/** Trust policies: subjects, providers and roles by the hundred. */
export function trustPolicies(): Omit<Hostile, "kind">[] {
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
