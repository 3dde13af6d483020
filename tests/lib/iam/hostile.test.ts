/**
 * Documents that were written to keep the pack busy. Proves that each is judged within a fixed amount of work or refused, and never passes
 * unremarked; how long that takes is in `npm run bench`.
 */
import { describe, expect, it } from "vitest";
import { keyPanel, type KeyWorld, parsePolicy, waysToKey } from "../../../lib/iam";
import { MAX_WORK } from "../../../lib/iam/key";
import { workOf } from "../../../lib/iam/panel";
import type { Example } from "../../../policies/rule";
import { RULES } from "../../../policies/rules";
import { CANONICAL_KEY } from "../../../policies/rules/kms/example";
import { appliesTo } from "../../../policies/to-policy";
import { violations } from "../../support/rules";
import { HOSTILE, type Hostile } from "./hostile";

const SCOPE = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };

function resourceOf({ kind, text, others = [] }: Hostile): Example {
    const { provider } = CANONICAL_KEY;
    if (kind === "key") return { ...CANONICAL_KEY, props: { ...CANONICAL_KEY.props, policy: text } };
    const props =
        kind === "trust"
            ? { name: "someone", assumeRolePolicy: text }
            : { name: "someone", inlinePolicies: [text, ...others].map((policy) => ({ policy })) };
    return { type: "aws:iam/role:Role", ...(provider && { provider }), props };
}

describe.each(HOSTILE.map((one) => [`${one.kind}: ${one.name}`, one] as const))("%s", (_, hostile) => {
    const policy = parsePolicy(hostile.text, hostile.kind);

    it("is reported by the pack", async () => {
        const example = resourceOf(hostile);
        const asked = RULES.filter((rule) => rule.check && appliesTo(rule, example.type!));
        const clean = {
            ...hostile,
            text: '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}',
            others: [],
        };
        const found = (await Promise.all(asked.map((rule) => violations(rule, example)))).flat();
        const without =
            hostile.kind === "key" ? [] : await Promise.all(asked.map((rule) => violations(rule, resourceOf(clean))));
        expect(found.filter((line) => !without.flat().includes(line))).not.toEqual([]);
    });

    it("names at most 101 problems, and is never empty", () => {
        expect(policy.problems.length).toBeLessThanOrEqual(101);
        expect(policy.document.statements.length).toBeGreaterThan(0);
    });
});

describe.each(HOSTILE.filter(({ kind }) => kind === "key").map((one) => [one.name, one] as const))(
    "%s",
    (_, { text }) => {
        it("is judged within the limit of work, or counts as anyone's", () => {
            const policy = parsePolicy(text, "key");
            const world: KeyWorld = { scope: SCOPE, keyPolicy: policy, principals: [], grants: [] };
            const panel = keyPanel(world);
            const isDecided = !panel.overflow && workOf(panel, policy) <= MAX_WORK;
            const routes = waysToKey(world, "kms:Sign", panel).map(({ route }) => route);
            expect(routes.includes("undecided")).toBe(!isDecided);
        });
    },
);

describe("the limit of work", () => {
    const everyone = (more: object): object => ({
        Effect: "Allow",
        Principal: "*",
        Action: "kms:Sign",
        Resource: "*",
        ...more,
    });
    const statements = (n: number): string =>
        JSON.stringify({
            Version: "2012-10-17",
            Statement: Array.from({ length: n }, (_, i) =>
                everyone({ Condition: { ArnEquals: { "aws:PrincipalArn": `arn:aws:iam::111122223333:role/r${i}` } } }),
            ),
        });
    const routes = (text: string): string[] => {
        const keyPolicy = parsePolicy(text, "key");
        return [
            ...new Set(
                waysToKey({ scope: SCOPE, keyPolicy, principals: [], grants: [] }, "kms:Sign").map(
                    ({ route }) => route,
                ),
            ),
        ];
    };

    it("leaves room for more roles than a key has", () => expect(routes(statements(100))).toEqual(["direct"]));
    it("is reached by statements times principals", () => expect(routes(statements(220))).toEqual(["undecided"]));
    it("decides by the document alone, so that a busy machine changes nothing", () =>
        expect([1, 2, 3].map(() => routes(statements(150)))).toEqual(Array.from({ length: 3 }, () => ["direct"])));
});

it("covers 50 documents or more, of every kind that the pack reads", () => {
    expect(HOSTILE.length).toBeGreaterThanOrEqual(50);
    expect(new Set(HOSTILE.map(({ kind }) => kind))).toEqual(new Set(["key", "identity", "trust"]));
});
