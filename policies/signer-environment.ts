import type { Scope } from "../lib/iam/types";
import { read, readKeys, valueOf } from "./read";
import type { Finding, ResourceView, StackFinding } from "./rule";
import type { SignerSetting } from "./settings";

/** What is pinned of a function: a signer's, and a checker's, whose variables made of keys are JSON by the key's name. */
export type PinnedEnvironment = Pick<SignerSetting, "environment" | "keyEnvironment" | "keys"> & {
    readonly isByName: boolean;
};

/**
 * A signer's or checker's environment. Names decide what runs (`NODE_OPTIONS`), and values what its code believes: another requests table is
 * another word on what is to be signed. So every value is pinned, but for what is made of the key, which no preview knows.
 */
export function environmentFindings(
    { props }: ResourceView,
    { environment, keyEnvironment, isByName }: PinnedEnvironment,
    scope: Scope,
): Finding[] {
    // The provider takes a list of one for the one object that it wants.
    const given = [read<unknown>(() => props.environment), read<unknown>(() => props.environment?.variables)];
    if (given.some((one) => one.kind === "known" && !isPlain(one.value)))
        return [{ at: "environment", saw: "no object of variables, so it cannot be judged" }];
    const names = readKeys(() => props.environment?.variables);
    if (names.kind === "unknown") return [{ at: "environment", saw: "unknown, expected variables that can be judged" }];
    const present = names.kind === "known" ? names.value : [];
    const listed = [...Object.keys(environment), ...keyEnvironment];
    return [
        ...present.flatMap((name) => {
            if (keyEnvironment.includes(name)) return ofKey(props, name, scope, isByName);
            if (Object.hasOwn(environment, name)) return pinned(props, name, environment[name] as string);
            const saw = "a variable that the function's settings do not list: it may change what code runs";
            return [{ at: atVariable(name), saw }];
        }),
        ...listed
            .filter((name) => !present.includes(name))
            .map((name) => ({ at: atVariable(name), saw: "absent, expected what the function's settings say" })),
    ];
}

/** A value made of a key is made of the function's own; no other key may be among what the environment comes from. */
export function foreignKeys(
    resource: ResourceView,
    signer: PinnedEnvironment,
    resources: readonly ResourceView[],
): StackFinding[] {
    const keys = resources.filter(({ type }) => type === "aws:kms/key:Key");
    const own = keys.filter(({ name }) => signer.keys.includes(name));
    const from = resource.dependencies?.environment ?? [];
    const foreign = keys.filter((key) => from.includes(key.urn) && !own.includes(key));
    const arns = own.flatMap(({ props }) => valueOf(read<string>(() => props.arn)) ?? []);
    return [
        ...foreign.map(({ name }) => ({
            resource,
            at: "environment",
            saw: `comes from key ${name}, expected ${signer.keys.join(" or ")}`,
        })),
        ...signer.keyEnvironment.flatMap((name): StackFinding[] => {
            const value = read<string>(() => resource.props.environment?.variables?.[name]);
            // Public keys are asked for, and an answer does not say of which key; a signer compares ARN and key with its own.
            if (value.kind === "unknown" && !signer.isByName && !own.some(({ urn }) => from.includes(urn)))
                return [
                    { resource, at: atVariable(name), saw: "unknown, and it does not come from the function's key" },
                ];
            const isOther = value.kind === "known" && isKeyArn(value.value) && arns.length > 0;
            return isOther && !arns.includes(value.value)
                ? [{ resource, at: atVariable(name), saw: `another key, expected ${arns.join(" or ")}` }]
                : [];
        }),
    ];
}

function pinned(props: ResourceView["props"], name: string, expected: string): Finding[] {
    const value = read<unknown>(() => props.environment?.variables?.[name]);
    if (value.kind === "known" && value.value === expected) return [];
    const saw = value.kind === "known" ? "another value" : value.kind;
    return [{ at: atVariable(name), saw: `${saw}, expected ${expected}` }];
}

function ofKey(
    props: ResourceView["props"],
    name: string,
    { partition, region, accountId }: Scope,
    isByName: boolean,
): Finding[] {
    const value = read<unknown>(() => props.environment?.variables?.[name]);
    if (value.kind === "unknown") return []; // a new key; the stack tells which
    const prefix = `arn:${partition}:kms:${region}:${accountId}:key/`;
    const isOwn = (one: unknown): boolean => isKeyArn(one) && one.startsWith(prefix);
    if (value.kind === "known" && typeof value.value === "string") {
        if (
            isByName
                ? isMapOf(value.value, (one) => isOwn(one) || isPublicKey(one))
                : isOwn(value.value) || isDigest(value.value)
        )
            return [];
    }
    const saw = isByName
        ? `no JSON of ARNs under ${prefix} or of public keys, by the key's name`
        : `neither ARN of a key under ${prefix} nor SHA-256 of a public key`;
    return [{ at: atVariable(name), saw }];
}

function isMapOf(text: string, isValue: (value: unknown) => boolean): boolean {
    try {
        const map = JSON.parse(text) as unknown;
        return isPlain(map) && Object.values(map as object).every(isValue);
    } catch {
        return false;
    }
}

function isDigest(text: string): boolean {
    return /^[0-9a-f]{64}$/.test(text);
}

/** Base64 of a SubjectPublicKeyInfo: 44 bytes (Ed25519) to some 2,600 (ML-DSA). */
function isPublicKey(value: unknown): boolean {
    return typeof value === "string" && /^M[A-Za-z0-9+/]{40,4000}={0,2}$/.test(value);
}

function isKeyArn(value: unknown): value is string {
    return typeof value === "string" && /^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key\/[0-9a-f-]{36}$/.test(value);
}

function isPlain(value: unknown): boolean {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Names come from the program. */
function atVariable(name: string): string {
    return `environment.variables.${/^[A-Z0-9_]{1,64}$/.test(name) ? name : "?"}`;
}
