import type { KeyPool } from "./crypto/pool";
import { parseInput, type Member, type Shape } from "./schema";
import type { Place, Store } from "./store";
import type { KmsDeps, KmsRequest, TrailResource } from "./types";

/** What one request needs while it is served; `trail` fills up on the way, so that a refusal has its record too. */
export interface Call {
    readonly request: KmsRequest;
    readonly place: Place;
    readonly store: Store;
    readonly pool: KeyPool;
    readonly deps: KmsDeps;
    readonly now: Date;
    readonly requestId: string;
    readonly eventId: string;
    readonly trail: { requestParameters: unknown; responseElements: unknown; resources: TrailResource[] };
}

export interface Operation {
    /** As CloudTrail says; Sign is true. */
    readonly readOnly: boolean;
    /** @returns the body */
    run(call: Call): Promise<unknown>;
}

type Fields = Readonly<Record<string, Member<unknown>>>;

/** Validation first, as in AWS: only what has the right form is looked up and authorized. */
export function operation<F extends Fields>(definition: {
    readOnly: boolean;
    fields: F;
    run(call: Call, input: Shape<F>): Promise<unknown> | unknown;
}): Operation {
    return {
        readOnly: definition.readOnly,
        run: async (call) => {
            const input = parseInput(definition.fields, call.request.input);
            call.trail.requestParameters = trailParameters(input);
            return definition.run(call, input);
        },
    };
}

/**
 * The input as CloudTrail shows it: names with a small first letter, no bytes (so no message, digest, plaintext or
 * signature), no grant token.
 */
function trailParameters(input: object): Record<string, unknown> {
    const out: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(input)) {
        if (value === undefined || Buffer.isBuffer(value) || name.startsWith("GrantToken")) continue;
        out[name.charAt(0).toLowerCase() + name.slice(1)] = name.includes("EncryptionContext")
            ? value
            : trailValue(value);
    }
    return out;
}

function trailValue(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(trailValue);
    return typeof value === "object" && value !== null ? trailParameters(value) : value;
}
