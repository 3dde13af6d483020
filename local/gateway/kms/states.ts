import { kmsError } from "./errors";
import type { Key, KeyState } from "./store";

/**
 * Which state refuses what. https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 *
 * @throws DisabledException, KMSInvalidStateException
 */
export function requireState(key: Key, ...allowed: readonly KeyState[]): void {
    if (allowed.includes(key.state)) return;
    if (key.state === "Disabled") throw kmsError("DisabledException", `${key.arn} is disabled.`);
    throw kmsError("KMSInvalidStateException", `${key.arn} is ${WORDS[key.state]}.`);
}

export const requireEnabled = (key: Key): void => requireState(key, "Enabled");
export const requireNotPendingDeletion = (key: Key): void => requireState(key, "Enabled", "Disabled", "PendingImport");

const WORDS: Readonly<Record<KeyState, string>> = {
    Enabled: "enabled",
    Disabled: "disabled",
    PendingDeletion: "pending deletion",
    PendingImport: "pending import",
};
