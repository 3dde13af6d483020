import { allowedByIdentity, allowedKey } from "../authorization";
import { operation, type Operation } from "../call";
import { kmsError } from "../errors";
import { keyId } from "../members";

/**
 * Operations of KMS that are not emulated. They are authorized first, so that a Deny is seen as one; whoever is allowed gets
 * an error that says so, never an answer that looks like success.
 */
export const onKey = (name: string, readOnly = false): Operation =>
    operation({
        readOnly,
        fields: { KeyId: keyId },
        async run(call, { KeyId }) {
            await allowedKey(call, { action: `kms:${name}`, keyId: KeyId });
            throw notEmulated(name);
        },
    });

export const onAccount = (name: string, readOnly = false): Operation =>
    operation({
        readOnly,
        fields: {},
        async run(call) {
            await allowedByIdentity(call, `kms:${name}`, "*");
            throw notEmulated(name);
        },
    });

const notEmulated = (name: string): Error =>
    kmsError("UnsupportedOperationException", `${name} is not emulated by the local cloud.`);
