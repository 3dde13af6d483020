import { expect, it } from "vitest";
import {
    checkTrust,
    documentMay,
    excessOf,
    keyPanel,
    keyQuestion,
    keyTarget,
    mayKey,
    oidcWeaknesses,
    parsePolicy,
    type PolicyKind,
    waysToKey,
} from "../../../lib/iam";
import { mayByTrying, SCOPE, toPrincipal } from "./differential/asking";
import type { RawPolicy, RawStatement } from "./oracle";
import { createRandom, type Random } from "./random";
import { ACTIONS, DECLARED, PEOPLE, policy, spell, world } from "./worlds";

/**
 * Documents with typing mistakes. Proves that any text is read and judged without an exception, and that what goes unremarked is what
 * `JSON.parse` reads. Proves nothing about what AWS makes of them.
 */
const PIECES = [
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"',
    "\\",
    "\\u0041",
    "null",
    "5",
    "-1e3",
    "true",
    "[]",
    "{}",
    '""',
    "*",
    "?",
    "${",
    "}",
    " ",
];
const WORDS = [
    "Effect",
    "Allow",
    "Deny",
    "Principal",
    "NotPrincipal",
    "AWS",
    "Action",
    "Resource",
    "Condition",
    "__proto__",
    "Null",
];

function edit(text: string, random: Random): string {
    const at = random.int(text.length);
    const length = random.int(6);
    switch (random.int(5)) {
        case 0:
            return text.slice(0, at) + text.slice(at + length + 1);
        case 1:
            return text.slice(0, at) + random.pick(PIECES) + text.slice(at);
        case 2: {
            const to = random.int(text.length);
            return text.slice(0, at) + text.slice(to, to + 40) + text.slice(at);
        }
        case 3: {
            // A whole value becomes another.
            const values = [...text.matchAll(/"[^"\\]*"(?=[,\]}])/g)];
            const one = values[random.int(Math.max(1, values.length))];
            if (one === undefined) return text;
            return text.slice(0, one.index) + random.pick(PIECES) + text.slice(one.index + one[0].length);
        }
        default:
            return text.split(random.pick(WORDS)).join(random.pick(WORDS));
    }
}

function judge(text: string, kind: PolicyKind): boolean {
    const parsed = parsePolicy(text, kind);
    expect(parsed.document.statements.length).toBeGreaterThan(0);
    documentMay({ name: "document", policy: parsed }, keyTarget("kms:Sign", SCOPE), SCOPE);
    excessOf(parsed, [{ actions: ["kms:Get*"], resources: ["*"] }]);
    oidcWeaknesses(parsed);
    checkTrust(parsed, { scope: SCOPE, services: [], awsPrincipals: [], entitlements: [], tagSession: false });
    if (kind === "key") {
        const world = { scope: SCOPE, keyPolicy: parsed, principals: [], grants: [] };
        waysToKey(world, "kms:Sign", keyPanel(world));
    }
    return parsed.problems.length === 0;
}

it("are read and judged, over 6,000 of them", () => {
    const random = createRandom(53);
    let [remarked, silent] = [0, 0];
    for (let i = 0; i < 6_000; i++) {
        const kind = random.pick<PolicyKind>(["key", "identity", "trust", "resource"]);
        let text = spell(policy(random, kind !== "identity"), random);
        for (let n = random.int(3); n >= 0; n--) text = edit(text, random);
        if (judge(text, kind)) {
            silent += 1;
            expect(() => void JSON.parse(text)).not.toThrow();
        } else remarked += 1;
    }
    expect(Math.min(remarked, silent)).toBeGreaterThan(300);
});

/** As the oracle wants it: a list of statements, texts alone. */
function normal(text: string): RawPolicy {
    const raw = JSON.parse(text) as RawPolicy & { Statement: RawStatement | RawStatement[] };
    const plain = (value: unknown): unknown => {
        if (Array.isArray(value)) return value.map(plain);
        if (typeof value !== "object" || value === null) return String(value);
        return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
    };
    return plain({ ...raw, Statement: [raw.Statement].flat() }) as RawPolicy;
}

it("are read as the oracle reads them, where nothing is remarked, over 12,000 key policies", () => {
    const random = createRandom(59);
    let [silent, allowed] = [0, 0];
    for (let i = 0; i < 12_000; i++) {
        const small = { ...world(random), keyArn: undefined, isDefault: false, grants: [], identity: {}, boundary: {} };
        const text = edit(spell(small.keyPolicy, random), random);
        const keyPolicy = parsePolicy(text, "key");
        if (keyPolicy.problems.length > 0) continue;
        const [action, who] = [random.pick(ACTIONS), random.pick(PEOPLE.filter(({ arn }) => !DECLARED.includes(arn)))];
        const expected = mayByTrying({ ...small, keyPolicy: normal(text) }, who, action);
        const asWorld = { scope: SCOPE, keyPolicy, principals: [], grants: [] };
        const found = mayKey(keyQuestion(asWorld, action), toPrincipal(who, small.knowsOrg)) !== undefined;
        if (expected && !found) expect.fail(`${i}: ${who.arn} may ${action}: ${text}`);
        silent += 1;
        allowed += expected ? 1 : 0;
    }
    console.info(`edited key policies: ${silent} without a remark, ${allowed} allowed`);
    expect(silent).toBeGreaterThan(1_500);
    expect(allowed).toBeGreaterThan(300);
});
