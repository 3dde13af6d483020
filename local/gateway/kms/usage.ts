import type { Call } from "./call";
import { kmsError } from "./errors";
import type { KeyUsage } from "./key-specs";
import type { Key } from "./store";

/** @throws InvalidKeyUsageException */
export function requireUsage(key: Key, usage: KeyUsage, operation: string): void {
    if (key.usage === usage) return;
    throw kmsError(
        "InvalidKeyUsageException",
        `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`,
    );
}

/** @throws InvalidKeyUsageException */
export function requireAlgorithm(key: Key, algorithms: readonly string[], algorithm: string): void {
    if (algorithms.includes(algorithm)) return;
    const pair = `Algorithm ${algorithm} and key spec ${key.spec}`;
    throw kmsError("InvalidKeyUsageException", `${pair} are incompatible. Expected one of: ${algorithms.join(", ")}.`);
}

/** The last successful cryptographic operation, whatever it was: a Verify hides the Sign before it. */
export function noteUse(call: Call, key: Key): void {
    key.lastUsage = {
        operation: call.request.operation,
        at: call.now,
        eventId: call.eventId,
        requestId: call.requestId,
    };
}
