import type { Call } from "./call";
import { keyContext, type Context } from "./context";
import { kmsError, type KmsError } from "./errors";
import { findGrant } from "./grants";
import { defaultPolicy, rebound } from "./policy/document";
import { existing, resolveKey, type Key, type Resolved } from "./store";
import type { AuthorizeAnswer, AuthorizeAsk, Caller } from "./types";

/** A key that its caller may use for this action. */
export interface Allowed {
    readonly key: Key;
    readonly caller: Caller;
}

export interface KeyAsk {
    readonly action: string;
    /** Caller-controlled. */
    readonly keyId: string;
    /** Whether the operation takes an alias in place of the key. */
    readonly aliases?: boolean;
    readonly context?: Context;
    readonly encryptionContext?: Record<string, string>;
    readonly grantTokens?: readonly (string | undefined)[];
}

/**
 * Looks the key up and asks. A key that does not exist is one that nobody's key policy opens: only who may act on it by
 * identity policy learns that it is missing.
 */
export async function allowedKey(call: Call, ask: KeyAsk): Promise<Allowed> {
    const resolved = resolveKey(call.store, call.place, ask.keyId, { aliases: ask.aliases ?? false });
    noteKey(call, resolved.arn);
    if (!resolved.key) {
        const answer = await call.request.authorize(identityAsk(call, ask.action, resolved.arn, ask.context ?? {}));
        if (!answer.allowed) throw refused(answer, ask.action, resolved.arn);
        existing(resolved);
    }
    checkGrantTokens(call, ask.grantTokens ?? []);
    return allow(call, { ...resolved, key: existing(resolved) }, ask);
}

async function allow(call: Call, { key, alias }: Resolved & { key: Key }, ask: KeyAsk): Promise<Allowed> {
    const context = { ...keyContext(call.store, key, call.place.accountId, alias), ...ask.context };
    const put = (keyPolicy: string): Promise<AuthorizeAnswer> =>
        call.request.authorize({ action: ask.action, resource: key.arn, keyPolicy, context });
    let answer = await put(key.policy.evaluated);
    const bound = key.policy.bindings.get(answer.caller.principalArn);
    if (bound !== undefined && bound !== uniqueId(answer.caller)) {
        // The role that the policy was bound to is gone; this one only has its name.
        answer = await put(rebound(key.policy.evaluated, new Map([[answer.caller.principalArn, bound]])));
    }
    if (!answer.allowed) {
        // A grant is an Allow of its own, so it fills a gap and never beats a Deny.
        const grant =
            answer.error === undefined && answer.decision === "implicitDeny"
                ? findGrant(key, ask, answer.caller)
                : undefined;
        if (!grant) throw refused(answer, ask.action, key.arn);
    }
    return { key, caller: answer.caller };
}

/** A key that does not exist yet, or not at all, has no policy to ask: the account decides, as AWS's default policy says. */
function identityAsk(call: Call, action: string, resource: string, context: Context): AuthorizeAsk {
    const { partition, accountId } = call.place;
    return {
        action,
        resource,
        ...(resource.includes(":key/") && { keyPolicy: defaultPolicy(partition, accountId) }),
        context,
    };
}

/** For actions that only identity policies govern: on an alias, or on `*`. */
export async function allowedByIdentity(
    call: Call,
    action: string,
    resource: string,
    context: Context = {},
): Promise<Caller> {
    const known = { "kms:CallerAccount": call.place.accountId, ...context };
    const answer = await call.request.authorize(identityAsk(call, action, resource, known));
    if (!answer.allowed) throw refused(answer, action, resource);
    return answer.caller;
}

export function noteKey(call: Call, arn: string): void {
    const accountId = arn.split(":")[4] ?? "";
    if (call.trail.resources.some((resource) => resource.ARN === arn)) return;
    call.trail.resources.push({
        accountId,
        type: arn.includes(":alias/") ? "AWS::KMS::Alias" : "AWS::KMS::Key",
        ARN: arn,
    });
}

/** `AROA...` of `AROA...:SESSION`. */
export function uniqueId(caller: Caller): string {
    return caller.principalId.split(":")[0] ?? "";
}

function refused(answer: AuthorizeAnswer, action: string, resource: string): KmsError {
    if (answer.error) return kmsError(answer.error.code, answer.error.message);
    return kmsError("AccessDeniedException", answer.message || deniedText(answer, action, resource));
}

function deniedText({ caller, decision, statement }: AuthorizeAnswer, action: string, resource: string): string {
    const head = `User: ${caller.arn} is not authorized to perform: ${action} on resource: ${resource}`;
    const kind = statement?.policy?.startsWith("identity") ? "identity-based" : "resource-based";
    if (decision === "explicitDeny") return `${head} with an explicit deny in a ${kind} policy`;
    const gap = resource.includes(":key/") ? "resource-based" : "identity-based";
    return `${head} because no ${gap} policy allows the ${action} action`;
}

function checkGrantTokens(call: Call, tokens: readonly (string | undefined)[]): void {
    const known = [...call.store.keys.values()].flatMap((key) => [...key.grants.values()].map((grant) => grant.token));
    if (tokens.some((token) => token !== undefined && !known.includes(token))) {
        throw kmsError("InvalidGrantTokenException", "The specified grant token is not valid.");
    }
}
