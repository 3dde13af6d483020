import { randomBytes } from "node:crypto";
import { allowedKey, type Allowed } from "../authorization";
import { operation, type Call } from "../call";
import { encryptionContextKeys, present } from "../context";
import { invalidCiphertext, keyIdOfBlob } from "../crypto/symmetric";
import { dryRun, kmsError, validation } from "../errors";
import { ENCRYPTION_ALGORITHMS, encryptionAlgorithmsOf } from "../key-specs";
import { ciphertext, dryRunFlag, encryptionContext, grantTokens, keyId, optionalKeyId } from "../members";
import { blob, oneOf, required, whole } from "../schema";
import { requireEnabled } from "../states";
import { keyArn, type Key } from "../store";
import { noteUse, requireAlgorithm, requireUsage } from "../usage";

const algorithm = oneOf(ENCRYPTION_ALGORITHMS);

interface Use {
    readonly KeyId: string;
    readonly EncryptionAlgorithm?: string;
    readonly EncryptionContext?: Record<string, string>;
    readonly GrantTokens?: readonly (string | undefined)[];
}

export const Encrypt = operation({
    readOnly: true,
    fields: {
        KeyId: keyId,
        Plaintext: required(blob({ max: 4096 })),
        EncryptionAlgorithm: algorithm,
        EncryptionContext: encryptionContext,
        GrantTokens: grantTokens,
        DryRun: dryRunFlag,
    },
    async run(call, input) {
        const { EncryptionAlgorithm = "SYMMETRIC_DEFAULT", EncryptionContext = {}, Plaintext } = input;
        const { key } = await usable(call, "Encrypt", input);
        if (input.DryRun) throw dryRun();
        const bytes = seal(key, EncryptionAlgorithm, Plaintext, EncryptionContext);
        noteUse(call, key);
        return { CiphertextBlob: bytes.toString("base64"), KeyId: key.arn, EncryptionAlgorithm };
    },
});

export const Decrypt = operation({
    readOnly: true,
    fields: {
        CiphertextBlob: ciphertext,
        KeyId: optionalKeyId,
        EncryptionAlgorithm: algorithm,
        EncryptionContext: encryptionContext,
        GrantTokens: grantTokens,
        DryRun: dryRunFlag,
    },
    async run(call, input) {
        const { CiphertextBlob, EncryptionContext = {} } = input;
        const key = await sourceKey(call, "Decrypt", input, CiphertextBlob);
        const EncryptionAlgorithm = algorithmOf(input);
        const plaintext = open(key, EncryptionAlgorithm, CiphertextBlob, EncryptionContext);
        if (input.DryRun) throw dryRun();
        noteUse(call, key);
        return { Plaintext: plaintext.toString("base64"), KeyId: key.arn, EncryptionAlgorithm };
    },
});

/** Two permissions: to take the plaintext from one key, and to put it under the other. */
export const ReEncrypt = operation({
    readOnly: true,
    fields: {
        CiphertextBlob: ciphertext,
        SourceKeyId: optionalKeyId,
        SourceEncryptionContext: encryptionContext,
        SourceEncryptionAlgorithm: algorithm,
        DestinationKeyId: keyId,
        DestinationEncryptionContext: encryptionContext,
        DestinationEncryptionAlgorithm: algorithm,
        GrantTokens: grantTokens,
        DryRun: dryRunFlag,
    },
    async run(call, input) {
        const { GrantTokens, CiphertextBlob } = input;
        const source = {
            KeyId: input.SourceKeyId,
            EncryptionContext: input.SourceEncryptionContext,
            EncryptionAlgorithm: input.SourceEncryptionAlgorithm,
            GrantTokens,
        };
        const destination = {
            KeyId: input.DestinationKeyId,
            EncryptionContext: input.DestinationEncryptionContext,
            EncryptionAlgorithm: input.DestinationEncryptionAlgorithm,
            GrantTokens,
        };
        const from = await sourceKey(call, "ReEncryptFrom", source, CiphertextBlob);
        const { key: to } = await usable(call, "ReEncryptTo", destination);
        const plaintext = open(from, algorithmOf(source), CiphertextBlob, source.EncryptionContext ?? {});
        if (input.DryRun) throw dryRun();
        const bytes = seal(to, algorithmOf(destination), plaintext, destination.EncryptionContext ?? {});
        noteUse(call, from);
        noteUse(call, to);
        return {
            CiphertextBlob: bytes.toString("base64"),
            SourceKeyId: from.arn,
            KeyId: to.arn,
            SourceEncryptionAlgorithm: algorithmOf(source),
            DestinationEncryptionAlgorithm: algorithmOf(destination),
        };
    },
});

const dataKeyRequest = {
    KeyId: keyId,
    KeySpec: oneOf(["AES_256", "AES_128"]),
    NumberOfBytes: whole({ min: 1, max: 1024 }),
    EncryptionContext: encryptionContext,
    GrantTokens: grantTokens,
    DryRun: dryRunFlag,
};

export const GenerateDataKey = operation({
    readOnly: true,
    fields: dataKeyRequest,
    async run(call, input) {
        const { key, plaintext, blob } = await dataKey(call, "GenerateDataKey", input);
        return { CiphertextBlob: blob.toString("base64"), Plaintext: plaintext.toString("base64"), KeyId: key.arn };
    },
});

export const GenerateDataKeyWithoutPlaintext = operation({
    readOnly: true,
    fields: dataKeyRequest,
    async run(call, input) {
        const { key, blob } = await dataKey(call, "GenerateDataKeyWithoutPlaintext", input);
        return { CiphertextBlob: blob.toString("base64"), KeyId: key.arn };
    },
});

async function dataKey(
    call: Call,
    name: string,
    input: Use & { KeySpec?: string; NumberOfBytes?: number; DryRun?: boolean },
): Promise<{ key: Key; plaintext: Buffer; blob: Buffer }> {
    const { KeySpec, NumberOfBytes, EncryptionContext = {} } = input;
    if ((KeySpec === undefined) === (NumberOfBytes === undefined)) {
        throw validation("Please specify either number of bytes or key spec.");
    }
    const { key } = await usable(call, name, input);
    if (input.DryRun) throw dryRun();
    const plaintext = randomBytes(NumberOfBytes ?? (KeySpec === "AES_128" ? 16 : 32));
    const blob = seal(key, "SYMMETRIC_DEFAULT", plaintext, EncryptionContext);
    noteUse(call, key);
    return { key, plaintext, blob };
}

/** The key that a ciphertext is opened with: a symmetric one names it, an asymmetric one does not. */
async function sourceKey(call: Call, name: string, input: Partial<Use>, blob: Uint8Array): Promise<Key> {
    const symmetric = algorithmOf(input) === "SYMMETRIC_DEFAULT";
    const inside = symmetric ? keyIdOfBlob(blob) : undefined;
    if (symmetric && inside === undefined) throw invalidCiphertext();
    if (!symmetric && input.KeyId === undefined) {
        throw validation("KeyId is required for asymmetric encryption algorithms.");
    }
    const { key } = await usable(call, name, { ...input, KeyId: input.KeyId ?? blobArn(call, inside) });
    if (symmetric && inside !== key.id) {
        throw kmsError(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        );
    }
    return key;
}

const algorithmOf = ({ EncryptionAlgorithm = "SYMMETRIC_DEFAULT" }: Partial<Use>): string => EncryptionAlgorithm;

/** Authorization, then state, usage, algorithm. */
async function usable(call: Call, name: string, input: Use): Promise<Allowed> {
    const { KeyId, EncryptionAlgorithm = "SYMMETRIC_DEFAULT", EncryptionContext = {}, GrantTokens } = input;
    const allowed = await allowedKey(call, {
        action: `kms:${name}`,
        keyId: KeyId,
        aliases: true,
        context: {
            ...present({ "kms:EncryptionAlgorithm": EncryptionAlgorithm }),
            ...encryptionContextKeys(EncryptionContext),
        },
        encryptionContext: EncryptionContext,
        grantTokens: GrantTokens,
    });
    requireEnabled(allowed.key);
    requireUsage(allowed.key, "ENCRYPT_DECRYPT", name);
    requireAlgorithm(allowed.key, encryptionAlgorithmsOf(allowed.key.spec), EncryptionAlgorithm);
    return allowed;
}

function seal(key: Key, name: string, plaintext: Uint8Array, context: Record<string, string>): Buffer {
    if (key.secret) return key.secret.encrypt(key.id, plaintext, context);
    try {
        return key.pair!.encrypt(name, plaintext);
    } catch {
        throw validation(
            `Algorithm ${name} and key spec ${key.spec} cannot encrypt data of ${plaintext.length} bytes.`,
        );
    }
}

function open(key: Key, name: string, blob: Uint8Array, context: Record<string, string>): Buffer {
    if (key.secret) return key.secret.decrypt(blob, context);
    try {
        return key.pair!.decrypt(name, blob);
    } catch {
        throw invalidCiphertext();
    }
}

/** The blob names the key; its account is found here, since blobs travel between accounts. */
function blobArn(call: Call, id: string | undefined): string {
    const key = [...call.store.keys.values()].find(
        (candidate) => candidate.id === id && candidate.region === call.place.region,
    );
    return key?.arn ?? keyArn(call.place, id ?? "");
}
