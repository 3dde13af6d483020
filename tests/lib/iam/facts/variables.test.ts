import { describe, expect, it } from "vitest";
import { judgeConditions, parsePolicy } from "../../../../lib/iam";
import { ACCOUNT, type Json } from "../canonical";
import { allow, deny, maySign, role, user } from "./ask";

/** Policy variables (IAM User Guide, "Policy variables"). Proves what each spelling may mean. Proves nothing about AWS itself. */

const RUNNER = role("runner");
const EVE = user("eve");
const when = (operator: string, key: string, value: unknown): Json => ({ Condition: { [operator]: { [key]: value } } });
const text = (version: string | undefined, ...statements: Json[]): string =>
    JSON.stringify({ ...(version !== undefined && { Version: version }), Statement: statements });

describe("`${*}`, `${?}` and `${$}` are characters, which no ARN holds", () => {
    it.each(["ArnLike", "ArnEquals", "StringLike", "StringEquals"])("%s of `${*}` admits nobody", (operator) =>
        expect(maySign([allow(when(operator, "aws:PrincipalArn", "${*}"))], RUNNER)).toBe(false),
    );
    it.each(["ArnNotLike", "ArnNotEquals", "StringNotLike", "StringNotEquals"])("%s of `${*}` admits all", (operator) =>
        expect(maySign([allow(when(operator, "aws:PrincipalArn", "${*}"))], RUNNER)).toBe(true),
    );
    it.each(["ArnLike", "ArnEquals", "StringLike"])("a Deny under %s of `${*}` stops nobody", (operator) =>
        expect(maySign([allow(), deny(when(operator, "aws:PrincipalArn", "${*}"))], RUNNER)).toBe(true),
    );
    it.each(["ArnNotLike", "StringNotLike"])("a Deny under %s of `${*}` stops all", (operator) =>
        expect(maySign([allow(), deny(when(operator, "aws:PrincipalArn", "${*}"))], RUNNER)).toBe(false),
    );
    it.each(["ArnLike", "StringLike"])("%s keeps the wildcards that stand beside one", (operator) => {
        const pattern = `arn:aws:iam::${ACCOUNT}:role/\${*}*`;
        expect(maySign([allow(), deny(when(operator, "aws:PrincipalArn", pattern))], RUNNER)).toBe(true);
        expect(maySign([allow(when(operator, "aws:PrincipalArn", pattern))], RUNNER)).toBe(false);
    });
    it.each(["${?}", "${$}"])("%s stands for one character only", (escape) => {
        const pattern = `arn:aws:iam::${ACCOUNT}:role/runne${escape}`;
        expect(maySign([allow(when("StringLike", "aws:PrincipalArn", pattern))], RUNNER)).toBe(false);
        expect(maySign([allow(), deny(when("ArnLike", "aws:PrincipalArn", pattern))], RUNNER)).toBe(true);
    });
    it.each(["ArnLike", "ArnEquals", "StringLike"])("%s of one is never sure of a class of callers", (operator) => {
        const condition = { [operator]: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/*\${*}*` } };
        const { document } = parsePolicy(text("2012-10-17", allow({ Condition: condition })), "key");
        const held = { kind: "like", glob: role("*"), except: [] } as const;
        const judged = judgeConditions(document.statements[0]?.conditions ?? [], { context: () => held, exact: false });
        expect(judged).toBe("unknown");
    });
    it("in a Resource, `${*}` is no wildcard", () => {
        expect(maySign([allow({ Resource: "arn:aws:kms:*:*:key/${*}" })], RUNNER)).toBe(false);
        expect(maySign([allow(), deny({ Resource: "arn:aws:kms:*:*:key/${*}" })], RUNNER)).toBe(true);
    });
});

describe("a variable may be anything", () => {
    it.each([
        ["in a condition", when("StringEquals", "aws:PrincipalArn", `arn:aws:iam::${ACCOUNT}:user/\${aws:username}`)],
        ["whatever its case", when("StringLike", "aws:PrincipalArn", `*\${AWS:UserName}`)],
        ["with a default", when("StringEquals", "aws:username", "${aws:PrincipalTag/name, 'eve'}")],
        ["with another default", when("StringEquals", "aws:username", "${aws:PrincipalTag/name, 'bob'}")],
        ["in a Resource", { Resource: "arn:aws:kms:*:${aws:PrincipalAccount}:key/*" }],
        ["with a default, in a Resource", { Resource: "arn:aws:kms:*:${aws:PrincipalTag/a, '1'}:key/*" }],
        ["negated", when("StringNotEquals", "aws:PrincipalArn", "${aws:PrincipalArn}")],
        ["without an end", when("StringLike", "aws:PrincipalArn", "${aws:PrincipalArn")],
    ])("%s: an Allow counts, a Deny does not", (_, more) => {
        expect(maySign([allow(more)], EVE)).toBe(true);
        expect(maySign([allow(), deny(more)], EVE)).toBe(true);
    });
    it.each(["NotResource"])("in %s: the same", (element) => {
        const more = { Resource: undefined, [element]: "arn:aws:kms:*:${aws:PrincipalAccount}:key/*" };
        expect(maySign([allow(more)], EVE)).toBe(true);
        expect(maySign([allow(), deny(more)], EVE)).toBe(true);
    });
    it("in a Principal, where AWS knows none, it may be anybody", () => {
        const named = { AWS: `arn:aws:iam::${ACCOUNT}:user/\${aws:username}` };
        expect(maySign([allow({ Principal: named })], EVE)).toBe(true);
        expect(maySign([allow(), deny({ Principal: named })], EVE)).toBe(true);
    });
});

describe("under another Version than 2012-10-17 nothing is a variable", () => {
    it.each(["2008-10-17", undefined])("Version %s: `${` is text", (version) => {
        const key = allow({ Resource: "arn:aws:kms:*:${aws:PrincipalAccount}:key/*" });
        expect(maySign(text(version, key), EVE)).toBe(false);
        const own = when("StringEquals", "aws:username", "${aws:username}");
        expect(maySign(text(version, allow(own)), EVE)).toBe(false);
        const other = when("StringNotEquals", "aws:username", "${aws:username}");
        expect(maySign(text(version, allow(other)), EVE)).toBe(true);
        expect(maySign(text(version, allow(), deny(other)), EVE)).toBe(false);
    });
    it.each(["2008-10-17", undefined])("Version %s: a star within braces is a wildcard", (version) => {
        expect(maySign(text(version, allow(), deny(when("StringLike", "aws:username", "${*}"))), EVE)).toBe(true);
        expect(maySign(text(version, allow(when("StringLike", "aws:username", "*${*")), deny()), EVE)).toBe(false);
        expect(maySign(text(version, allow(when("StringLike", "aws:username", "e*${*"))), EVE)).toBe(false);
        expect(maySign(text(version, allow(when("StringLike", "aws:username", "e*e"))), EVE)).toBe(true);
    });
});
