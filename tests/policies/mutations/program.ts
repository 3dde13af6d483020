import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Settings } from "../../../policies/settings";
import { codeDigest } from "../../../policies/code-digest";
import type { Registered } from "../../support/pack-process";
import { record } from "../../support/record-harness";
import { registered } from "../../support/recorded";

export { UNKNOWN } from "../../support/rules";

/** The recorded program, and ways to spoil it. Each gives new resources; the recording stays as it is. */
export interface Program {
    readonly resources: readonly Registered[];
    readonly settings: Partial<Settings>;
    /** @throws unless there is one */
    get(type: string, name: string): Registered;
}

export async function recordProgram(): Promise<Program> {
    const { records, errors, exitCode } = await record();
    if (exitCode !== 0) throw new Error(`the program ended with ${exitCode}: ${errors.join("; ")}`);
    const resources = registered(records);
    return {
        resources,
        settings: await pinned(resources),
        get: (type, name) => {
            const found = resources.filter((one) => one.type.endsWith(`:${type}`) && one.name === name);
            if (found.length !== 1) throw new Error(`${found.length} resources ${type} ${name}, expected one`);
            return found[0]!;
        },
    };
}

/** The local run's settings, with the code of this recording pinned, as production has it. */
async function pinned(resources: readonly Registered[]): Promise<Partial<Settings>> {
    const text = readFileSync(join(__dirname, "..", "..", "..", "policies", "settings.local.json"), "utf8");
    const settings = JSON.parse(text) as Settings;
    const pin = async <T extends { readonly function: string }>(one: T): Promise<T & { codeSha256: string[] }> => {
        const found = resources.find(
            ({ type, properties }) => type === "aws:lambda/function:Function" && properties.name === one.function,
        );
        const digest = await codeDigest(found?.properties.code);
        if (digest === undefined) throw new Error(`no code of ${one.function}`);
        return { ...one, codeSha256: [digest] };
    };
    const [signers, checkers] = await Promise.all([
        Promise.all(settings.signers.map(pin)),
        Promise.all(settings.checkers.map(pin)),
    ]);
    return { ...settings, unpinnedCode: "", signers, checkers };
}

/** What a test gives to the pack: resources that replace those of the same URN, or come new. */
export interface Mutant {
    /** Number in the threat catalogue. */
    readonly threat: string;
    /** The rule that has to refuse it. */
    readonly rule: string;
    readonly name: string;
    readonly change: (program: Program) => readonly Registered[];
    /** Where it is seen, each by itself. Those of `stack` need more than one resource to be seen. @default "resource" */
    readonly level?: "resource" | "stack" | "both";
    readonly settings?: Partial<Settings>;
    /** Resources that are gone. */
    readonly without?: (program: Program) => readonly Registered[];
}

export const ACCOUNT = "111122223333";
export const SIGNER_NAME = "countersign-local-modules-v1-signer";
export const SIGNER = `arn:aws:iam::${ACCOUNT}:role/signing/${SIGNER_NAME}`;
export const SIGN_FUNCTION = "countersign-local-modules-v1-sign";
export const SIGN_FUNCTION_ARN = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:${SIGN_FUNCTION}`;
export const STRANGER = `arn:aws:iam::${ACCOUNT}:role/stranger`;
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;

/** The same resource with other inputs; undefined takes one away. */
export function changed(resource: Registered, properties: Record<string, unknown>): Registered {
    const all = Object.entries({ ...resource.properties, ...properties }).filter(([, value]) => value !== undefined);
    return { ...resource, properties: Object.fromEntries(all) };
}

/** A resource that the program does not have, under the program's provider. */
export function added(
    { resources }: Program,
    type: string,
    name: string,
    properties: Record<string, unknown>,
    more: Partial<Registered> = {},
): Registered {
    const provider = resources.find((one) => one.provider !== undefined)!.provider!;
    return { type, name, urn: `urn:pulumi:local::countersign::${type}::${name}`, properties, provider, ...more };
}

/** A document of the recording, changed as a value. */
export function redocumented(resource: Registered, property: string, change: (document: Json) => Json): Registered {
    const document = JSON.parse(resource.properties[property] as string) as Json;
    return changed(resource, { [property]: JSON.stringify(change(document)) });
}

/** A role of the pipeline that has no right on any key, with one more statement. */
export function withStatement(program: Program, statement: Json, name = "pipeline-prepare"): Registered {
    return withStatements(program, [{ Sid: "Mutant", ...statement }], name);
}

export function withStatements(program: Program, statements: readonly Json[], name = "pipeline-prepare"): Registered {
    return redocumented(program.get("RolePolicy", name), "policy", (document) => ({
        ...document,
        Statement: [...document.Statement, ...statements.map((one): Json => ({ Effect: "Allow", ...one }))],
    }));
}

export function withText(program: Program, policy: string): Registered {
    return changed(program.get("RolePolicy", "pipeline-prepare"), { policy });
}

/** The key of modules, with another policy. */
export function withKeyPolicy(program: Program, change: (statements: Json[]) => Json[]): Registered {
    return redocumented(program.get("Key", "modules-v1"), "policy", (document) => ({
        ...document,
        Statement: change(document.Statement as Json[]),
    }));
}

/** One more Allow in the key's policy, with the Deny of Sign to others gone, which alone would stop it. */
export function withKeyAllow(program: Program, statement: Json): Registered {
    return withKeyPolicy(program, (all) => [
        ...all.filter(({ Sid }) => Sid !== "DenySignOthers" && Sid !== "DenyCrossAccount"),
        { Sid: "Mutant", Effect: "Allow", Resource: "*", Action: "kms:Sign", ...statement },
    ]);
}

/** A role with another trust. */
export function withTrust(
    program: Program,
    name: string,
    statements: Json[],
    properties: Record<string, unknown> = {},
) {
    const document = {
        Version: "2012-10-17",
        Statement: statements.map((one, i) => ({ Sid: `S${i}`, Effect: "Allow", Action: "sts:AssumeRole", ...one })),
    };
    return changed(program.get("Role", name), { assumeRolePolicy: JSON.stringify(document), ...properties });
}
