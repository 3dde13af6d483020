import { allowedKey } from "../authorization";
import { operation } from "../call";
import { present } from "../context";
import { kmsError } from "../errors";
import { keyId } from "../members";
import { seconds } from "../metadata";
import { whole } from "../schema";
import { requireEnabled } from "../states";
import type { Key } from "../store";

/** Automatic rotation is for symmetric encryption keys with material of KMS's own; no asymmetric key ever rotates. */
export const EnableKeyRotation = operation({
    readOnly: false,
    fields: { KeyId: keyId, RotationPeriodInDays: whole({ min: 90, max: 2560 }) },
    async run(call, { KeyId, RotationPeriodInDays: days }) {
        const context = present({ "kms:RotationPeriodInDays": days === undefined ? undefined : String(days) });
        const { key } = await allowedKey(call, { action: "kms:EnableKeyRotation", keyId: KeyId, context });
        requireRotatable(key, "EnableKeyRotation");
        requireEnabled(key);
        key.rotation = { periodDays: days ?? key.rotation?.periodDays ?? 365, since: call.now };
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

export const DisableKeyRotation = operation({
    readOnly: false,
    fields: { KeyId: keyId },
    async run(call, { KeyId }) {
        const { key } = await allowedKey(call, { action: "kms:DisableKeyRotation", keyId: KeyId });
        requireRotatable(key, "DisableKeyRotation");
        requireEnabled(key);
        delete key.rotation;
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

export const GetKeyRotationStatus = operation({
    readOnly: true,
    fields: { KeyId: keyId },
    async run(call, { KeyId }) {
        const { key } = await allowedKey(call, { action: "kms:GetKeyRotationStatus", keyId: KeyId });
        requireRotatable(key, "GetKeyRotationStatus");
        const { rotation } = key;
        if (!rotation || key.state === "PendingDeletion") return { KeyId: key.arn, KeyRotationEnabled: false };
        const next = new Date(rotation.since.getTime() + rotation.periodDays * 86_400_000);
        const schedule = { RotationPeriodInDays: rotation.periodDays, NextRotationDate: seconds(next) };
        return { KeyId: key.arn, KeyRotationEnabled: true, ...schedule };
    },
});

function requireRotatable(key: Key, name: string): void {
    if (key.spec === "SYMMETRIC_DEFAULT" && key.origin === "AWS_KMS") return;
    const what = `${key.arn} has KeySpec ${key.spec} and Origin ${key.origin}`;
    throw kmsError("UnsupportedOperationException", `${what}, which is not valid for ${name}.`);
}
