import type { ApiRequest } from "./api-request";
import type { Extension } from "./extension";
import type { Caller } from "./kms/types";
import type { Call } from "./operation";

/**
 * Who an access key belongs to, learnt once for each key.
 *
 * Only for looking up names in the caller's account: nothing is allowed because of what stands here, since a cached
 * answer says nothing about the signature of the request at hand.
 */
export interface Identities {
    /** Undefined if the request does not authenticate. */
    of(request: ApiRequest, call: Call & { accessKeyId: string }): Promise<Caller | undefined>;
    learn(caller: Caller | undefined): void;
}

export function createIdentities(extension: Pick<Extension, "authorize">): Identities {
    const known = new Map<string, Caller>();
    const learn = (caller: Caller | undefined): void => {
        if (caller?.accessKeyId) known.set(caller.accessKeyId, caller);
    };
    return {
        of: async (request, call) => {
            const cached = known.get(call.accessKeyId);
            if (cached) return cached;
            const judged = await extension.authorize(request, {
                action: `${call.service}:${call.operation}`,
                resource: "*",
            });
            if (!judged.authenticated) return undefined;
            learn(judged.caller);
            return judged.caller;
        },
        learn,
    };
}
