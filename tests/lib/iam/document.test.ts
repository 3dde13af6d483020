import { describe, expect, it } from "vitest";
import { isWellFormed, parsePolicy, type PolicyKind, SIZE_LIMITS } from "../../../lib/iam";
import { canonicalStatements, documentOf } from "./canonical";

/** Proves what the parser refuses and how it counts it. Proves nothing about the wording of AWS's refusals. */

const V = '"Version":"2012-10-17"';
const identity = (statement: string): string => `{${V},"Statement":[${statement}]}`;
const codes = (text: string, kind: PolicyKind = "identity"): string[] =>
    parsePolicy(text, kind).problems.map(({ code }) => code);
const isOpen = (text: string, kind: PolicyKind = "identity"): boolean =>
    parsePolicy(text, kind).document.statements.some(
        ({ opaque, effect, actions }) => opaque && effect === "Allow" && actions.entries[0]?.text === "*",
    );

describe("documents that IAM takes", () => {
    it.each<[string, PolicyKind, string]>([
        [
            "a statement as an object",
            "identity",
            `{${V},"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`,
        ],
        [
            "lists",
            "identity",
            identity('{"Effect":"Deny","NotAction":["kms:*","s3:Get*"],"NotResource":["arn:aws:s3:::x/*"]}'),
        ],
        [
            "any order and white space",
            "identity",
            `\n{\t"Statement" : [ {"Resource":"*","Action":"*","Effect":"Allow"} ] ,${V}}\r\n`,
        ],
        [
            "Id and Sid",
            "identity",
            `{${V},"Id":"x","Statement":[{"Sid":"A","Effect":"Allow","Action":"*:*","Resource":"*"}]}`,
        ],
        ["everyone", "key", identity('{"Effect":"Allow","Principal":"*","Action":"kms:Sign","Resource":"*"}')],
        [
            "all kinds of principals",
            "key",
            identity(
                '{"Effect":"Allow","Principal":{"AWS":["*","111122223333","arn:aws:iam::111122223333:root","AROAEXAMPLEEXAMPLE12"],' +
                    '"Service":"lambda.amazonaws.com","Federated":"accounts.google.com","CanonicalUser":"79a59df9"},"Action":"kms:Sign","Resource":"*"}',
            ),
        ],
        [
            "booleans and numbers as condition values",
            "identity",
            identity(
                '{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":false},"NumericLessThan":{"a:b":[3,4.5]}}}',
            ),
        ],
        [
            "a trust policy",
            "trust",
            identity('{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}'),
        ],
        ["the canonical key policy", "key", documentOf(canonicalStatements())],
        [
            "the canonical key policy, indented",
            "key",
            JSON.stringify(JSON.parse(documentOf(canonicalStatements())), null, 4),
        ],
    ])("takes %s", (_, kind, text) => {
        expect(parsePolicy(text, kind).problems).toEqual([]);
        expect(isWellFormed(parsePolicy(text, kind))).toBe(true);
        expect(isOpen(text, kind)).toBe(false);
    });

    it("undoes escapes before anything is compared", () => {
        const { document } = parsePolicy(
            identity('{"Effect":"\\u0041llow","Action":"kms:\\u0053ign","Resource":"*"}'),
            "identity",
        );
        expect(document.statements[0]?.actions.entries[0]?.text).toBe("kms:Sign");
        expect(document.statements[0]?.opaque).toBe(false);
    });

    it("points at what it read", () => {
        const { document } = parsePolicy(
            identity('{"Effect":"Allow","Action":["s3:x","kms:Sign"],"Resource":"*"}'),
            "identity",
        );
        expect(document.statements[0]?.actions.entries.map(({ at }) => at)).toEqual([
            "Statement[0].Action[0]",
            "Statement[0].Action[1]",
        ]);
    });
});

describe("documents that are refused, and count as Allow everything", () => {
    const allow = '"Effect":"Allow","Action":"s3:GetObject","Resource":"*"';
    it.each<[string, string, string, PolicyKind?]>([
        ["no JSON", "NotJson", "Allow"],
        ["nothing", "NotJson", ""],
        ["a tail", "NotJson", `${identity(`{${allow}}`)} x`],
        ["two documents", "NotJson", `${identity(`{${allow}}`)}${identity(`{${allow}}`)}`],
        ["a trailing comma", "NotJson", identity(`{${allow},}`)],
        ["single quotes", "NotJson", `{'Version':"2012-10-17"}`],
        ["a comment", "NotJson", `/* */${identity(`{${allow}}`)}`],
        ["a control character in a string", "NotJson", identity(`{"Sid":"a\u0001",${allow}}`)],
        ["a bad escape", "NotJson", identity(`{"Sid":"\\x41",${allow}}`)],
        ["a short unicode escape", "NotJson", identity(`{"Sid":"\\u41",${allow}}`)],
        ["a byte order mark", "NotJson", `\uFEFF${identity(`{${allow}}`)}`],
        ["a leading zero", "NotJson", identity(`{"Sid":01,${allow}}`)],
        ["a list at the top", "NotJson", "[]"],
        ["a duplicate Statement", "DuplicateKey", `{${V},"Statement":[],"Statement":[{${allow}}]}`],
        ["a duplicate Effect", "DuplicateKey", identity(`{${allow},"Effect":"Deny"}`)],
        ["a duplicate by escape", "DuplicateKey", identity(`{${allow},"\\u0045ffect":"Deny"}`)],
        [
            "a duplicate operator",
            "DuplicateKey",
            identity(`{${allow},"Condition":{"Bool":{"a:b":"true"},"Bool":{"a:b":"false"}}}`),
        ],
        [
            "a key in two spellings",
            "DuplicateKey",
            identity(`{${allow},"Condition":{"Bool":{"a:b":"true","A:B":"false"}}}`),
        ],
        ["an unknown element", "UnknownElement", identity(`{${allow},"Because":"x"}`)],
        ["an unknown top element", "UnknownElement", `{${V},"Name":"x","Statement":[{${allow}}]}`],
        ["a statement that is text", "UnknownElement", identity('"Allow"')],
        ["wrong case", "WrongCase", identity('{"effect":"Allow","Action":"*","Resource":"*"}')],
        ["wrong case at the top", "WrongCase", `{${V},"statement":[{${allow}}]}`],
        ["wrong case of Allow", "BadEffect", identity('{"Effect":"allow","Action":"*","Resource":"*"}')],
        ["no Effect", "BadEffect", identity('{"Action":"*","Resource":"*"}')],
        ["__proto__", "PrototypeKey", identity(`{${allow},"__proto__":{}}`)],
        ["constructor", "PrototypeKey", identity(`{${allow},"constructor":"x"}`)],
        ["__proto__ at the top", "PrototypeKey", `{${V},"__proto__":{"Statement":[]},"Statement":[{${allow}}]}`],
        [
            "__proto__ as a condition key",
            "PrototypeKey",
            identity(`{${allow},"Condition":{"Bool":{"__proto__":"true"}}}`),
        ],
        ["__proto__ as an operator", "PrototypeKey", identity(`{${allow},"Condition":{"__proto__":{"a:b":"true"}}}`)],
        ["both Action and NotAction", "BothOrNeither", identity(`{${allow},"NotAction":"x:y"}`)],
        ["neither Resource nor NotResource", "BothOrNeither", identity('{"Effect":"Allow","Action":"*"}')],
        ["no Principal in a key policy", "BothOrNeither", identity(`{${allow}}`), "key"],
        [
            "both Principal and NotPrincipal",
            "BothOrNeither",
            identity(`{${allow},"Principal":"*","NotPrincipal":"*"}`),
            "key",
        ],
        ["Principal in an identity policy", "Misplaced", identity(`{${allow},"Principal":"*"}`)],
        ["Resource in a trust policy", "Misplaced", identity(`{${allow},"Principal":"*"}`), "trust"],
        ["a number as Action", "NotAString", identity('{"Effect":"Allow","Action":5,"Resource":"*"}')],
        ["a list in a list", "NotAString", identity('{"Effect":"Allow","Action":[["kms:Sign"]],"Resource":"*"}')],
        ["a number as Sid", "NotAString", identity(`{"Sid":5,${allow}}`)],
        ["null as a condition value", "NotAString", identity(`{${allow},"Condition":{"Bool":{"a:b":null}}}`)],
        ["an object as a condition value", "NotAString", identity(`{${allow},"Condition":{"Bool":{"a:b":{}}}}`)],
        ["text as Condition", "BadCondition", identity(`{${allow},"Condition":"x"}`)],
        ["text as an operator", "BadCondition", identity(`{${allow},"Condition":{"Bool":"x"}}`)],
        ["an empty operator", "Empty", identity(`{${allow},"Condition":{"Bool":{}}}`)],
        ["no actions", "Empty", identity('{"Effect":"Allow","Action":[],"Resource":"*"}')],
        ["no statements", "Empty", `{${V},"Statement":[]}`],
        ["no Statement", "Empty", `{${V}}`],
        ["an action without service", "BadAction", identity('{"Effect":"Allow","Action":"Sign","Resource":"*"}')],
        ["a blank in an action", "BadAction", identity('{"Effect":"Allow","Action":"kms:Sign ","Resource":"*"}')],
        ["a look-alike letter", "BadAction", identity('{"Effect":"Deny","Action":"\u212Ams:Sign","Resource":"*"}')],
        ["a resource that is no ARN", "BadResource", identity('{"Effect":"Allow","Action":"*","Resource":"key/1"}')],
        ["a principal that is a name", "BadPrincipal", identity(`{${allow},"Principal":"root"}`), "key"],
        ["a principal of an unknown type", "BadPrincipal", identity(`{${allow},"Principal":{"aws":"*"}}`), "key"],
        ["an empty principal", "BadPrincipal", identity(`{${allow},"Principal":{}}`), "key"],
        ["a principal that is no ARN", "BadPrincipal", identity(`{${allow},"Principal":{"AWS":"signer"}}`), "key"],
        ["an S3 ARN as principal", "BadPrincipal", identity(`{${allow},"Principal":{"AWS":"arn:aws:s3:::x"}}`), "key"],
        ["a service in capitals", "BadPrincipal", identity(`{${allow},"Principal":{"Service":"Lambda"}}`), "key"],
        ["a type twice", "DuplicateKey", identity(`{${allow},"Principal":{"AWS":"111122223333","AWS":"*"}}`), "key"],
    ])("%s: %s", (_, code, text, kind = "identity") => {
        expect(codes(text, kind)).toContain(code);
        expect(isOpen(text, kind)).toBe(true);
        expect(isWellFormed(parsePolicy(text, kind))).toBe(false);
    });

    it("drops a Deny that it does not understand", () => {
        const { document } = parsePolicy(
            identity('{"Effect":"Deny","Action":"*","Resource":"*","Extra":1}'),
            "identity",
        );
        expect(document.statements.map(({ effect }) => effect)).toEqual(["Allow"]);
    });
});

describe("documents that are refused, and still read as what they say", () => {
    const open = (action: string): string => identity(`{"Effect":"Deny","Action":"${action}","Resource":"*"}`);
    it.each<[string, string, string, PolicyKind?]>([
        [
            "another Version",
            "Version",
            '{"Version":"2008-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}',
        ],
        ["no Version", "Version", '{"Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}'],
        ["a wildcard in the service", "BadAction", open("k*:Sign")],
        [
            "an unknown operator",
            "UnknownOperator",
            identity('{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringIs":{"a:b":"c"}}}'),
        ],
        [
            "an operator in another case",
            "UnknownOperator",
            identity('{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"stringEquals":{"a:b":"c"}}}'),
        ],
        [
            "NullIfExists",
            "UnknownOperator",
            identity('{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NullIfExists":{"a:b":"true"}}}'),
        ],
        [
            "a Sid twice",
            "DuplicateSid",
            identity(
                '{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"},{"Sid":"A","Effect":"Deny","Action":"*","Resource":"*"}',
            ),
        ],
        [
            "a wildcard in a principal",
            "PrincipalWildcard",
            identity('{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::1:role/x*"},"Action":"*","Resource":"*"}'),
            "key",
        ],
    ])("%s: %s", (_, code, text, kind = "identity") => {
        expect(codes(text, kind)).toEqual([code]);
        expect(parsePolicy(text, kind).document.statements.every(({ effect }) => effect === "Deny")).toBe(true);
    });
});

describe("hostile documents", () => {
    const list = (count: number, text: string): string => `[${new Array<string>(count).fill(`"${text}"`).join(",")}]`;

    it("is refused above its limit, by kind", () => {
        for (const kind of Object.keys(SIZE_LIMITS) as PolicyKind[]) {
            const size = SIZE_LIMITS[kind].characters;
            expect(
                codes(identity(`{"Sid":"${"a".repeat(size)}","Effect":"Deny","Action":"*","Resource":"*"}`), kind),
            ).toContain("TooLong");
        }
        expect(codes(identity(`{"Effect":"Deny","Action":"*","Resource":"*"}${" ".repeat(20_000)}`))).toEqual([]);
    });

    it.each<[string, string, string]>([
        ["deep nesting", "TooDeep", `${"[".repeat(60_000)}${"]".repeat(60_000)}`],
        ["deep objects", "TooDeep", `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`],
        [
            "a million-character action",
            "TooLong",
            identity(`{"Effect":"Allow","Action":"kms:${"S".repeat(1_000_000)}","Resource":"*"}`),
        ],
        [
            "a long action",
            "BadAction",
            identity(`{"Effect":"Allow","Action":"kms:${"*S".repeat(2_000)}","Resource":"*"}`),
        ],
        [
            "thousands of wildcards",
            "TooLong",
            identity(`{"Effect":"Allow","Action":${list(4_000, "k*m*s*:*g*n")},"Resource":"*"}`),
        ],
        ["an endless number", "NotJson", `{"Version":${"1".repeat(100_000)}}`],
        ["thousands of duplicates", "DuplicateKey", `{${new Array<string>(5_000).fill('"Statement":1').join(",")}}`],
    ])("%s is refused", (_, code, text) => {
        expect(codes(text)).toContain(code);
        expect(isOpen(text) || parsePolicy(text, "identity").document.statements.length > 0).toBe(true);
    });

    it("prints nothing that a document could have chosen freely", () => {
        const secret = "AKIA/secret\n\u001b[31m";
        const text = identity(
            `{"${"x"}":1,"Effect":"Allow","Action":${JSON.stringify(secret)},"Resource":${JSON.stringify(secret)}}`,
        );
        const printed = JSON.stringify(parsePolicy(text, "identity").problems);
        expect(printed).not.toContain("secret");
        expect(printed).not.toContain("\\u001b");
    });
});

describe("a document of mistakes", () => {
    const empty = (n: number): string => `{${V},"Statement":[${Array.from({ length: n }, () => "{}").join(",")}]}`;

    it("is read to its end as long as its problems can be listed", () => {
        const { problems, document } = parsePolicy(empty(20), "identity");
        expect(problems.map(({ code }) => code)).not.toContain("TooMany");
        expect(document.statements).toHaveLength(20);
    });

    it("counts as one Allow of everything beyond that", () => {
        const policy = parsePolicy(empty(2_000), "identity");
        expect(policy.problems).toHaveLength(101);
        expect(policy.problems.at(-1)).toMatchObject({ code: "TooMany", at: "" });
        expect(policy.document.statements).toHaveLength(1);
        expect(isOpen(empty(2_000))).toBe(true);
    });

    it("is no way to hide a Deny's neighbour: what was understood does not count either", () => {
        const deny = '{"Effect":"Deny","Action":"*","Resource":"*"}';
        const text = empty(200).replace("[{}", `[${deny},{}`);
        expect(parsePolicy(text, "identity").document.statements.map(({ effect }) => effect)).toEqual(["Allow"]);
    });
});
