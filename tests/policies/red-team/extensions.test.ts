/**
 * What people add to a program like this: it passes once the settings say so, and until then the message names the setting. Proves nothing
 * about an engine: unknown values and dependencies are written as a preview has them.
 */
import { beforeAll, expect, it } from "vitest";
import { RULES } from "../../../policies/rules";
import type { Settings } from "../../../policies/settings";
import type { Diagnostic } from "../../support/pack-process";
import { inProcess } from "../../support/recorded";
import { type Program, recordProgram } from "../mutations/program";
import type { Extension } from "./extension";
import { extensions } from "./extensions";
import { mistakes } from "./mistakes";

let program: Program;
beforeAll(async () => void (program = await recordProgram()), 120_000);

async function judge({ change }: Pick<Extension, "change">, more: Partial<Settings> = {}): Promise<Diagnostic[]> {
    const pack = inProcess(RULES, { ...program.settings, ...more });
    const changed = change(program);
    const found: Diagnostic[] = [];
    for (const resource of changed) found.push(...(await pack.analyze(resource)));
    const stack = [...program.resources, ...changed].map((resource) => {
        const { code: _code, ...properties } = resource.properties;
        return { ...resource, properties };
    });
    return [...found, ...(await pack.analyzeStack(stack))];
}

it.each(extensions.map((extension) => [extension.name, extension] as const))("%s passes", async (_name, extension) => {
    const found = await judge(extension, extension.settings?.(program.settings));
    expect(found.map(({ message }) => message)).toEqual([]);
});

it.each(extensions.flatMap(({ name, settings, change }) => (settings ? [[name, settings, change] as const] : [])))(
    "%s is refused without its settings, and the message names them",
    async (_name, settings, change) => {
        const keys = Object.keys(settings(program.settings));
        const found = await judge({ change });
        expect(found).not.toEqual([]);
        expect(found.filter(({ message }) => !keys.some((key) => message.includes(key)))).toEqual([]);
    },
);

it.each(mistakes)("%s: the message says %s", async (_name, expected, change) => {
    const found = await judge({ change });
    expect(found.some(({ message }) => expected.test(message))).toBe(true);
});
