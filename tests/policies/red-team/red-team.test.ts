/**
 * Programs by somebody who wants a hidden road to a signature: each differs in kind from the mutants, and each is refused by the rule that
 * is there for it. Proves nothing about roads that nobody has thought of.
 */
import { beforeAll, expect, it } from "vitest";
import { RULES } from "../../../policies/rules";
import type { Diagnostic, Registered } from "../../support/pack-process";
import { type InProcess, inProcess } from "../../support/recorded";
import { type Mutant, type Program, recordProgram } from "../mutations/program";
import { actions } from "./actions";
import { documents } from "./documents";
import { exemptRoles, machines, steppingStones, trustedStones, turned } from "./roads";
import { inputs } from "./inputs";
import { quiet } from "./quiet";
import { runners } from "./runners";
import { shapes } from "./shapes";
import { sources } from "./sources";
import { starts } from "./starts";
import { uploads } from "./uploads";
import { values } from "./values";

const ATTACKS: readonly Mutant[] = [
    ...steppingStones,
    ...trustedStones,
    ...exemptRoles,
    ...machines,
    ...turned,
    ...runners,
    ...documents,
    ...shapes,
    ...sources,
    ...actions,
    ...inputs,
    ...values,
    ...starts,
    ...uploads,
    ...quiet,
];

let program: Program;
let usual: InProcess;
beforeAll(async () => {
    program = await recordProgram();
    usual = inProcess(RULES, program.settings);
}, 120_000);

async function judge({ change, level = "resource", settings }: Mutant): Promise<Diagnostic[]> {
    const changed = change(program);
    const pack = settings === undefined ? usual : inProcess(RULES, { ...program.settings, ...settings });
    if (level === "stack") return pack.analyzeStack(stackOf(changed));
    const found = [];
    for (const resource of changed) found.push(...(await pack.analyze(resource)));
    return found;
}

function stackOf(changed: readonly Registered[]): Registered[] {
    const gone = new Set(changed.map(({ urn }) => urn));
    return [...program.resources.filter(({ urn }) => !gone.has(urn)), ...changed].map((resource) => {
        const { code: _code, ...properties } = resource.properties;
        return { ...resource, properties };
    });
}

it.each(ATTACKS.map((attack) => [attack.threat, attack.name, attack.rule, attack] as const))(
    "%s: %s, refused by %s",
    async (_threat, _name, rule, attack) => {
        const found = await judge(attack);
        expect(found.map(({ policy, level }) => `${policy} ${level}`)).toContain(`${rule} 1`);
    },
);

it("leaves the program itself alone", async () => {
    const found = [];
    for (const resource of program.resources) found.push(...(await usual.analyze(resource)));
    found.push(...(await usual.analyzeStack(program.resources)));
    expect(found).toEqual([]);
});

it("has no attack twice", () => {
    const names = ATTACKS.map(({ name }) => name);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});
