import type { Call } from "../call";
import type { Context } from "../context";
import { kmsError } from "../errors";
import type { StoredPolicy } from "./document";

/**
 * Whether the caller could still put a policy if this one were in force. KMS asks this of the caller, not of the account, so
 * that a mistake can be mended by whoever made it.
 *
 * @throws MalformedPolicyDocumentException
 */
export async function checkLockout(
    call: Call,
    arn: string,
    policy: StoredPolicy,
    context: Context,
    bypass: boolean,
): Promise<void> {
    if (bypass) return;
    const answer = await call.request.authorize({
        action: "kms:PutKeyPolicy",
        resource: arn,
        keyPolicy: policy.evaluated,
        context: { ...context, "kms:BypassPolicyLockoutSafetyCheck": "false" },
    });
    if (!answer.allowed) {
        throw kmsError(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
        );
    }
}
