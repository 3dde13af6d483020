import { allowedByIdentity, allowedKey, noteKey } from "../authorization";
import { operation, type Call } from "../call";
import { kmsError, noSuchAlias, validation } from "../errors";
import { isSymmetric } from "../key-specs";
import { aliasName, keyId, optionalKeyId, page } from "../members";
import { seconds } from "../metadata";
import { pageOf } from "../paging";
import { requireNotPendingDeletion } from "../states";
import { aliasArn, keyArn, resolveKey, type Alias, type Key } from "../store";

/** Rights are needed on the alias, which only identity policies give, and on each key that it names or named. */
export const CreateAlias = operation({
    readOnly: false,
    fields: { AliasName: aliasName, TargetKeyId: keyId },
    async run(call, { AliasName, TargetKeyId }) {
        const arn = aliasArnOf(call, AliasName);
        await allowedByIdentity(call, "kms:CreateAlias", arn);
        const { key } = await allowedKey(call, { action: "kms:CreateAlias", keyId: TargetKeyId });
        requireNotPendingDeletion(key);
        requireSameAccount(call, key);
        if (call.store.aliases.has(arn)) {
            throw kmsError("AlreadyExistsException", `An alias with the name ${arn} already exists`);
        }
        const { accountId, region } = call.place;
        const times = { createdAt: call.now, updatedAt: call.now };
        call.store.aliases.set(arn, { name: AliasName, arn, accountId, region, targetKeyId: key.id, ...times });
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

/** Same kind of key and same usage is all that AWS asks: an RSA_4096 alias can move to an Ed25519 key. */
export const UpdateAlias = operation({
    readOnly: false,
    fields: { AliasName: aliasName, TargetKeyId: keyId },
    async run(call, { AliasName, TargetKeyId }) {
        const alias = await allowedAlias(call, "kms:UpdateAlias", AliasName);
        const { key: from } = await allowedKey(call, { action: "kms:UpdateAlias", keyId: targetOf(call, alias) });
        const { key: to } = await allowedKey(call, { action: "kms:UpdateAlias", keyId: TargetKeyId });
        requireNotPendingDeletion(to);
        requireSameAccount(call, to);
        if (isSymmetric(from.spec) !== isSymmetric(to.spec) || from.usage !== to.usage) {
            throw validation(
                `Alias ${AliasName} can only point to a KMS key of the same type and key usage as ${from.arn}.`,
            );
        }
        alias.targetKeyId = to.id;
        alias.updatedAt = call.now;
        call.trail.responseElements = { keyId: to.arn };
        return {};
    },
});

export const DeleteAlias = operation({
    readOnly: false,
    fields: { AliasName: aliasName },
    async run(call, { AliasName }) {
        const alias = await allowedAlias(call, "kms:DeleteAlias", AliasName);
        const { key } = await allowedKey(call, { action: "kms:DeleteAlias", keyId: targetOf(call, alias) });
        call.store.aliases.delete(alias.arn);
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

export const ListAliases = operation({
    readOnly: true,
    fields: { KeyId: optionalKeyId, ...page },
    async run(call, { KeyId, ...paging }) {
        await allowedByIdentity(call, "kms:ListAliases", "*");
        const { accountId, region } = call.place;
        const only =
            KeyId === undefined ? undefined : resolveKey(call.store, call.place, KeyId, { aliases: false }).arn;
        const mine = [...call.store.aliases.values()].filter(
            (alias) =>
                alias.accountId === accountId &&
                alias.region === region &&
                (only === undefined || targetOf(call, alias) === only),
        );
        const { items, more } = pageOf(mine, paging);
        return { Aliases: items.map(entry), ...more };
    },
});

function entry({ name, arn, targetKeyId, createdAt, updatedAt }: Alias): Record<string, unknown> {
    const times = { CreationDate: seconds(createdAt), LastUpdatedDate: seconds(updatedAt) };
    return { AliasName: name, AliasArn: arn, TargetKeyId: targetKeyId, ...times };
}

async function allowedAlias(call: Call, action: string, name: string): Promise<Alias> {
    const arn = aliasArnOf(call, name);
    await allowedByIdentity(call, action, arn);
    const alias = call.store.aliases.get(arn);
    if (!alias) throw noSuchAlias(arn);
    return alias;
}

function aliasArnOf(call: Call, name: string): string {
    if (!name.startsWith("alias/")) {
        throw validation(
            'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
        );
    }
    if (!/^alias\/[a-zA-Z0-9/_-]+$/.test(name)) {
        throw kmsError("InvalidAliasNameException", `${name} contains invalid characters for an alias`);
    }
    if (name.startsWith("alias/aws/"))
        throw kmsError("NotAuthorizedException", "alias/aws/ is reserved for AWS managed keys");
    const arn = aliasArn(call.place, name);
    noteKey(call, arn);
    return arn;
}

const targetOf = (call: Call, alias: Alias): string =>
    keyArn({ ...call.place, accountId: alias.accountId }, alias.targetKeyId);

function requireSameAccount(call: Call, key: Key): void {
    if (key.accountId !== call.place.accountId) throw validation("Alias and key must be in the same account.");
}
