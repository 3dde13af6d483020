import { allowedKey } from "../authorization";
import { operation } from "../call";
import { idleDays } from "../context";
import { kmsError, validation } from "../errors";
import { keyId } from "../members";
import { seconds } from "../metadata";
import { whole } from "../schema";
import { requireNotPendingDeletion, requireState } from "../states";
import { resolveKey } from "../store";
import type { Call } from "../call";

export const EnableKey = operation({
    readOnly: false,
    fields: { KeyId: keyId },
    async run(call, { KeyId }) {
        const { key } = await allowedKey(call, { action: "kms:EnableKey", keyId: KeyId });
        requireState(key, "Enabled", "Disabled");
        key.state = "Enabled";
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

export const DisableKey = operation({
    readOnly: false,
    fields: { KeyId: keyId },
    async run(call, { KeyId }) {
        const { key } = await allowedKey(call, { action: "kms:DisableKey", keyId: KeyId, context: idle(call, KeyId) });
        requireState(key, "Enabled", "Disabled");
        key.state = "Disabled";
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

export const ScheduleKeyDeletion = operation({
    readOnly: false,
    fields: { KeyId: keyId, PendingWindowInDays: whole({ min: 1, max: 365 }) },
    async run(call, { KeyId, PendingWindowInDays: days = 30 }) {
        const context = { "kms:ScheduleKeyDeletionPendingWindowInDays": String(days), ...idle(call, KeyId) };
        const { key } = await allowedKey(call, { action: "kms:ScheduleKeyDeletion", keyId: KeyId, context });
        if (days < 7 || days > 30) throw validation("PendingWindowInDays must be between 7 and 30 (inclusive).");
        requireNotPendingDeletion(key);
        key.state = "PendingDeletion";
        key.deletionDate = new Date(call.now.getTime() + days * 86_400_000);
        call.trail.responseElements = { keyId: key.arn, keyState: key.state, pendingWindowInDays: days };
        const deletion = { DeletionDate: seconds(key.deletionDate), KeyState: key.state, PendingWindowInDays: days };
        return { KeyId: key.arn, ...deletion };
    },
});

/** Leaves the key disabled. */
export const CancelKeyDeletion = operation({
    readOnly: false,
    fields: { KeyId: keyId },
    async run(call, { KeyId }) {
        const { key } = await allowedKey(call, { action: "kms:CancelKeyDeletion", keyId: KeyId });
        if (key.state !== "PendingDeletion") {
            throw kmsError("KMSInvalidStateException", `${key.arn} is not pending deletion.`);
        }
        key.state = key.pair || key.secret ? "Disabled" : "PendingImport";
        delete key.deletionDate;
        call.trail.responseElements = { keyId: key.arn };
        return { KeyId: key.arn };
    },
});

function idle(call: Call, keyIdText: string): Record<string, string> {
    const { key } = resolveKey(call.store, call.place, keyIdText, { aliases: false });
    return key ? { "kms:TrailingDaysWithoutKeyUsage": idleDays(key, call.now) } : {};
}
