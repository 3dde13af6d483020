import { describe, expect, it } from "vitest";
import { type Context, type ContextValue, judgeConditions, parsePolicy, type Tri } from "../../../lib/iam";

/** Proves each operator on known, absent, unknown and partly known keys. Proves nothing about which keys AWS sends. */

const known = (...values: string[]): ContextValue => ({ kind: "known", values });
const ABSENT: ContextValue = { kind: "absent" };
const UNKNOWN: ContextValue = { kind: "unknown" };
const SIGNER = "arn:aws:iam::111122223333:role/signing/s";
const LIKE: ContextValue = { kind: "like", glob: "arn:aws:iam::111122223333:role/signing/*", except: [SIGNER] };

function judge(block: object, context: Context, exact = false): Tri {
    const statement = { Effect: "Allow", Action: "*", Resource: "*", Condition: block };
    const { document } = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), "identity");
    return judgeConditions(document.statements[0]?.conditions ?? [], { context, exact });
}

const one = (operator: string, wanted: unknown, value: ContextValue): Tri =>
    judge({ [operator]: { "a:k": wanted } }, (key) => (key === "a:k" ? value : ABSENT));

const exactly = (operator: string, wanted: unknown, value: ContextValue): Tri =>
    judge({ [operator]: { "a:k": wanted } }, (key) => (key === "a:k" ? value : ABSENT), true);

describe("operators on a known value", () => {
    it.each<[string, unknown, string, boolean]>([
        ["StringEquals", "x", "x", true],
        ["StringEquals", "x", "X", false],
        ["StringEquals", "x*", "xy", false],
        ["StringEquals", ["y", "x"], "x", true],
        ["StringNotEquals", ["y", "x"], "x", false],
        ["StringNotEquals", ["y", "z"], "x", true],
        ["StringEqualsIgnoreCase", "ABC", "abc", true],
        ["StringNotEqualsIgnoreCase", "ABC", "abc", false],
        ["StringLike", "x*z", "xyyz", true],
        ["StringLike", "x?z", "xyyz", false],
        ["StringLike", "X*", "xy", false],
        ["StringNotLike", ["a*", "x*"], "xy", false],
        ["StringNotLike", "a*", "xy", true],
        ["ArnEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/x", true],
        ["ArnLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", true],
        ["ArnLike", "arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x:y", false],
        ["ArnLike", "*", "arn:aws:iam::1:role/x", true],
        ["ArnNotEquals", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/x", false],
        ["ArnNotLike", "arn:aws:iam::2:role/*", "arn:aws:iam::1:role/x", true],
        ["Bool", "true", "true", true],
        ["Bool", true, "TRUE", true],
        ["Bool", "false", "true", false],
        ["Bool", "yes", "yes", false],
        ["NumericEquals", "10", "1e1", true],
        ["NumericNotEquals", 10, "11", true],
        ["NumericLessThan", "30", "29", true],
        ["NumericLessThan", "30", "30", false],
        ["NumericLessThanEquals", "30", "30", true],
        ["NumericGreaterThan", "30", "30.5", true],
        ["NumericGreaterThanEquals", "30", "29", false],
        ["NumericEquals", "0x10", "16", false],
        ["DateEquals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", true],
        ["DateEquals", "1767225600", "2026-01-01", true],
        ["DateNotEquals", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", true],
        ["DateLessThan", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z", true],
        ["DateLessThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", true],
        ["DateGreaterThan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", false],
        ["DateGreaterThanEquals", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", true],
        ["DateLessThan", "tomorrow", "2026-01-01T00:00:00Z", false],
        ["IpAddress", "10.0.0.0/8", "10.255.0.1", true],
        ["IpAddress", "10.0.0.0/8", "11.0.0.1", false],
        ["IpAddress", "10.0.0.4", "10.0.0.4", true],
        ["IpAddress", "10.0.0.0/33", "10.0.0.0", false],
        ["IpAddress", "0.0.0.0/0", "8.8.8.8", true],
        ["IpAddress", "10.0.0.01", "10.0.0.1", false],
        ["NotIpAddress", "10.0.0.0/8", "11.0.0.1", true],
        ["IpAddress", "2001:db8::/32", "2001:db8:1::5", true],
        ["IpAddress", "2001:db8::/32", "2001:db9::", false],
        ["IpAddress", "::1", "0:0:0:0:0:0:0:1", true],
        ["IpAddress", "10.0.0.0/8", "::1", false],
        ["BinaryEquals", "QUI=", "QUI=", true],
        ["BinaryEquals", "Q", "Q", false],
    ])("%s %j on %s: %s", (operator, wanted, value, expected) =>
        expect(one(operator, wanted, known(value))).toBe(String(expected)),
    );

    it("joins keys and operators by and, values by or", () => {
        const context: Context = (key) => (key === "a:k" ? known("x") : key === "a:l" ? known("y") : ABSENT);
        expect(judge({ StringEquals: { "a:k": ["w", "x"], "a:l": "y" } }, context)).toBe("true");
        expect(judge({ StringEquals: { "a:k": "x", "a:l": "x" } }, context)).toBe("false");
        expect(judge({ StringEquals: { "A:K": "x" }, StringLike: { "a:l": "y*" } }, context)).toBe("true");
        expect(judge({ StringEquals: { "a:k": "x" }, StringLike: { "a:l": "z*" } }, context)).toBe("false");
        expect(judge({}, context)).toBe("true");
    });

    it("never matches an empty list of values where everything is known, and leaves it open elsewhere", () => {
        expect(exactly("StringEquals", [], known("x"))).toBe("false");
        expect(exactly("StringNotEquals", [], known("x"))).toBe("true");
        expect(one("StringEquals", [], known("x"))).toBe("unknown");
        expect(one("StringNotEquals", [], known("x"))).toBe("unknown");
        expect(one("Null", [], known("x"))).toBe("unknown");
    });
});

describe("absent keys", () => {
    it.each<[string, boolean]>([
        ["StringEquals", false],
        ["StringNotEquals", true],
        ["StringLike", false],
        ["StringNotLike", true],
        ["ArnEquals", false],
        ["ArnNotLike", true],
        ["Bool", false],
        ["NumericLessThan", false],
        ["NotIpAddress", true],
        ["DateNotEquals", true],
        ["StringEqualsIfExists", true],
        ["StringNotEqualsIfExists", true],
        ["BoolIfExists", true],
        ["ForAllValues:StringEquals", true],
        ["ForAllValues:StringNotEquals", true],
        ["ForAnyValue:StringEquals", false],
        ["ForAnyValue:StringNotEquals", false],
    ])("%s: %s", (operator, expected) => {
        expect(one(operator, "x", ABSENT)).toBe(String(expected));
        expect(one(operator, "x", known())).toBe(String(expected));
    });

    it("leaves open whether IfExists says anything under ForAnyValue", () => {
        expect(exactly("ForAnyValue:StringEqualsIfExists", "x", ABSENT)).toBe("true");
        expect(one("ForAnyValue:StringEqualsIfExists", "x", ABSENT)).toBe("unknown");
        expect(one("ForAnyValue:StringEqualsIfExists", "x", known("y"))).toBe("false");
    });

    it.each<[unknown, ContextValue, Tri]>([
        ["true", ABSENT, "true"],
        ["true", known("x"), "false"],
        ["false", ABSENT, "false"],
        [false, known("x"), "true"],
        ["true", UNKNOWN, "unknown"],
        ["true", LIKE, "false"],
        ["maybe", ABSENT, "unknown"],
        [["true", "false"], ABSENT, "true"],
    ])("Null %j on %j: %s", (wanted, value, expected) => expect(one("Null", wanted, value)).toBe(expected));
});

describe("several values", () => {
    it.each<[string, string[], string[], boolean]>([
        ["ForAllValues:StringEquals", ["a", "b"], ["a"], true],
        ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], false],
        ["ForAllValues:StringNotEquals", ["a"], ["b", "c"], true],
        ["ForAllValues:StringNotEquals", ["a"], ["a", "c"], false],
        ["ForAnyValue:StringEquals", ["a"], ["a", "c"], true],
        ["ForAnyValue:StringEquals", ["a"], ["b", "c"], false],
        ["ForAnyValue:StringNotEquals", ["a"], ["a", "c"], true],
        ["ForAnyValue:StringNotEquals", ["a"], ["a"], false],
        ["StringEquals", ["a"], ["b", "a"], true],
        ["StringNotEquals", ["a"], ["b", "a"], false],
    ])("%s %j on %j: %s", (operator, wanted, values, expected) =>
        expect(one(operator, wanted, known(...values))).toBe(String(expected)),
    );
});

describe("what is not known", () => {
    it.each([
        ["StringEquals"],
        ["StringNotEquals"],
        ["StringLike"],
        ["ArnLike"],
        ["Bool"],
        ["NumericLessThan"],
        ["DateLessThan"],
        ["IpAddress"],
        ["BinaryEquals"],
        ["StringEqualsIfExists"],
        ["ForAllValues:StringEquals"],
        ["ForAnyValue:StringEquals"],
        ["StringIs"],
    ])("%s is unknown", (operator) => expect(one(operator, "x", UNKNOWN)).toBe("unknown"));

    it("is unknown under an operator that IAM does not have, whatever the value", () => {
        expect(one("StringIs", "x", known("x"))).toBe("unknown");
        expect(one("constructor", "x", known("x"))).toBe("unknown");
    });

    it("lets the other side decide", () => {
        const context: Context = (key) => (key === "a:k" ? known("x") : UNKNOWN);
        expect(judge({ StringEquals: { "a:k": "y", "a:l": "z" } }, context)).toBe("false");
        expect(judge({ StringEquals: { "a:k": "x", "a:l": "z" } }, context)).toBe("unknown");
    });

    it.each<[string, string, Tri]>([
        ["StringEquals", SIGNER, "false"],
        ["StringNotEquals", SIGNER, "true"],
        ["StringLike", SIGNER, "false"],
        ["ArnNotEquals", SIGNER, "true"],
        ["StringEquals", `${SIGNER}x`, "unknown"],
        ["StringEquals", "arn:aws:iam::111122223333:role/other", "false"],
        ["StringEquals", `${SIGNER}*`, "unknown"],
        ["StringLike", `${SIGNER}*`, "unknown"],
        ["StringLike", "arn:aws:iam::111122223333:role/*", "true"],
        ["ArnLike", "arn:aws:iam::*:role/signing/*", "true"],
        ["ArnLike", "arn:aws:iam::111122223333:*", "true"],
        ["ArnLike", "*", "true"],
        ["ArnLike", "arn:*", "unknown"],
        ["ArnNotLike", "arn:aws:iam::*:role/signing/*", "false"],
        ["ArnLike", "arn:aws:iam::*:user/*", "false"],
        // The first star may stand for colons here.
        ["StringLike", "arn:aws:iam::*:user/*", "unknown"],
        ["StringEqualsIgnoreCase", SIGNER.toUpperCase(), "unknown"],
        ["StringEqualsIgnoreCase", "x", "false"],
        ["Bool", "true", "unknown"],
    ])("of a class of callers, %s %s is %s", (operator, wanted, expected) =>
        expect(one(operator, wanted, LIKE)).toBe(expected),
    );

    it("takes an ARN pattern with too few fields as unknown, since readings differ", () =>
        expect(one("ArnLike", "arn:*", known("arn:aws:iam::1:role/x"))).toBe("unknown"));
});

describe("variables", () => {
    const context: Context = (key) => (key === "a:k" ? known("eve") : key === "aws:username" ? known("eve") : ABSENT);

    it("makes an operator unknown where contexts are not complete", () => {
        expect(judge({ StringEquals: { "a:k": "${aws:username}" } }, context)).toBe("unknown");
        expect(judge({ StringNotEquals: { "a:k": "${aws:username}" } }, context)).toBe("unknown");
        expect(judge({ StringEquals: { "a:k": ["${aws:username}", "eve"] } }, context)).toBe("true");
    });

    it.each<[string, string, boolean]>([
        ["StringEquals", "${aws:username}", true],
        ["StringEquals", "${AWS:UserName}", true],
        ["StringEquals", "x-${aws:username}", false],
        ["StringLike", "${aws:username}*", true],
        ["StringEquals", "${aws:absent}", false],
        ["StringNotEquals", "${aws:absent}", true],
        ["StringEquals", "${aws:absent, 'eve'}", true],
        ["StringEquals", "${aws:username, 'adam'}", true],
    ])("puts them in where they are: %s %s is %s", (operator, wanted, expected) =>
        expect(judge({ [operator]: { "a:k": wanted } }, context, true)).toBe(String(expected)),
    );

    it("takes a star that comes from a value literally", () => {
        const star: Context = (key) => (key === "a:k" ? known("eve") : key === "aws:username" ? known("*") : ABSENT);
        expect(judge({ StringLike: { "a:k": "${aws:username}" } }, star, true)).toBe("false");
        expect(judge({ StringLike: { "a:k": "e${*}" } }, (key) => (key === "a:k" ? known("e*") : ABSENT), true)).toBe(
            "true",
        );
    });
});
