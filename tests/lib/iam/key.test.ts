import { describe, expect, it } from "vitest";
import {
    documentMay,
    judgeKeyPolicy,
    keyPanel,
    keyQuestion,
    keyTarget,
    type KeyWorld,
    parsePolicy,
    principalOfArn,
    waysToKey,
} from "../../../lib/iam";
import { ACCOUNT, ADMIN, canonicalStatements, DEPLOYER, documentOf, type Json, ROOT, SCOPE, SIGNER } from "./canonical";

/** Proves what the evaluator says of one key policy. Proves nothing about AWS's own evaluation. */

const ADMIN_DOCUMENT = parsePolicy(documentOf([{ Effect: "Allow", Action: "*", Resource: "*" }]), "identity");
const RUNNER = `arn:aws:iam::${ACCOUNT}:role/runner`;

function world(statements: readonly Json[], more: Partial<KeyWorld> = {}): KeyWorld {
    const keyPolicy = parsePolicy(documentOf(statements), "key");
    const principals = [
        { arn: SIGNER, policies: [], complete: true },
        { arn: RUNNER, policies: [], complete: true },
        { arn: ADMIN, policies: [{ name: "admin", policy: ADMIN_DOCUMENT }], complete: true },
    ];
    return { scope: SCOPE, keyPolicy, principals, grants: [], ...more };
}

function who(value: KeyWorld, action = "kms:Sign"): string[] {
    return waysToKey(value, action).map(({ principal, route }) => `${route} ${principal.name}`);
}

const without = (...sids: string[]): Json[] => canonicalStatements().filter(({ Sid }) => !sids.includes(Sid as string));
const rootStar: Json = {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: { AWS: ROOT },
    Action: "kms:*",
    Resource: "*",
};
const allowSign = (principal: unknown, condition?: Json): Json => ({
    Effect: "Allow",
    Principal: principal,
    Action: "kms:Sign",
    Resource: "*",
    ...(condition && { Condition: condition }),
});

describe("the canonical key policy", () => {
    it("has no problems", () => expect(world(canonicalStatements()).keyPolicy?.problems).toEqual([]));

    it("lets the signer alone sign, over the whole panel", () => {
        const value = world(canonicalStatements());
        expect(who(value)).toEqual([`direct ${SIGNER}`]);
        const kinds = new Set(keyPanel(value).members.map(({ kind }) => kind));
        expect([...kinds].sort()).toEqual(["anonymous", "federated-user", "role", "root", "service", "user"]);
    });

    it("names the statement that decides", () => {
        expect(waysToKey(world(canonicalStatements()), "kms:Sign")[0]?.causes).toEqual([
            { policy: "key policy", at: "Statement[4].Action[0]", sid: "Signer", effect: "Allow", certain: false },
        ]);
    });

    it.each([
        ["kms:CreateGrant"],
        ["kms:ReplicateKey"],
        ["kms:ImportKeyMaterial"],
        ["kms:UpdatePrimaryRegion"],
        ["kms:UpdateAlias"],
    ])("lets nobody do %s", (action) => expect(who(world([...canonicalStatements(), rootStar]), action)).toEqual([]));

    it("lets administrators, deployer and root user change the policy, nobody else", () => {
        expect(who(world(canonicalStatements()), "kms:PutKeyPolicy").sort()).toEqual(
            [`delegated ${ROOT}`, `direct ${ADMIN}`, `direct ${DEPLOYER}`].sort(),
        );
    });

    it("delegates reading to the account", () => {
        expect(who(world(canonicalStatements()), "kms:GetPublicKey")).toContain(
            `delegated arn:aws:iam::${ACCOUNT}:role/*`,
        );
        expect(who(world(canonicalStatements()), "kms:GetPublicKey")).not.toContain(`delegated ${RUNNER}`);
    });
});

describe("one protection less", () => {
    it("still lets nobody else sign without the Deny, since nothing delegates Sign", () =>
        expect(who(world(without("DenySignOthers")))).toEqual([`direct ${SIGNER}`]));

    it("lets everyone sign whose identity policy allows it once the account is given kms:*", () => {
        const names = who(world([...without("DenySignOthers"), rootStar]));
        expect(names).toEqual(
            expect.arrayContaining([
                `delegated ${ADMIN}`,
                `delegated arn:aws:iam::${ACCOUNT}:user/*`,
                `delegated ${ROOT}`,
            ]),
        );
        expect(names).not.toContain(`delegated ${RUNNER}`);
    });

    it("holds against kms:* for the account by the Deny alone", () =>
        expect(who(world([...canonicalStatements(), rootStar]))).toEqual([`direct ${SIGNER}`]));

    it("takes a missing policy as AWS's default", () => {
        const names = who({ ...world([]), keyPolicy: undefined });
        expect(names).toContain(`delegated ${ADMIN}`);
        expect(names).not.toContain(`direct ${SIGNER}`);
    });
});

describe("allows that look restrictive", () => {
    const policy = (...more: Json[]): KeyWorld => world([...without("DenySignOthers"), ...more]);
    const others = (value: KeyWorld): string[] => who(value).filter((name) => name !== `direct ${SIGNER}`);

    it.each<[string, Json]>([
        ["StringEquals kms:CallerAccount", { StringEquals: { "kms:CallerAccount": ACCOUNT } }],
        ["aws:PrincipalOrgID", { StringEquals: { "aws:PrincipalOrgID": "o-example" } }],
        ["aws:SourceVpce", { StringEquals: { "aws:SourceVpce": "vpce-1" } }],
        ["kms:ViaService", { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } }],
        ["a principal tag", { StringEquals: { "aws:PrincipalTag/team": "release" } }],
        ["Null true", { Null: { "aws:PrincipalTag/team": "true" } }],
        ["ForAllValues", { "ForAllValues:StringEquals": { "aws:PrincipalTag/team": "release" } }],
        ["IfExists", { StringEqualsIfExists: { "aws:SourceVpce": "vpce-1" } }],
        ["a date", { DateLessThan: { "aws:CurrentTime": "2020-01-01T00:00:00Z" } }],
        ["a variable", { StringEquals: { "aws:PrincipalArn": "${aws:PrincipalArn}" } }],
        ["an IfExists on an absent key", { StringEqualsIfExists: { "aws:PrincipalArn": SIGNER } }],
    ])("do not restrict: everyone under %s", (_, condition) =>
        expect(others(policy(allowSign("*", condition))).length).toBeGreaterThan(0),
    );

    it.each<[string, Json]>([
        ["StringEquals", { StringEquals: { "aws:PrincipalArn": SIGNER } }],
        ["ArnEquals", { ArnEquals: { "AWS:principalARN": SIGNER } }],
        ["StringLike without a wildcard", { StringLike: { "aws:PrincipalArn": [SIGNER] } }],
        ["ArnLike without a wildcard", { ArnLike: { "aws:PrincipalArn": SIGNER } }],
        [
            "a Null beside StringEquals",
            { Null: { "aws:PrincipalArn": "false" }, StringEquals: { "aws:PrincipalArn": SIGNER } },
        ],
        [
            "a star under StringEquals beside the whole",
            { StringEquals: { "aws:PrincipalArn": [SIGNER, `${SIGNER}*`, "signer"] } },
        ],
        ["ForAnyValue", { "ForAnyValue:StringEquals": { "aws:PrincipalArn": SIGNER } }],
    ])("restrict: everyone under %s of the signer's ARN", (_, condition) =>
        expect(others(policy(allowSign("*", condition)))).toEqual([]),
    );

    it.each([
        [`arn:aws:iam::${ACCOUNT}:role/signing/countersign*`],
        [`arn:aws:iam::*:role/signing/*`],
        [`*signer`],
        [`arn:*:role/*/countersign-dev-files-v1-signe?`],
    ])("find a witness for the pattern %s", (pattern) => {
        const ways = waysToKey(policy(allowSign("*", { StringLike: { "aws:PrincipalArn": pattern } })), "kms:Sign");
        const found = ways.find(({ principal }) => principal.isClass && principal.kind === "role");
        expect(found?.principal.witness).toMatch(/^arn:aws:iam::[0-9]{12}:role\//);
        expect(found?.principal.witness).not.toBe(SIGNER);
    });

    it("finds the pattern in a Principal, which AWS refuses", () => {
        const value = policy(allowSign({ AWS: `arn:aws:iam::${ACCOUNT}:role/signing/*` }));
        expect(value.keyPolicy?.problems).toEqual([expect.objectContaining({ code: "PrincipalWildcard" })]);
        expect(others(value)).toContain(`direct arn:aws:iam::${ACCOUNT}:role/signing/*`);
    });

    it("finds the one role that two patterns share", () => {
        const prefix = `arn:aws:iam::${ACCOUNT}:role/`;
        const denyRest = { Effect: "Deny", Principal: "*", Action: "kms:Sign", Resource: "*" };
        const shared = policy(allowSign("*", { ArnLike: { "aws:PrincipalArn": `${prefix}a*` } }), {
            ...denyRest,
            Condition: { ArnNotLike: { "aws:PrincipalArn": [`${prefix}*b`, SIGNER] } },
        });
        expect(others(shared).length).toBeGreaterThan(0);
        const apart = policy(allowSign("*", { ArnLike: { "aws:PrincipalArn": `${prefix}a*` } }), {
            ...denyRest,
            Condition: { ArnNotLike: { "aws:PrincipalArn": [`${prefix}b*`, SIGNER] } },
        });
        expect(others(apart)).toEqual([]);
    });
});

describe("principals", () => {
    const others = (principal: unknown, more: readonly Json[] = []): string[] =>
        who(world([...without("DenySignOthers", "DenyCrossAccount"), allowSign(principal), ...more])).filter(
            (name) => name !== `direct ${SIGNER}`,
        );

    it.each<[string, unknown, string]>([
        ["a role", { AWS: RUNNER }, `direct ${RUNNER}`],
        ["a user", { AWS: `arn:aws:iam::${ACCOUNT}:user/eve` }, `direct arn:aws:iam::${ACCOUNT}:user/eve`],
        ["a unique id", { AWS: "AROAEXAMPLEEXAMPLE12" }, "direct AROAEXAMPLEEXAMPLE12"],
        ["a service", { Service: "dnssec-route53.amazonaws.com" }, "direct dnssec-route53.amazonaws.com"],
        ["another account", { AWS: "444455556666" }, "cross-account arn:aws:iam::444455556666:role/*"],
        [
            "a role elsewhere",
            { AWS: "arn:aws:iam::444455556666:role/x" },
            "cross-account arn:aws:iam::444455556666:role/x",
        ],
        [
            "a session of a declared role",
            { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/runner/eve` },
            `direct ${RUNNER}`,
        ],
        [
            "a session of a foreign role",
            { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/stranger/eve` },
            `direct arn:aws:sts::${ACCOUNT}:assumed-role/stranger/eve`,
        ],
        ["a federation", { Federated: "cognito-identity.amazonaws.com" }, "direct cognito-identity.amazonaws.com"],
        ["everyone", { AWS: "*" }, "direct anonymous"],
    ])("finds %s", (_, principal, expected) => expect(others(principal)).toContain(expected));

    it("accepts the signer's own session", () =>
        expect(others({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-dev-files-v1-signer/x` })).toEqual([]));

    it("reads Allow with NotPrincipal as everyone but who is listed by all its names, which a role's sessions never are", () => {
        const { Principal: _, ...rest } = allowSign("*");
        const user = `arn:aws:iam::${ACCOUNT}:user/eve`;
        const names = who(
            world([...without("DenySignOthers"), { ...rest, NotPrincipal: { AWS: [RUNNER, user, ACCOUNT] } }]),
        );
        expect(names).toContain(`direct ${ADMIN}`);
        expect(names).toContain(`direct ${RUNNER}`);
        expect(names).not.toContain(`direct ${user}`);
    });

    it("counts Deny with NotPrincipal for those alone who are neither listed nor in a listed account", () => {
        const notSigner = { Effect: "Deny", NotPrincipal: { AWS: [SIGNER, ROOT] }, Action: "kms:Sign", Resource: "*" };
        const names = others("*", [notSigner]);
        expect(names).toContain(`direct ${RUNNER}`);
        expect(names.filter((name) => name.startsWith("cross-account"))).toEqual([]);
    });

    it("lets a unique id pass a Deny by pattern, and stops it by a Deny that names the signer", () => {
        const by = (condition: Json): Json => ({
            Effect: "Deny",
            Principal: "*",
            Action: "kms:Sign",
            Resource: "*",
            Condition: condition,
        });
        const id = { AWS: "AROAEXAMPLEEXAMPLE12" };
        expect(others(id, [by({ ArnNotLike: { "aws:PrincipalArn": `${SIGNER}*` } })])).toEqual([
            "direct AROAEXAMPLEEXAMPLE12",
        ]);
        expect(others(id, [by({ ArnNotEquals: { "aws:PrincipalArn": SIGNER } })])).toEqual([]);
    });
});

describe("Denies that do not bite", () => {
    const others = (deny: Json): string[] =>
        who(world([...without("DenySignOthers"), rootStar, { Sid: "D", Effect: "Deny", Principal: "*", ...deny }]));

    it.each<[string, Json]>([
        [
            "conditional",
            { Action: "kms:Sign", Resource: "*", Condition: { Bool: { "aws:MultiFactorAuthPresent": "false" } } },
        ],
        ["an alias", { Action: "kms:Sign", Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/release` }],
        ["another region", { Action: "kms:Sign", Resource: `arn:aws:kms:eu-west-2:${ACCOUNT}:key/*` }],
        [
            "one key id",
            {
                Action: "kms:Sign",
                Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/12345678-1234-1234-1234-123456789012`,
            },
        ],
        ["too few fields", { Action: "kms:Sign", Resource: "arn:aws:kms:*" }],
        ["NotAction", { NotAction: "kms:S*", Resource: "*" }],
        ["an absent action", { Action: "kms:Verify", Resource: "*" }],
        [
            "a variable",
            {
                Action: "kms:Sign",
                Resource: "*",
                Condition: { ArnNotEquals: { "aws:PrincipalArn": "${aws:PrincipalArn}" } },
            },
        ],
        [
            "an empty negation",
            {
                Action: "kms:Sign",
                Resource: "*",
                Condition: { StringNotEqualsIfExists: { "aws:SourceVpce": "vpce-1" } },
            },
        ],
    ])("%s", (_, deny) => expect(others(deny)).toContain(`delegated ${ADMIN}`));

    it.each<[string, Json]>([
        ["kms:*", { Action: "kms:*", Resource: "*" }],
        ["any case", { Action: "KMS:sIGN", Resource: "*" }],
        ["the key glob", { Action: "kms:Sign", Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*` }],
        ["NotAction of something else", { NotAction: "kms:Describe*", Resource: "*" }],
        ["NotResource of aliases", { Action: "kms:Sign", NotResource: `arn:aws:kms:eu-west-1:${ACCOUNT}:alias/*` }],
    ])("bites: %s", (_, deny) => expect(others(deny)).toEqual([]));
});

describe("other routes", () => {
    it("finds a grant, and stops it by the Deny", () => {
        const grant = { name: "loose", operations: ["Sign"], grantee: RUNNER };
        expect(who(world(without("DenySignOthers"), { grants: [grant] }))).toContain(`grant ${RUNNER}`);
        expect(who(world(canonicalStatements(), { grants: [grant] }))).toEqual([`direct ${SIGNER}`]);
        expect(who(world(without("DenySignOthers"), { grants: [{ name: "unknown" }] }))).toContain(`grant ${RUNNER}`);
        expect(who(world(without("DenySignOthers"), { grants: [{ ...grant, operations: ["Verify"] }] }))).toEqual([
            `direct ${SIGNER}`,
        ]);
    });

    it("finds a service as grantee", () => {
        const grant = { name: "rds", operations: ["CreateGrant"], grantee: "rds.amazonaws.com" };
        expect(who(world(without("DenyGrants", "DenyCrossAccount"), { grants: [grant] }), "kms:CreateGrant")).toEqual([
            "grant rds.amazonaws.com",
        ]);
        const elsewhere = { ...grant, key: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/mrk-1234` };
        expect(
            who(world(without("DenyGrants", "DenyCrossAccount"), { grants: [elsewhere] }), "kms:CreateGrant"),
        ).toEqual([]);
    });

    it("names the Deny that protects everyone else", () => {
        const value = world(canonicalStatements());
        const question = keyQuestion(value, "kms:Sign");
        const unprotected = keyPanel(value).members.filter(
            (caller) => judgeKeyPolicy(question, caller).denied === undefined,
        );
        expect(unprotected.map(({ name }) => name)).toEqual([SIGNER]);
        const someone = principalOfArn(RUNNER, SCOPE);
        expect(judgeKeyPolicy(question, someone)).toMatchObject({
            denied: { sid: "DenySignOthers", at: "Statement[5].Action[0]" },
            delegated: [],
        });
        expect(judgeKeyPolicy(keyQuestion(value, "kms:DescribeKey"), someone).delegated.map(({ sid }) => sid)).toEqual([
            "ReadKey",
        ]);
    });

    it("judges a document whose holder is not known", () => {
        const target = keyTarget("kms:Sign", SCOPE);
        const may = (...statements: Json[]): string | undefined =>
            documentMay({ name: "p", policy: parsePolicy(documentOf(statements), "identity") }, target, SCOPE)?.at;
        const on = (Resource: unknown, more: Json = {}): Json => ({
            Effect: "Allow",
            Action: "kms:Sign",
            Resource,
            ...more,
        });
        expect(may(on("*"))).toBe("Statement[0].Action");
        expect(may(on(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/12\${aws:username}`))).toBe("Statement[0].Action");
        expect(may(on("arn:aws:s3:::*"))).toBeUndefined();
        expect(may(on(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/mrk-*`))).toBeUndefined();
        expect(may(on(`arn:aws:kms:eu-west-1:444455556666:key/*`))).toBeUndefined();
        expect(may({ Effect: "Allow", Action: "kms:Sign", NotResource: "arn:aws:kms:*:*:*" })).toBeUndefined();
        expect(may({ Effect: "Allow", Action: "kms:Sign", NotResource: "arn:aws:s3:::*" })).toBe("Statement[0].Action");
        expect(may(on("*"), { Effect: "Deny", Action: "kms:*", Resource: "*" })).toBeUndefined();
        expect(
            may(on("*"), {
                Effect: "Deny",
                Action: "kms:*",
                Resource: "*",
                Condition: { Bool: { "aws:ViaAWSService": "true" } },
            }),
        ).toBe("Statement[0].Action");
        expect(may(on("*", { Condition: { ArnEquals: { "aws:PrincipalArn": SIGNER } } }))).toBe("Statement[0].Action");
    });

    it("narrows the identity route by a boundary, never the direct one", () => {
        const boundary = {
            name: "edge",
            policy: parsePolicy(documentOf([{ Effect: "Allow", Action: "s3:*", Resource: "*" }]), "boundary"),
        };
        const admin = { arn: ADMIN, policies: [{ name: "admin", policy: ADMIN_DOCUMENT }], complete: true, boundary };
        const delegated = world([...without("DenySignOthers"), rootStar], { principals: [admin] });
        expect(who(delegated)).not.toContain(`delegated ${ADMIN}`);
        expect(
            who(world([...without("DenySignOthers"), allowSign({ AWS: ADMIN })], { principals: [admin] })),
        ).toContain(`direct ${ADMIN}`);
    });

    it("takes a principal with unknown attachments as holding everything", () => {
        const runner = { arn: RUNNER, policies: [], complete: false };
        expect(who(world([...without("DenySignOthers"), rootStar], { principals: [runner] }))).toContain(
            `delegated ${RUNNER}`,
        );
    });

    it("hides nothing behind an unreadable policy", () => {
        const value = { ...world([]), keyPolicy: parsePolicy('{"Version":"2012-10-17"', "key") };
        expect(who(value)).toContain("direct anonymous");
    });

    const everyone = (patterns: readonly string[]): Json =>
        allowSign("*", { StringLike: { "aws:PrincipalArn": patterns } });
    it.each<[string, Json]>([
        ["names", allowSign({ AWS: Array.from({ length: 1_200 }, (_, i) => `arn:aws:iam::1:role/${i}`) })],
        ["accounts", allowSign({ AWS: Array.from({ length: 1_500 }, (_, i) => `${100_000_000_000 + i}`) })],
        ["patterns", everyone(Array.from({ length: 1_500 }, (_, i) => `*a*b*c*${i}*`))],
        ["wildcards", everyone(["*a?".repeat(8_000)])],
        ["comparisons", everyone(Array.from({ length: 60 }, (_, i) => `*a*b*${"c".repeat(400)}*${i}*`))],
    ])("is undecided over too many %s", (_, statement) => expect(who(world([statement]))).toEqual(["undecided *"]));
});
