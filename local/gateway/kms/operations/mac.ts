import { allowedKey } from "../authorization";
import { operation, type Call } from "../call";
import { hashOf } from "../crypto/key-pair";
import type { Secret } from "../crypto/symmetric";
import { dryRun, kmsError } from "../errors";
import { MAC_ALGORITHMS, macAlgorithmOf } from "../key-specs";
import { dryRunFlag, grantTokens, keyId } from "../members";
import { blob, oneOf, required } from "../schema";
import { requireEnabled } from "../states";
import type { Key } from "../store";
import { noteUse, requireAlgorithm, requireUsage } from "../usage";

const request = {
    KeyId: keyId,
    Message: required(blob({ max: 4096 })),
    MacAlgorithm: required(oneOf(MAC_ALGORITHMS)),
    GrantTokens: grantTokens,
    DryRun: dryRunFlag,
};

export const GenerateMac = operation({
    readOnly: true,
    fields: request,
    async run(call, input) {
        const { key, secret } = await usable(call, "GenerateMac", input);
        if (input.DryRun) throw dryRun();
        const mac = secret.mac(hashOf(input.MacAlgorithm), input.Message);
        noteUse(call, key);
        return { Mac: mac.toString("base64"), MacAlgorithm: input.MacAlgorithm, KeyId: key.arn };
    },
});

export const VerifyMac = operation({
    readOnly: true,
    fields: { ...request, Mac: required(blob({ max: 6144 })) },
    async run(call, input) {
        const { key, secret } = await usable(call, "VerifyMac", input);
        if (input.DryRun) throw dryRun();
        if (!secret.isMac(hashOf(input.MacAlgorithm), input.Message, input.Mac))
            throw kmsError("KMSInvalidMacException", "");
        noteUse(call, key);
        return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm };
    },
});

interface Asked {
    readonly KeyId: string;
    readonly MacAlgorithm: string;
    readonly GrantTokens?: readonly (string | undefined)[];
}

async function usable(call: Call, name: string, input: Asked): Promise<{ key: Key; secret: Secret }> {
    const context = { "kms:MacAlgorithm": input.MacAlgorithm };
    const ask = { action: `kms:${name}`, keyId: input.KeyId, aliases: true, context, grantTokens: input.GrantTokens };
    const { key } = await allowedKey(call, ask);
    requireEnabled(key);
    requireUsage(key, "GENERATE_VERIFY_MAC", name);
    requireAlgorithm(key, [macAlgorithmOf(key.spec)], input.MacAlgorithm);
    if (!key.secret) throw kmsError("KMSInternalException", `${key.arn} has no key material`);
    return { key, secret: key.secret };
}
