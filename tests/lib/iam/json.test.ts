/** The reader against JSON.parse, on texts that were spoiled at random. Proves nothing about what a policy means. */
import { expect, it } from "vitest";
import { type JsonNode, readJson } from "../../../lib/iam/json";
import { createRandom } from "./random";

const BASE = '{"a":["b",{"c":-1.5e3,"d":true,"e":null}],"f":"g\\nh\\u0041\\"","":{}, "i" : [ ] } ';
const PIECES = [
    '"',
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "1",
    "-",
    "e",
    ".",
    "0",
    "true",
    "nul",
    "\\u00e9",
    "\\ud800",
    "\n",
    "\t",
    "\u0001",
    "\u00a0",
    "é",
    "",
];

/** As JSON.parse builds it, but for keys that stand twice. */
function valueOf(node: JsonNode): unknown {
    switch (node.kind) {
        case "object":
            return Object.fromEntries(node.members.map(({ key, value }) => [key, valueOf(value)]));
        case "array":
            return node.items.map(valueOf);
        case "string":
            return node.text;
        default:
            return JSON.parse(node.text);
    }
}

function parsed(text: string): { value: unknown } | undefined {
    try {
        return { value: JSON.parse(text) };
    } catch {
        return undefined;
    }
}

it("takes what JSON.parse takes, and reads the same", () => {
    const random = createRandom(4);
    let [taken, refused] = [0, 0];
    for (let i = 0; i < 30_000; i++) {
        let text = BASE;
        for (let n = random.int(3); n >= 0; n--) {
            const at = random.int(text.length);
            text = text.slice(0, at) + random.pick(PIECES) + text.slice(at + random.int(3));
        }
        const [expected, result] = [parsed(text), readJson(text, 10)];
        if (result.ok !== (expected !== undefined)) expect.fail(`${JSON.stringify(text)}: ${String(result.ok)}`);
        if (result.ok) expect(valueOf(result.node)).toEqual(expected?.value);
        if (result.ok) taken += 1;
        else refused += 1;
    }
    expect(Math.min(taken, refused)).toBeGreaterThan(2_000);
});

it.each([
    "",
    " ",
    "{",
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a":1,',
    "[",
    "[1",
    "[1,",
    '"',
    '"\\',
    '"\\u00',
    "-",
    "1.",
    "1e",
    "tru",
])("refuses %j, which ends too early", (text) =>
    expect(readJson(text, 10)).toMatchObject({ ok: false, fault: { code: "NotJson" } }),
);

it("counts levels, not brackets", () => {
    expect(readJson("[[],[],[[]]]", 3).ok).toBe(true);
    expect(readJson("[[],[],[[[]]]]", 3)).toMatchObject({ ok: false, fault: { code: "TooDeep" } });
});
