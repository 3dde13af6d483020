import { found, type Aws, isNotFound } from "./aws";
import type { Change, ResourceType } from "./declare";
import { diff, same } from "./diff";
import type { CheckSettings } from "./check";
import { UNKNOWN, type Properties } from "./wire";

/** What the engine asks of a resource, for any type: the table and the calls of the type do the rest. */

/** The thing exists, but is not as asked for: the engine keeps it in the state and updates it next time. */
export type InitFailed = Error & { readonly id: string; readonly state: Properties; secrets?: ReadonlySet<string> };

export function isInitFailed(error: unknown): error is InitFailed {
    return error instanceof Error && "id" in error && "state" in error;
}

export function previewCreate(type: ResourceType, inputs: Properties): Properties {
    return { ...Object.fromEntries(type.outputs.map((name) => [name, UNKNOWN])), ...argumentsOf(inputs) };
}

/** @throws InitFailed if the thing was made, but not finished */
export async function create(
    type: ResourceType,
    aws: Aws,
    inputs: Properties,
): Promise<{ id: string; state: Properties }> {
    const args = argumentsOf(inputs);
    const { id, outputs } = await type.create(aws, args);
    const made = { ...args, ...outputs };
    try {
        await type.complete?.(aws, id, args);
        return { id, state: { ...made, ...((await type.read(aws, id, made)) ?? {}) } };
    } catch (error) {
        throw Object.assign(error instanceof Error ? error : new Error(String(error)), { id, state: made });
    }
}

export function previewUpdate(
    type: ResourceType,
    state: Properties,
    oldInputs: Properties,
    inputs: Properties,
): Properties {
    const { changed } = diff(type, oldInputs, inputs);
    const unsure = Object.entries(type.volatile ?? {}).filter(([, causes]) =>
        causes.some((name) => changed[name] !== undefined),
    );
    const dropped = Object.fromEntries(Object.entries(state).filter(([name]) => changed[name] === undefined));
    return { ...dropped, ...argumentsOf(inputs), ...Object.fromEntries(unsure.map(([name]) => [name, UNKNOWN])) };
}

export interface UpdateRequest {
    id: string;
    state: Properties;
    oldInputs: Properties;
    inputs: Properties;
}

/** Without a difference the engine wants a half-made thing finished: then everything counts as changed. */
export async function update(
    type: ResourceType,
    aws: Aws,
    { id, state, oldInputs, inputs }: UpdateRequest,
): Promise<Properties> {
    const { changed } = diff(type, oldInputs, inputs);
    const finishing = Object.keys(changed).length === 0;
    const change: Change = {
        old: argumentsOf(oldInputs),
        of: (...names) => finishing || names.some((name) => changed[name] !== undefined),
    };
    const args = argumentsOf(inputs);
    await type.update(aws, id, args, change);
    const outputs = Object.fromEntries(type.outputs.filter((name) => name in state).map((name) => [name, state[name]]));
    const made = { ...outputs, ...args };
    return { ...made, ...((await type.read(aws, id, made)) ?? {}) };
}

export interface Read {
    state: Properties;
    inputs: Properties;
}

/**
 * Refresh, or import if there are no inputs yet. Undefined if the thing is gone.
 *
 * A refreshed input changes only if the program had set it: what AWS fills in by itself is no drift.
 */
export async function read(
    type: ResourceType,
    aws: Aws,
    request: { id: string; state: Properties; inputs: Properties },
    settings: CheckSettings,
): Promise<Read | undefined> {
    const { id, state, inputs } = request;
    const observed = await found(type.read(aws, id, state));
    if (observed === undefined) {
        return undefined;
    }
    const importing = Object.keys(inputs).length === 0;
    const next: Properties = importing ? importedInputs(type, observed, settings) : { ...inputs };
    for (const [name, argument] of Object.entries(type.arguments)) {
        if (
            !importing &&
            inputs[name] !== undefined &&
            name in observed &&
            !same(argument, inputs[name], observed[name])
        ) {
            next[name] = observed[name];
        }
    }
    if (!importing && next["tagsAll"] !== inputs["tagsAll"]) {
        next["tags"] = ownTags(next["tagsAll"] as Properties | undefined, settings);
    }
    return { state: { ...state, ...observed }, inputs: next };
}

function importedInputs(type: ResourceType, observed: Properties, settings: CheckSettings): Properties {
    const inputs = Object.fromEntries(
        Object.entries(observed).filter(([name, value]) => name in type.arguments && value !== undefined),
    );
    const tags = ownTags(observed["tagsAll"] as Properties | undefined, settings);
    return {
        ...inputs,
        ...(tags && Object.keys(tags).length > 0 ? { tags } : {}),
        ...(type.regional === false ? {} : { region: settings.region }),
    };
}

function ownTags(all: Properties | undefined, { defaultTags }: CheckSettings): Properties | undefined {
    return all && Object.fromEntries(Object.entries(all).filter(([name, value]) => defaultTags[name] !== value));
}

export async function remove(type: ResourceType, aws: Aws, id: string, state: Properties): Promise<void> {
    try {
        await type.delete(aws, id, state);
    } catch (error) {
        if (!isNotFound(error)) {
            throw error;
        }
    }
}

/** Without the note that Check left in the inputs. */
function argumentsOf({ __defaults: _, ...args }: Properties): Properties {
    return args;
}
