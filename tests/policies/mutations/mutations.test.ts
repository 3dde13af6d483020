/**
 * The program, spoiled one thing at a time: each mutant is refused by a mandatory violation of the rule that is there for it.
 * Judged by the SDK's own analysis in this process; that a process and the engine do the same is tests/pack and tests/engine.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { RULES } from "../../../policies/rules";
import type { Settings } from "../../../policies/settings";
import type { Diagnostic, Registered } from "../../support/pack-process";
import { record } from "../../support/record-harness";
import { type InProcess, inProcess, registered } from "../../support/recorded";
import { benign } from "./clean";
import { GROUPS } from "./groups";
import { notices } from "./notices";
import { type Mutant, type Program, recordProgram } from "./program";
import { programMutants } from "./programs";
import { report } from "./report";

const killed: Mutant[] = [];
let program: Program;
let usual: InProcess;
beforeAll(async () => {
    program = await recordProgram();
    usual = inProcess(RULES, program.settings);
}, 120_000);
afterAll(() => console.log(report(GROUPS, killed)));

function pack(settings?: Partial<Settings>): InProcess {
    return settings === undefined ? usual : inProcess(RULES, { ...program.settings, ...settings });
}

/** The whole program with some resources replaced, added, or gone. */
function stackOf(changed: readonly Registered[], without: readonly Registered[] = []): Registered[] {
    const gone = new Set([...changed, ...without].map(({ urn }) => urn));
    return [...program.resources.filter(({ urn }) => !gone.has(urn)), ...changed].map(withoutCode);
}

/** Code is judged resource by resource only, and is most of what would be sent. */
function withoutCode(resource: Registered): Registered {
    const { code: _code, ...properties } = resource.properties;
    return { ...resource, properties };
}

const LEVELS = { resource: ["resource"], stack: ["stack"], both: ["resource", "stack"] } as const;

async function judge(
    { change, without, settings }: Mutant,
    level: "resource" | "stack",
): Promise<readonly Diagnostic[]> {
    const changed = change(program);
    if (level === "stack") return pack(settings).analyzeStack(stackOf(changed, without?.(program)));
    const found = [];
    for (const resource of changed) found.push(...(await pack(settings).analyze(resource)));
    return found;
}

describe.each(GROUPS)("%s", (_group, mutants) => {
    it.each(mutants.map((mutant) => [mutant.threat, mutant.name, mutant.rule, mutant] as const))(
        "%s: %s, refused by %s",
        async (_threat, _name, rule, mutant) => {
            for (const level of LEVELS[mutant.level ?? "resource"]) {
                const found = await judge(mutant, level);
                expect(
                    found.map((one) => `${one.policy} ${one.level}`),
                    level,
                ).toContain(`${rule} 1`);
            }
            killed.push(mutant);
        },
    );
});

describe("what is only announced", () => {
    it.each(notices.map((one) => [one.threat, one.name, one.rule, one] as const))(
        "%s: %s, by %s",
        async (threat, _name, rule, { change, settings }) => {
            const found = [];
            for (const resource of change(program)) found.push(...(await pack(settings).analyze(resource)));
            const said = found.filter(({ policy }) => policy === rule);
            expect(said.map(({ level }) => level)).toContain(0);
            expect(said.filter(({ message }) => message.includes(` | ${threat} | `))).not.toEqual([]);
            expect(said.filter(({ level }) => level !== 0)).toEqual([]);
        },
    );
});

describe("what is clean", () => {
    it("the program itself, resource by resource and as a stack", async () => {
        const found = [];
        for (const resource of program.resources) found.push(...(await pack().analyze(resource)));
        found.push(...(await pack().analyzeStack(program.resources)));
        expect(found).toEqual([]);
    });

    it("the program as `up` shows it, with ARNs and ids that a preview does not know", async () => {
        const { records, exitCode } = await record({ dryRun: false });
        const resources = registered(records);
        expect([exitCode, resources.length]).toEqual([0, program.resources.length]);
        expect(JSON.stringify(resources)).toMatch(/:key\/[0-9a-f-]{36}/);
        const found = [];
        for (const resource of resources) found.push(...(await pack().analyze(resource)));
        expect(found).toEqual([]);
    });

    it.each(benign.map((one) => [one.threat, one.name, one] as const))("%s: %s", async (_threat, _name, variant) => {
        const changed = variant.change(program);
        const found = [];
        for (const resource of changed) found.push(...(await pack(variant.settings).analyze(resource)));
        found.push(...(await pack(variant.settings).analyzeStack(stackOf(changed))));
        expect(
            found.filter(({ level }) => level !== 0 || variant.notices !== true).map(({ message }) => message),
        ).toEqual([]);
    });
});

describe("the suite", () => {
    const all = GROUPS.flatMap(([, mutants]) => mutants);

    it("tests each half of each rule alone", () => {
        const hit = new Set(
            all.flatMap(({ rule, level = "resource" }) => LEVELS[level].map((half) => `${rule} ${half}`)),
        );
        const halves = RULES.filter(({ level }) => level === undefined).flatMap(({ id, check, checkStack }) => [
            ...(check ? [`${id} resource`] : []),
            ...(checkStack ? [`${id} stack`] : []),
        ]);
        expect(halves.filter((half) => !hit.has(half))).toEqual([]);
    });

    it("holds 340 mutants or more, two spellings or more for nearly every threat, and 20 benign variants", () => {
        expect(all.length).toBeGreaterThanOrEqual(340);
        expect(benign.length).toBeGreaterThanOrEqual(20);
        expect(new Set(programMutants.map(({ name }) => name.split(" ")[0])).size).toBe(12);
    });

    it("spoils something for every threat that a rule names, but for notices and those that are checks elsewhere", () => {
        const named = new Set(RULES.flatMap(({ threats }) => threats));
        const hit = new Set(all.map(({ threat }) => threat));
        // T44 and T46 are notices (iam-trust-notices); T85 to T88 are checks on workflow and configuration.
        expect([...named].filter((threat) => !hit.has(threat)).sort()).toEqual(["T44", "T46"]);
    });
});
