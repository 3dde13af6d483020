import { allowedKey } from "../authorization";
import { operation } from "../call";
import { keyContext } from "../context";
import { kmsError } from "../errors";
import { keyId, page, policyDocument, policyName } from "../members";
import { readPolicy, rebound } from "../policy/document";
import { checkLockout } from "../policy/lockout";
import { flag, required } from "../schema";
import type { Key } from "../store";
import type { KmsDeps } from "../types";

/** The only name there is. */
const DEFAULT = "default";

export const GetKeyPolicy = operation({
    readOnly: true,
    fields: { KeyId: keyId, PolicyName: policyName },
    async run(call, { KeyId, PolicyName = DEFAULT }) {
        const { key } = await allowedKey(call, { action: "kms:GetKeyPolicy", keyId: KeyId });
        requireDefault(PolicyName);
        return { Policy: await shown(key, call.deps), PolicyName };
    },
});

export const PutKeyPolicy = operation({
    readOnly: false,
    fields: {
        KeyId: keyId,
        PolicyName: policyName,
        Policy: required(policyDocument),
        BypassPolicyLockoutSafetyCheck: flag(),
    },
    async run(call, { KeyId, PolicyName = DEFAULT, Policy, BypassPolicyLockoutSafetyCheck = false }) {
        const bypass = { "kms:BypassPolicyLockoutSafetyCheck": String(BypassPolicyLockoutSafetyCheck) };
        const { key } = await allowedKey(call, { action: "kms:PutKeyPolicy", keyId: KeyId, context: bypass });
        requireDefault(PolicyName);
        const policy = await readPolicy(Policy, call.deps);
        const context = keyContext(call.store, key, call.place.accountId, undefined);
        await checkLockout(call, key.arn, policy, context, BypassPolicyLockoutSafetyCheck);
        key.policy = policy;
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

export const ListKeyPolicies = operation({
    readOnly: true,
    fields: { KeyId: keyId, ...page },
    async run(call, { KeyId }) {
        await allowedKey(call, { action: "kms:ListKeyPolicies", keyId: KeyId });
        return { PolicyNames: [DEFAULT], Truncated: false };
    },
});

/** A principal that is gone shows as the unique id it had, also if another one has its name now. */
async function shown(key: Key, { principalId }: KmsDeps): Promise<string> {
    if (!principalId) return key.policy.text;
    const gone = new Map<string, string>();
    for (const [arn, id] of key.policy.bindings) if ((await principalId(arn)) !== id) gone.set(arn, id);
    return gone.size === 0 ? key.policy.text : rebound(key.policy.text, gone);
}

function requireDefault(name: string): void {
    if (name !== DEFAULT) throw kmsError("NotFoundException", `No such policy exists: ${name}`);
}
