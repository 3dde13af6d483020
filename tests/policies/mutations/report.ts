import type { Mutant } from "./program";

/** What the suite shows, as a table: by threat, how many mutants, how many were killed, by which rules. */
export function report(groups: readonly (readonly [string, readonly Mutant[]])[], killed: readonly Mutant[]): string {
    const all = groups.flatMap(([, mutants]) => mutants);
    const dead = new Set(killed);
    const threats = [...new Set(all.map(({ threat }) => threat))].sort();
    const rows = threats.map((threat) => {
        const mutants = all.filter((one) => one.threat === threat);
        const rules = [...new Set(mutants.map(({ rule }) => rule))].sort();
        return [threat, mutants.length, mutants.filter((one) => dead.has(one)).length, rules.join(", ")] as const;
    });
    return [
        row("threat", "mutants", "killed", "by"),
        ...rows.map((one) => row(...one)),
        row("all", all.length, dead.size, `${new Set(all.map(({ rule }) => rule)).size} rules`),
    ].join("\n");
}

function row(threat: string, mutants: number | string, killed: number | string, rules: string): string {
    return `${threat.padEnd(7)} ${String(mutants).padStart(7)} ${String(killed).padStart(7)}  ${rules}`;
}
