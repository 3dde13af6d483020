import { allowedByIdentity, allowedKey } from "../authorization";
import { operation } from "../call";
import { kmsError } from "../errors";
import { algorithmMembers } from "../key-specs";
import { description, grantTokens, keyId, page } from "../members";
import { keyMetadata } from "../metadata";
import { pageOf } from "../paging";
import { required } from "../schema";
import { requireNotPendingDeletion, requireState } from "../states";

export const DescribeKey = operation({
    readOnly: true,
    fields: { KeyId: keyId, GrantTokens: grantTokens },
    async run(call, { KeyId, GrantTokens }) {
        const ask = { action: "kms:DescribeKey", keyId: KeyId, aliases: true, grantTokens: GrantTokens };
        const { key } = await allowedKey(call, ask);
        return { KeyMetadata: keyMetadata(key) };
    },
});

/** Works for a disabled key, whatever its page says. */
export const GetPublicKey = operation({
    readOnly: true,
    fields: { KeyId: keyId, GrantTokens: grantTokens },
    async run(call, { KeyId, GrantTokens }) {
        const ask = { action: "kms:GetPublicKey", keyId: KeyId, aliases: true, grantTokens: GrantTokens };
        const { key } = await allowedKey(call, ask);
        requireState(key, "Enabled", "Disabled");
        if (!key.pair) {
            throw kmsError(
                "UnsupportedOperationException",
                `${key.arn} is not an asymmetric key, so it has no public key.`,
            );
        }
        return {
            KeyId: key.arn,
            PublicKey: key.pair.spki.toString("base64"),
            CustomerMasterKeySpec: key.spec,
            KeySpec: key.spec,
            KeyUsage: key.usage,
            ...algorithmMembers(key.spec, key.usage),
        };
    },
});

export const ListKeys = operation({
    readOnly: true,
    fields: page,
    async run(call, input) {
        await allowedByIdentity(call, "kms:ListKeys", "*");
        const { accountId, region } = call.place;
        const mine = [...call.store.keys.values()].filter(
            (key) => key.accountId === accountId && key.region === region,
        );
        const { items, more } = pageOf(mine, input);
        return { Keys: items.map((key) => ({ KeyId: key.id, KeyArn: key.arn })), ...more };
    },
});

export const UpdateKeyDescription = operation({
    readOnly: false,
    fields: { KeyId: keyId, Description: required(description) },
    async run(call, { KeyId, Description }) {
        const { key } = await allowedKey(call, { action: "kms:UpdateKeyDescription", keyId: KeyId });
        requireNotPendingDeletion(key);
        key.description = Description;
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});
