import { allowedKey } from "../authorization";
import { operation } from "../call";
import { present } from "../context";
import { dryRun, kmsError, validation } from "../errors";
import { SIGNING_ALGORITHMS, signingAlgorithmsOf } from "../key-specs";
import { dryRunFlag, grantTokens, keyId } from "../members";
import { blob, oneOf, required } from "../schema";
import { requireEnabled } from "../states";
import type { Key } from "../store";
import { noteUse, requireAlgorithm, requireUsage } from "../usage";

const MESSAGE_TYPES = ["RAW", "DIGEST", "EXTERNAL_MU"] as const;

const request = {
    KeyId: keyId,
    Message: required(blob({ max: 4096 })),
    MessageType: oneOf(MESSAGE_TYPES),
    SigningAlgorithm: required(oneOf(SIGNING_ALGORITHMS)),
    GrantTokens: grantTokens,
    DryRun: dryRunFlag,
};

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
export const Sign = operation({
    readOnly: true,
    fields: request,
    async run(call, input) {
        const { Message, MessageType = "RAW", SigningAlgorithm } = input;
        const { key } = await allowedKey(call, ask("kms:Sign", input));
        const pair = checkedPair(key, "Sign", SigningAlgorithm, MessageType, Message);
        if (input.DryRun) throw dryRun();
        const signature = pair.sign(SigningAlgorithm, MessageType, Message);
        noteUse(call, key);
        return { KeyId: key.arn, Signature: signature.toString("base64"), SigningAlgorithm };
    },
});

/** Never evidence: a signature made here is checked by code that did not make it. */
export const Verify = operation({
    readOnly: true,
    fields: { ...request, Signature: required(blob({ max: 6144 })) },
    async run(call, input) {
        const { Message, MessageType = "RAW", SigningAlgorithm, Signature } = input;
        const { key } = await allowedKey(call, ask("kms:Verify", input));
        const pair = checkedPair(key, "Verify", SigningAlgorithm, MessageType, Message);
        if (input.DryRun) throw dryRun();
        if (!pair.verifies(SigningAlgorithm, MessageType, Message, Signature)) {
            throw kmsError("KMSInvalidSignatureException", "");
        }
        noteUse(call, key);
        return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm };
    },
});

interface Asked {
    readonly KeyId: string;
    readonly SigningAlgorithm: string;
    readonly MessageType?: string;
    readonly GrantTokens?: readonly (string | undefined)[];
}

/** A MessageType that the request leaves out is RAW for KMS; that it is then absent from the context is unproven. */
function ask(
    action: string,
    { KeyId, SigningAlgorithm, MessageType, GrantTokens }: Asked,
): Parameters<typeof allowedKey>[1] {
    const context = present({ "kms:SigningAlgorithm": SigningAlgorithm, "kms:MessageType": MessageType });
    return { action, keyId: KeyId, aliases: true, context, grantTokens: GrantTokens };
}

function checkedPair(
    key: Key,
    name: string,
    algorithm: string,
    messageType: (typeof MESSAGE_TYPES)[number],
    message: Uint8Array,
): NonNullable<Key["pair"]> {
    requireEnabled(key);
    requireUsage(key, "SIGN_VERIFY", name);
    requireAlgorithm(key, signingAlgorithmsOf(key.spec), algorithm);
    checkMessage(algorithm, messageType, message);
    if (!key.pair) throw kmsError("KMSInternalException", `${key.arn} has no key material`);
    return key.pair;
}

function checkMessage(algorithm: string, type: (typeof MESSAGE_TYPES)[number], message: Uint8Array): void {
    const allowed = messageTypesOf(algorithm);
    if (!allowed.includes(type)) {
        throw validation(
            `MessageType ${type} is not compatible with algorithm ${algorithm}. Expected: ${allowed.join(", ")}.`,
        );
    }
    if (type === "DIGEST" && message.length !== Number(algorithm.slice(-3)) / 8) {
        throw validation(`Digest is invalid length for algorithm ${algorithm}.`);
    }
    if (type !== "EXTERNAL_MU") return;
    if (message.length !== 64)
        throw validation(`Message is invalid length for algorithm ${algorithm} and MessageType EXTERNAL_MU.`);
    throw kmsError(
        "UnsupportedOperationException",
        "MessageType EXTERNAL_MU is not emulated: send the message as RAW.",
    );
}

function messageTypesOf(algorithm: string): readonly string[] {
    if (algorithm === "ED25519_SHA_512") return ["RAW"];
    if (algorithm === "ED25519_PH_SHA_512") return ["DIGEST"];
    return algorithm === "ML_DSA_SHAKE_256" ? ["RAW", "EXTERNAL_MU"] : ["RAW", "DIGEST"];
}
