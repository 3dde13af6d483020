import { randomBytes, randomUUID } from "node:crypto";
import { allowedByIdentity, noteKey } from "../authorization";
import { operation, type Call } from "../call";
import { requestTagContext } from "../context";
import { generateSecret } from "../crypto/symmetric";
import { kmsError, validation } from "../errors";
import { isSymmetric, KEY_SPECS, KEY_USAGES, usagesOf, type AnyKeySpec, type KeyUsage } from "../key-specs";
import { description, policyDocument, tag } from "../members";
import { keyMetadata } from "../metadata";
import { defaultPolicy, readPolicy } from "../policy/document";
import { checkLockout } from "../policy/lockout";
import { flag, list, oneOf, text } from "../schema";
import { keyArn, type Key } from "../store";
import { checkTags } from "./tags";

const ORIGINS = ["AWS_KMS", "EXTERNAL", "AWS_CLOUDHSM", "EXTERNAL_KEY_STORE"] as const;

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html */
export const CreateKey = operation({
    readOnly: false,
    fields: {
        BypassPolicyLockoutSafetyCheck: flag(),
        CustomKeyStoreId: text({ max: 64 }),
        CustomerMasterKeySpec: oneOf(KEY_SPECS),
        Description: description,
        KeySpec: oneOf(KEY_SPECS),
        KeyUsage: oneOf(KEY_USAGES),
        MultiRegion: flag(),
        Origin: oneOf(ORIGINS),
        Policy: policyDocument,
        Tags: list(tag, { max: 200 }),
        XksKeyId: text({ max: 128, pattern: "[a-zA-Z0-9-_.]+" }),
    },
    async run(call, input) {
        const { Origin = "AWS_KMS", MultiRegion = false, Tags = [], BypassPolicyLockoutSafetyCheck = false } = input;
        if (input.KeySpec && input.CustomerMasterKeySpec) {
            throw validation("You cannot specify KeySpec and CustomerMasterKeySpec in the same request.");
        }
        const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? "SYMMETRIC_DEFAULT";
        const usage = usageFor(spec, input.KeyUsage);
        const origin = originFor(Origin, input, spec);
        checkTags(Tags, 0);

        const id = MultiRegion ? `mrk-${randomBytes(16).toString("hex")}` : randomUUID();
        const arn = keyArn(call.place, id);
        const context = {
            "kms:CallerAccount": call.place.accountId,
            "kms:KeySpec": spec,
            "kms:KeyUsage": usage,
            "kms:KeyOrigin": Origin,
            "kms:MultiRegion": String(MultiRegion),
            ...(MultiRegion ? { "kms:MultiRegionKeyType": "PRIMARY" } : {}),
            "kms:BypassPolicyLockoutSafetyCheck": String(BypassPolicyLockoutSafetyCheck),
            ...requestTagContext(Tags),
        };
        await allowedByIdentity(call, "kms:CreateKey", "*", context);
        if (Tags.length > 0) await allowedByIdentity(call, "kms:TagResource", arn, context);

        const document = input.Policy ?? defaultPolicy(call.place.partition, call.place.accountId);
        const policy = await readPolicy(document, call.deps);
        await checkLockout(call, arn, policy, context, BypassPolicyLockoutSafetyCheck);

        const key: Key = {
            id,
            arn,
            accountId: call.place.accountId,
            region: call.place.region,
            spec,
            usage,
            origin,
            multiRegion: MultiRegion,
            createdAt: call.now,
            ...(await material(call, spec, origin)),
            tags: new Map(Tags.map(({ TagKey, TagValue }) => [TagKey, TagValue])),
            grants: new Map(),
            state: origin === "EXTERNAL" ? "PendingImport" : "Enabled",
            description: input.Description ?? "",
            policy,
        };
        call.store.keys.set(arn, key);
        noteKey(call, arn);
        const body = { KeyMetadata: keyMetadata(key) };
        call.trail.responseElements = { keyMetadata: trailMetadata(key) };
        return body;
    },
});

function usageFor(spec: AnyKeySpec, given: KeyUsage | undefined): KeyUsage {
    if (spec === "SM2") throw kmsError("UnsupportedOperationException", "KeySpec SM2 is not supported in this Region.");
    if (given === undefined && spec !== "SYMMETRIC_DEFAULT") {
        throw validation("You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.");
    }
    const usage = given ?? "ENCRYPT_DECRYPT";
    if (!usagesOf(spec).includes(usage)) throw validation(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`);
    return usage;
}

/** Key stores do not exist here, and what is imported has no material yet: a key is either KMS's own or waits. */
function originFor(
    origin: (typeof ORIGINS)[number],
    { CustomKeyStoreId, XksKeyId }: { CustomKeyStoreId?: string; XksKeyId?: string },
    spec: AnyKeySpec,
): "AWS_KMS" | "EXTERNAL" {
    if (origin === "AWS_CLOUDHSM" || origin === "EXTERNAL_KEY_STORE") {
        if (spec !== "SYMMETRIC_DEFAULT") {
            throw kmsError("UnsupportedOperationException", `KeySpec ${spec} is not supported for Origin ${origin}.`);
        }
        if (CustomKeyStoreId === undefined)
            throw validation(`You must specify a CustomKeyStoreId for Origin ${origin}.`);
        throw kmsError("CustomKeyStoreNotFoundException", `Custom key store ${CustomKeyStoreId} does not exist.`);
    }
    if (CustomKeyStoreId !== undefined) {
        throw validation("CustomKeyStoreId is only valid for Origin AWS_CLOUDHSM and EXTERNAL_KEY_STORE.");
    }
    if (XksKeyId !== undefined) throw validation("XksKeyId is only valid for Origin EXTERNAL_KEY_STORE.");
    return origin;
}

async function material(call: Call, spec: AnyKeySpec, origin: string): Promise<Pick<Key, "pair" | "secret">> {
    if (origin === "EXTERNAL") return {};
    if (!isSymmetric(spec)) return { pair: await call.pool.take(spec) };
    return { secret: generateSecret(spec === "SYMMETRIC_DEFAULT" ? 32 : Number(spec.slice("HMAC_".length)) / 8) };
}

function trailMetadata(key: Key): Record<string, unknown> {
    const lower = Object.entries(keyMetadata(key)).map(([name, value]) => [
        name === "AWSAccountId" ? "aWSAccountId" : name.charAt(0).toLowerCase() + name.slice(1),
        name.endsWith("Date") ? trailTime(key.createdAt) : value,
    ]);
    return Object.fromEntries(lower) as Record<string, unknown>;
}

/** CloudTrail's own form inside responseElements: `Nov 21, 2026, 8:00:00 AM`. */
function trailTime(time: Date): string {
    return time.toLocaleString("en-US", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });
}
