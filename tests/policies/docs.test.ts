/** That docs/policies.md is what its sources say. Proves nothing about whether the sources are right. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { PAGE, readSources } from "../../policies/docs/main";
import { page } from "../../policies/docs/page";
import { interfacesOf } from "../../policies/docs/settings-text";
import { THREATS } from "../../policies/docs/threats";
import { RULES } from "../../policies/rules";
import { SETTINGS_SCHEMA } from "../../policies/settings";

const COMMAND = "node --require ./scripts/register.cjs policies/docs/main.ts";

it("docs/policies.md is up to date", async () => {
    const isCurrent = (await page(readSources())) === readFileSync(PAGE, "utf8");
    expect(isCurrent, `docs/policies.md is stale: run ${COMMAND}`).toBe(true);
});

it("has a text for every threat that a rule names, and for every setting", () => {
    expect(RULES.flatMap(({ threats }) => threats).filter((threat) => !Object.hasOwn(THREATS, threat))).toEqual([]);
    const members = interfacesOf(readSources().settings).get("Settings") ?? [];
    expect(members.map(({ name }) => name).sort()).toEqual(Object.keys(SETTINGS_SCHEMA).sort());
    expect(members.filter(({ text }) => text === "")).toEqual([]);
});

it("shows two examples of every rule, each readable JSON", async () => {
    const blocks = [...(await page(readSources())).matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, text]) => text!);
    expect(blocks).toHaveLength(RULES.length * 2);
    for (const text of blocks) expect(() => JSON.parse(text) as unknown).not.toThrow();
});
