import { added, changed, type Json, type Mutant, type Program, UNKNOWN, withStatement } from "./program";

/** Ways to write mutants down in one line each. */

export type Change = Mutant["change"];

/** New resources, by name, type and inputs. */
export function news(
    threat: string,
    rule: string,
    variants: readonly (readonly [string, string, Record<string, unknown>])[],
): Mutant[] {
    return variants.map(([name, type, properties]) => ({
        threat,
        rule,
        name,
        change: (program) => [added(program, type, "mutant", properties)],
    }));
}

/** Resources of the program with other inputs, by name, type, resource name and inputs. */
export function others(
    threat: string,
    rule: string,
    variants: readonly (readonly [string, string, string, Record<string, unknown>])[],
): Mutant[] {
    return variants.map(([name, type, resource, properties]) => ({
        threat,
        rule,
        name,
        change: inputs(type, resource, properties),
    }));
}

/** A role of the pipeline with one more statement. A takeover shows in the document alone, and in the graph of the stack. */
export function takes(threat: string, variants: Record<string, Json>, rule = "iam-signer-takeover"): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        level: rule === "iam-signer-takeover" ? "both" : "resource",
        change: (program) => [withStatement(program, statement)],
    }));
}

export const on = (Action: Json, Resource: Json = "*", Condition?: Json): Json => ({
    Action,
    Resource,
    ...(Condition && { Condition }),
});

export function each(
    threat: string,
    rule: string,
    variants: Record<string, Change>,
    more: Partial<Mutant> = {},
): Mutant[] {
    return Object.entries(variants).map(([name, change]) => ({ threat, rule, name, change, ...more }));
}

export const inputs =
    (type: string, name: string, properties: Record<string, unknown>): Change =>
    (program) => [changed(program.get(type, name), properties)];

export const newOne =
    (type: string, properties: Record<string, unknown>): Change =>
    (program) => [added(program, type, "mutant", properties)];

/** A resource whose input comes from another: its value is unknown, its origin is not. */
export const from =
    (type: string, property: string, of: readonly [string, string], properties: Json = {}): Change =>
    (program) => [
        added(
            program,
            type,
            "mutant",
            { ...properties, [property]: UNKNOWN },
            { propertyDependencies: { [property]: [program.get(...of).urn!] } },
        ),
    ];

/** The program without one of its resources. */
export const gone = (type: string, name: string): Pick<Mutant, "change" | "without"> => ({
    change: () => [],
    without: (program: Program) => [program.get(type, name)],
});

/** The machine, with other inputs made of its own. */
export function machine(change: (props: Json) => Json): Change {
    return (program) => {
        const found = program.get("StateMachine", "pipeline-machine");
        return [changed(found, change(found.properties) as Record<string, unknown>)];
    };
}
