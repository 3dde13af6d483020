import { createHash } from "node:crypto";
import type { Members, ResourceType } from "./declare";
import { hasUnknown, isArchive, isAsset, UNKNOWN, type Properties } from "./wire";

/** Settings of the provider that shape inputs. */
export interface CheckSettings {
    region: string;
    defaultTags: Record<string, unknown>;
}

export interface Failure {
    property: string;
    reason: string;
}

export interface Checked {
    inputs: Properties;
    failures: Failure[];
}

export interface CheckRequest {
    /** Logical name. */
    name: string;
    news: Properties;
    /** Inputs of the resource as it is, if it exists and is not being replaced. */
    olds: Properties | undefined;
    /** From the engine: the same for one creation, so that preview and update agree. */
    seed: Uint8Array;
}

/**
 * Inputs as the real provider hands them on: with name, region, defaults and tags filled in, documents as text.
 *
 * Names that were filled in stand in `__defaults`, as the real provider has it.
 */
export function check(type: ResourceType, { name, news, olds, seed }: CheckRequest, settings: CheckSettings): Checked {
    const { __defaults: _, ...given } = news;
    const failures = unsupported(type, given);
    const inputs: Properties = { ...given };
    const defaults: string[] = [];
    const fill = (argument: string, value: unknown) => {
        if (inputs[argument] === undefined) {
            inputs[argument] = value;
            defaults.push(argument);
        }
    };

    for (const [argument, { default: value, document }] of Object.entries(type.arguments)) {
        if (value !== undefined) {
            fill(argument, value);
        }
        if (document && inputs[argument] !== undefined) {
            inputs[argument] = documentText(inputs[argument]);
        }
    }
    const { autoname } = type;
    if (autoname && inputs[autoname.argument] === undefined) {
        const kept = wasFilled(olds, autoname.argument) ? olds?.[autoname.argument] : undefined;
        const { maxLength, lowerCase } = autoname;
        const suffix = createHash("sha256").update(seed).digest("hex").slice(0, 7);
        const made = `${name.slice(0, maxLength - suffix.length - 1)}-${suffix}`;
        fill(autoname.argument, kept ?? (lowerCase ? made.toLowerCase() : made));
    }
    if (type.regional !== false) {
        fill("region", settings.region);
    }
    if ("tags" in type.arguments) {
        fillTags(inputs, settings.defaultTags);
    }
    for (const [argument, { required }] of Object.entries(type.arguments)) {
        if (required && inputs[argument] === undefined) {
            failures.push({ property: argument, reason: `${type.token} needs ${argument}` });
        }
    }
    return { inputs: { ...inputs, ...(defaults.length > 0 ? { __defaults: defaults.sort() } : {}) }, failures };
}

/** True if Check chose the value, so that a replacement gets another one. */
export function wasFilled(inputs: Properties | undefined, argument: string): boolean {
    const filled = inputs?.["__defaults"];
    return Array.isArray(filled) && filled.includes(argument);
}

/** `tagsAll` is what AWS gets. A null default tag does not exist; an unknown one makes all unknown. */
function fillTags(inputs: Properties, defaultTags: Properties): void {
    const tags = inputs["tags"];
    if (tags === UNKNOWN) {
        inputs["tagsAll"] = UNKNOWN;
        return;
    }
    const all = { ...defaultTags, ...((tags as Properties | undefined) ?? {}) };
    if (Object.keys(all).length > 0) {
        inputs["tagsAll"] = all;
    }
}

/** Anything unknown inside makes the whole text unknown: that is what the policy pack will see. */
function documentText(value: unknown): unknown {
    if (typeof value === "string" || !hasUnknown(value)) {
        return typeof value === "string" ? value : JSON.stringify(value);
    }
    return UNKNOWN;
}

/** Names everything that the provider would otherwise drop in silence. */
function unsupported(type: ResourceType, given: Properties): Failure[] {
    const failures: Failure[] = [];
    for (const [argument, value] of Object.entries(given)) {
        const declared = Object.hasOwn(type.arguments, argument) ? type.arguments[argument] : undefined;
        if (argument === "region" && type.regional !== false) {
            continue;
        }
        if (declared === undefined) {
            failures.push(refused(type, argument));
        } else if (declared.members) {
            failures.push(...strangers(value, declared.members, argument).map((path) => refused(type, path)));
        }
    }
    return failures;
}

function refused({ token }: ResourceType, path: string): Failure {
    return {
        property: path,
        reason: `the local cloud's provider does not support argument ${path} of ${token}: add it to local/provider/services`,
    };
}

function strangers(value: unknown, known: Members, path: string): string[] {
    if (Array.isArray(value)) {
        return value.flatMap((item, index) => strangers(item, known, `${path}[${index}]`));
    }
    if (typeof value !== "object" || value === null || value === UNKNOWN || isArchive(value) || isAsset(value)) {
        return [];
    }
    return Object.entries(value).flatMap(([name, member]) => {
        const inner = Object.hasOwn(known, name) ? known[name] : undefined;
        return inner === undefined
            ? [`${path}.${name}`]
            : inner === true
              ? []
              : strangers(member, inner, `${path}.${name}`);
    });
}
