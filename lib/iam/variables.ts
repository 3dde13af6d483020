import { compileGlob, foldCase, type Glob } from "./glob";
import type { Condition, Context, Pattern } from "./types";

/** Policy variables in condition values (IAM User Guide, "IAM policy elements: Variables and tags"). */

interface Lookup {
    readonly context: Context;
    /** Else nothing is put in. */
    readonly exact: boolean;
}

/** A value of a policy, ready to be compared. */
export interface Wanted {
    /** With variables put in, for operators that compare text. */
    readonly text: string;
    readonly glob: Glob;
    /** The same as a pattern: what is literal in it though it looks like a wildcard stands as `${*}`, if `variables`. */
    readonly pattern: string;
    readonly variables: boolean;
}

/** @returns undefined where a variable has no value, or none that is known */
export function resolve(
    { text, glob }: Pattern,
    { variables }: Condition,
    { context, exact }: Lookup,
): Wanted | undefined {
    if (!variables || glob.literal !== undefined || !text.includes("${"))
        return { text, glob, pattern: text, variables: false };
    const lookup = (name: string): string | undefined => (exact ? variableValue(name, context) : undefined);
    const resolved = compileGlob(text, { variables, resolve: lookup });
    if (resolved.variable) return undefined;
    const pattern = substitute(text, (name) => (isEscape(name) ? `\${${name}}` : escaped(lookup(name) ?? "")));
    return {
        text: substitute(text, (name) => (isEscape(name) ? name : (lookup(name) ?? ""))),
        glob: resolved,
        pattern,
        variables,
    };
}

/** `${key}` or `${key, 'default'}` (IAM User Guide, "Policy variables"). Undefined if absent without default. */
export function variableValue(variable: string, context: Context): string | undefined {
    const comma = variable.indexOf(",");
    const value = context(foldCase((comma < 0 ? variable : variable.slice(0, comma)).trim()));
    if (value.kind === "known" && value.values.length === 1) return value.values[0];
    const isAbsent = value.kind === "absent" || (value.kind === "known" && value.values.length === 0);
    const quoted = comma < 0 ? undefined : /^\s*'([^']*)'\s*$/.exec(variable.slice(comma + 1));
    return isAbsent ? quoted?.[1] : undefined;
}

/** `${*}`, `${?}` and `${$}` are the character. */
function isEscape(name: string): boolean {
    return name === "*" || name === "?" || name === "$";
}

function escaped(value: string): string {
    return value.replace(/[*?$]/g, (char) => `\${${char}}`);
}

function substitute(text: string, value: (name: string) => string): string {
    return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => value(name));
}
