/**
 * That docs/policies.md and docs/mutants.md are what their sources say. Proves nothing about whether the sources are right, nor that a
 * mutant is killed: that is tests/policies/mutations, in the engine's lane.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PAGE, readSources } from "../../policies/docs/main";
import { page } from "../../policies/docs/page";
import { interfacesOf } from "../../policies/docs/settings-text";
import { CHECKS, THREATS } from "../../policies/docs/threats";
import { RULES } from "../../policies/rules";
import { SETTINGS_SCHEMA } from "../../policies/settings";
import { GROUPS } from "./mutations/groups";
import { currentPage, MUTANTS_PAGE } from "./mutations/main";
import { catalogue } from "../engine/attacks/catalogue";
import { WITHOUT_MUTANT } from "./mutations/verb-table";
import { notices } from "./mutations/notices";
import { ELSEWHERE } from "./mutations/page";

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

it("says of every threat what checks it, by a rule or a command", () => {
    const ruled = new Set(RULES.flatMap(({ threats }) => threats));
    expect(Object.keys(THREATS).filter((threat) => !ruled.has(threat) && !Object.hasOwn(CHECKS, threat))).toEqual([]);
    expect(Object.keys(CHECKS).filter((threat) => !Object.hasOwn(THREATS, threat))).toEqual([]);
});

it("shows two examples of every rule, each readable JSON", async () => {
    const blocks = [...(await page(readSources())).matchAll(/```json\n([\s\S]*?)\n```/g)].map(([, text]) => text!);
    expect(blocks).toHaveLength(RULES.length * 2);
    for (const text of blocks) expect(() => JSON.parse(text) as unknown).not.toThrow();
});

describe("docs/mutants.md", () => {
    const mutants = GROUPS.flatMap(([, group]) => group);

    it("is up to date", () => {
        const isCurrent = currentPage() === readFileSync(MUTANTS_PAGE, "utf8");
        expect(isCurrent, "docs/mutants.md is stale: run npm run docs:mutants").toBe(true);
    });

    it("names each mutant once, by a rule and a threat that there are", () => {
        const names = mutants.map(({ threat, name, rule, level }) => `${threat} ${name} ${rule} ${level}`);
        expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
        const ids = RULES.map(({ id }) => id);
        expect(mutants.filter(({ rule }) => !ids.includes(rule))).toEqual([]);
        expect(mutants.filter(({ threat }) => !Object.hasOwn(THREATS, threat))).toEqual([]);
    });

    it("has each action of the takeover catalogue, or says why not", () => {
        const names = mutants.flatMap(({ name }) => name.match(/[a-z0-9-]+:[A-Za-z]+/g) ?? []);
        const shown = [...names, ...Object.keys(WITHOUT_MUTANT)];
        expect(catalogue().filter((action) => !shown.includes(action))).toEqual([]);
        expect(Object.keys(WITHOUT_MUTANT).filter((action) => names.includes(action))).toEqual([]);
    });

    it("shows each threat that a rule names, by a mutant that this rule kills or a notice that it gives", () => {
        const shown = new Set([...mutants, ...notices].map(({ threat, rule }) => `${rule} ${threat}`));
        const claimed = RULES.flatMap(({ id, threats }) => threats.map((threat) => `${id} ${threat}`));
        expect(claimed.filter((pair) => !shown.has(pair))).toEqual([]);
    });

    it("spoils something for every threat, but for what is only clean, announced or checked elsewhere", () => {
        const hit = new Set(mutants.map(({ threat }) => threat));
        const missed = Object.keys(THREATS).filter((threat) => !hit.has(threat));
        expect(missed.sort()).toEqual(["T44", "T46", ...ELSEWHERE].sort());
    });
});
