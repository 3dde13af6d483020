import { describe, expect, it } from "vitest";
import {
    documentMay,
    judgeKeyPolicy,
    keyPanel,
    keyQuestion,
    keyTarget,
    parsePolicy,
    principalOfArn,
} from "../../../../lib/iam";
import { ACCOUNT, ADMIN, canonicalStatements, documentOf, type Json, SCOPE, SIGNER } from "../canonical";
import { ADMIN_DOCUMENT, RUNNER, world, who, without, rootStar, allowSign } from "./ask";

/** Proves the other ways to a key: grants, documents of unknown holders, boundaries, policies too large or unreadable. Proves nothing about AWS's own evaluation. */

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
