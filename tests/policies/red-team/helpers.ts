import { ACCOUNT, added, changed, type Json, type Mutant, withStatement } from "../mutations/program";

/** How an attack is made of a type, a document or an input. */

export const on = (Action: Json, Resource: Json = "*", Condition?: Json): Json => ({
    Action,
    Resource,
    ...(Condition && { Condition }),
});
export const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const functionArn = (name: string): string => `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${name}`;

export function holds(threat: string, rule: string, variants: Record<string, Json>): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        change: (program) => [withStatement(program, statement, "pipeline-verify")],
    }));
}

export function news(
    threat: string,
    rule: string,
    type: string,
    variants: Record<string, Json>,
    name = "mutant",
    more: Json = {},
): Mutant[] {
    return Object.entries(variants).map(([title, properties]) => ({
        threat,
        rule,
        name: title,
        change: (program) => [added(program, type, name, properties, more)],
    }));
}

export function spoils(
    threat: string,
    rule: string,
    type: string,
    resource: string,
    variants: Record<string, Json>,
): Mutant[] {
    return Object.entries(variants).map(([name, properties]) => ({
        threat,
        rule,
        name,
        change: (program) => [changed(program.get(type, resource), properties)],
    }));
}

export const atStack = (mutant: Mutant): Mutant => ({ ...mutant, level: "stack" });

export const TAKEOVER = "iam-signer-takeover";
export const PREPARE = "countersign-local-prepare";
export const INVOKER = "countersign-local-signing";
export const source = { StringEquals: { "aws:SourceAccount": ACCOUNT } };

export const machineOf = (Resource: string, role: string, state: Json = {}): Json => ({
    name: "mutant",
    roleArn: roleArn(role),
    definition: JSON.stringify({ StartAt: "A", States: { A: { Type: "Task", Resource, End: true, ...state } } }),
    loggingConfiguration: { level: "ALL", includeExecutionData: true, logDestination: "x" },
    tracingConfiguration: { enabled: true },
    tags: { owner: "x", "data-class": "x" },
});

export const MACHINE = "aws:sfn/stateMachine:StateMachine";
