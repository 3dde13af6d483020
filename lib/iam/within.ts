import { compileGlob, covers } from "./glob";
import type { ParsedPolicy } from "./types";

/** What a document may grant at most: every pair of action and resource pattern lies within one entry. */
export interface Allowance {
    /** Globs, without case. */
    readonly actions: readonly string[];
    readonly resources: readonly string[];
}

/** A pattern that reaches beyond what was allowed. */
export interface Excess {
    readonly at: string;
    readonly action: string;
    readonly resource: string;
}

/**
 * The Allows of a document that are not covered by the allowances; conditions only narrow, so they are ignored. NotAction and
 * NotResource reach beyond everything. Sound, incomplete: what two allowances cover only together counts as excess.
 */
export function excessOf({ document }: ParsedPolicy, allowances: readonly Allowance[]): Excess[] {
    const compiled = allowances.map(({ actions, resources }) => ({
        actions: actions.map((action) => compileGlob(action, { fold: true })),
        resources: resources.map((resource) => compileGlob(resource)),
    }));
    return document.statements.flatMap(({ effect, actions, resources, at }): Excess[] => {
        if (effect === "Deny") return [];
        if (actions.negated || resources === undefined || resources.negated) {
            return [{ at: actions.negated ? actions.at : (resources?.at ?? at), action: "*", resource: "*" }];
        }
        return actions.entries.flatMap((action) =>
            resources.entries
                .filter(
                    (resource) =>
                        !compiled.some(
                            (one) =>
                                one.actions.some((glob) => covers(glob, action.glob)) &&
                                one.resources.some((glob) => covers(glob, resource.glob)),
                        ),
                )
                .map((resource) => ({ at: action.at, action: action.text, resource: resource.text })),
        );
    });
}

/** Whether `${...}` stands in a resource or condition value: some evaluators never fill it in. */
export function usesVariables({ document }: ParsedPolicy): boolean {
    return document.statements.some(
        ({ resources, conditions, variables }) =>
            variables &&
            [...(resources?.entries ?? []), ...conditions.flatMap(({ values }) => values)].some(({ text }) =>
                text.includes("${"),
            ),
    );
}
