import type { KeySpec, KeyUsageType } from "@aws-sdk/client-kms";
import type { AliasArgs, KeyArgs } from "@pulumi/aws/kms";
import { found, whileRoleSpreads } from "../aws";
import { replace, resource, TAGS, update } from "../declare";
import { retag } from "./tags";

const DEFAULT_WINDOW_DAYS = 30;

export const key = resource<KeyArgs>({
    token: "aws:kms/key:Key",
    arguments: {
        description: update(),
        keyUsage: replace({ default: "ENCRYPT_DECRYPT" }),
        customerMasterKeySpec: replace({ default: "SYMMETRIC_DEFAULT" }),
        multiRegion: replace(),
        deletionWindowInDays: update(),
        enableKeyRotation: update(),
        rotationPeriodInDays: update(),
        isEnabled: update({ default: true }),
        policy: update({ document: true }),
        bypassPolicyLockoutSafetyCheck: update({ default: false }),
        ...TAGS,
    },
    outputs: ["arn", "keyId"],

    async create(aws, args) {
        const kms = await aws.kms();
        const { KeyMetadata } = await whileRoleSpreads(() =>
            kms.createKey({
                Description: args.description,
                KeyUsage: args.keyUsage as KeyUsageType,
                KeySpec: args.customerMasterKeySpec as KeySpec,
                MultiRegion: args.multiRegion,
                Policy: args.policy,
                BypassPolicyLockoutSafetyCheck: args.bypassPolicyLockoutSafetyCheck || undefined,
                Tags: kmsTags(args.tagsAll),
            }),
        );
        return { id: KeyMetadata?.KeyId ?? "", outputs: { arn: KeyMetadata?.Arn, keyId: KeyMetadata?.KeyId } };
    },

    async complete(aws, id, args) {
        const kms = await aws.kms();
        if (args.enableKeyRotation) {
            await kms.enableKeyRotation({ KeyId: id, RotationPeriodInDays: args.rotationPeriodInDays });
        }
        if (args.isEnabled === false) {
            await kms.disableKey({ KeyId: id });
        }
    },

    async read(aws, id) {
        const kms = await aws.kms();
        const metadata = (await found(kms.describeKey({ KeyId: id })))?.KeyMetadata;
        if (!metadata || metadata.KeyState === "PendingDeletion") {
            return undefined;
        }
        const rotates = metadata.KeySpec === "SYMMETRIC_DEFAULT" && metadata.KeyState === "Enabled";
        const [{ Policy }, { Tags }, rotation] = await Promise.all([
            kms.getKeyPolicy({ KeyId: id, PolicyName: "default" }),
            kms.listResourceTags({ KeyId: id }),
            rotates ? kms.getKeyRotationStatus({ KeyId: id }) : undefined,
        ]);
        return {
            arn: metadata.Arn,
            keyId: metadata.KeyId,
            description: metadata.Description,
            keyUsage: metadata.KeyUsage,
            customerMasterKeySpec: metadata.KeySpec,
            multiRegion: metadata.MultiRegion,
            isEnabled: metadata.Enabled,
            policy: Policy,
            ...(rotation ? { enableKeyRotation: rotation.KeyRotationEnabled } : {}),
            ...(rotation?.KeyRotationEnabled ? { rotationPeriodInDays: rotation.RotationPeriodInDays } : {}),
            tagsAll: Object.fromEntries((Tags ?? []).map(({ TagKey = "", TagValue = "" }) => [TagKey, TagValue])),
        };
    },

    async update(aws, id, args, { old, of }) {
        const kms = await aws.kms();
        // An enabled key first: rotation cannot be changed on a disabled one.
        if (of("isEnabled") && args.isEnabled !== false && old.isEnabled === false) {
            await kms.enableKey({ KeyId: id });
        }
        if (of("policy") && args.policy !== undefined) {
            const { policy, bypassPolicyLockoutSafetyCheck: bypass } = args;
            await whileRoleSpreads(() =>
                kms.putKeyPolicy({
                    KeyId: id,
                    PolicyName: "default",
                    Policy: policy,
                    BypassPolicyLockoutSafetyCheck: bypass || undefined,
                }),
            );
        }
        if (of("description")) {
            await kms.updateKeyDescription({ KeyId: id, Description: args.description ?? "" });
        }
        if (of("enableKeyRotation", "rotationPeriodInDays")) {
            if (args.enableKeyRotation) {
                await kms.enableKeyRotation({ KeyId: id, RotationPeriodInDays: args.rotationPeriodInDays });
            } else if (old.enableKeyRotation) {
                await kms.disableKeyRotation({ KeyId: id });
            }
        }
        if (of("tagsAll")) {
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => kms.tagResource({ KeyId: id, Tags: kmsTags(tags) }),
                unset: (TagKeys) => kms.untagResource({ KeyId: id, TagKeys }),
            });
        }
        if (of("isEnabled") && args.isEnabled === false) {
            await kms.disableKey({ KeyId: id });
        }
    },

    async delete(aws, id, { deletionWindowInDays }) {
        const kms = await aws.kms();
        const state = (await found(kms.describeKey({ KeyId: id })))?.KeyMetadata?.KeyState;
        if (state !== undefined && state !== "PendingDeletion") {
            await kms.scheduleKeyDeletion({
                KeyId: id,
                PendingWindowInDays: deletionWindowInDays ?? DEFAULT_WINDOW_DAYS,
            });
        }
    },
});

export const alias = resource<AliasArgs>({
    token: "aws:kms/alias:Alias",
    arguments: { name: replace({ required: true }), targetKeyId: update({ required: true }) },
    outputs: ["arn", "targetKeyArn"],
    volatile: { targetKeyArn: ["targetKeyId"] },
    identity: ["name"],

    async create(aws, { name = "", targetKeyId }) {
        await (await aws.kms()).createAlias({ AliasName: name, TargetKeyId: targetKeyId });
        return { id: name };
    },

    async read(aws, id, { targetKeyId }) {
        const kms = await aws.kms();
        for (let Marker: string | undefined, page = 0; page < 100; page++) {
            // By name there is no other way to ask.
            const { Aliases, NextMarker } = await kms.listAliases({ Marker });
            const entry = Aliases?.find(({ AliasName }) => AliasName === id);
            if (entry) {
                const targetKeyArn = entry.AliasArn?.replace(/:alias\/.*$/, `:key/${entry.TargetKeyId}`);
                // The program may have named the key by its ARN: that is no drift.
                const given = targetKeyId === targetKeyArn ? targetKeyId : entry.TargetKeyId;
                return { name: id, arn: entry.AliasArn, targetKeyId: given, targetKeyArn };
            }
            if (!NextMarker) {
                return undefined;
            }
            Marker = NextMarker;
        }
        return undefined;
    },

    async update(aws, id, { targetKeyId }) {
        await (await aws.kms()).updateAlias({ AliasName: id, TargetKeyId: targetKeyId });
    },

    async delete(aws, id) {
        await (await aws.kms()).deleteAlias({ AliasName: id });
    },
});

function kmsTags(tags: Record<string, string> | undefined): { TagKey: string; TagValue: string }[] {
    return Object.entries(tags ?? {}).map(([TagKey, TagValue]) => ({ TagKey, TagValue }));
}
