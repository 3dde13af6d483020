import { CHECKS, THREATS } from "../../../policies/docs/threats";
import type { Benign } from "./benign";
import type { Mutant } from "./program";

/** What the suite spoils, as data: no program is needed to list it. */
export interface Suite {
    readonly mutants: readonly Mutant[];
    readonly notices: readonly Mutant[];
    readonly benign: readonly Benign[];
}

/** Threats without mutants: what they are about is a workflow or a configuration, not a resource. */
export const ELSEWHERE: readonly string[] = ["T85", "T86", "T87", "T88"];

const HEAD = `# Mutants

<!-- Written by tests/policies/mutations/main.ts from the suite's own data: npm run docs:mutants. -->

The program of \`index.ts\`, recorded as the engine would see it, spoiled one thing at a time. \`npm run test:engine\` judges each mutant and
expects a mandatory violation of the rule in its line; what is only announced expects a notice, and what is clean expects nothing of any
rule. \`npm test\` only checks that this page is what the suite holds. Threats are those of [policies.md](policies.md#threats).

*Level* is where the violation has to come from. A mutant of *resource* is judged by its own resources alone, before anything is made; one of
*stack* needs other resources to be seen; one of *both* is judged twice and refused twice.`;

/** docs/mutants.md. The same suite gives the same text. */
export function mutantsPage({ mutants, notices, benign }: Suite): string {
    const threats = [...new Set(mutants.map(({ threat }) => threat))].sort();
    return [
        HEAD,
        "## Totals\n\n" + totals({ mutants, notices, benign }),
        ...threats.map((threat) => section(threat, mutants)),
        "## Only announced\n\n" + table(["Threat", "Notice", "Announced by"], notices.map(announced)),
        "## Checked elsewhere\n\n" + table(["Threat", "What", "Where"], ELSEWHERE.map(elsewhere)),
        "## Clean\n\n" + table(["Threat", "What raises nothing"], [...benign].sort(byThreat).map(clean)),
        "",
    ].join("\n\n");
}

function totals({ mutants, notices, benign }: Suite): string {
    const count = (level: Mutant["level"]) => mutants.filter((one) => (one.level ?? "resource") === level).length;
    const rules = new Set(mutants.map(({ rule }) => rule)).size;
    const threats = new Set(mutants.map(({ threat }) => threat)).size;
    return [
        `${mutants.length} mutants of ${threats} threats, killed by ${rules} rules: ${count("resource")} on a resource alone, ` +
            `${count("stack")} in the stack, ${count("both")} in both.`,
        `${notices.length} notices, ${benign.length} clean variants.`,
    ].join("\n");
}

function section(threat: string, mutants: readonly Mutant[]): string {
    const rows = mutants
        .filter((one) => one.threat === threat)
        .map(({ name, level = "resource", rule }) => [name, level, linked(rule)]);
    return `## ${threat}: ${THREATS[threat] ?? ""}\n\n` + table(["Mutant", "Level", "Killed by"], rows);
}

function announced({ threat, name, rule }: Mutant): string[] {
    return [threat, name, linked(rule)];
}

function elsewhere(threat: string): string[] {
    return [threat, THREATS[threat] ?? "", CHECKS[threat] ?? ""];
}

function clean({ threat, name }: Benign): string[] {
    return [threat, name];
}

function byThreat(a: Benign, b: Benign): number {
    return a.threat < b.threat ? -1 : a.threat > b.threat ? 1 : 0;
}

function linked(rule: string): string {
    return `[${rule}](policies.md#${rule})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

/** Names of mutants are quoted from documents: nothing in them is markup. */
function cell(text: string): string {
    return text.replace(/[|*<>]/g, "\\$&").replace(/\s+/g, " ");
}
