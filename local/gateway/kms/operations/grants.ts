import { createHash, randomBytes } from "node:crypto";
import { allowedKey, noteKey } from "../authorization";
import { operation, type Call } from "../call";
import { present, type Context } from "../context";
import { dryRun, kmsError, validation } from "../errors";
import { isPrincipal } from "../grants";
import { dryRunFlag, encryptionContext, grantId, grantTokens, keyId, optionalKeyId, page, principal } from "../members";
import { seconds } from "../metadata";
import { pageOf } from "../paging";
import { list, oneOf, required, struct, text } from "../schema";
import { requireEnabled } from "../states";
import { resolveKey, type Grant, type Key } from "../store";

const ALWAYS = ["CreateGrant", "RetireGrant", "DescribeKey"];
const BY_USAGE: Readonly<Record<Key["usage"], readonly string[]>> = {
    SIGN_VERIFY: ["Sign", "Verify", "GetPublicKey"],
    KEY_AGREEMENT: ["DeriveSharedSecret", "GetPublicKey"],
    GENERATE_VERIFY_MAC: ["GenerateMac", "VerifyMac"],
    ENCRYPT_DECRYPT: ["Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo"],
};
const SYMMETRIC_ONLY = [
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
];
const OPERATIONS = [...new Set([...Object.values(BY_USAGE).flat(), ...SYMMETRIC_ONLY, ...ALWAYS])];

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html */
export const CreateGrant = operation({
    readOnly: false,
    fields: {
        KeyId: keyId,
        GranteePrincipal: required(principal),
        RetiringPrincipal: principal,
        Operations: required(list(required(oneOf(OPERATIONS)), { min: 1, max: 100 })),
        Constraints: struct({
            EncryptionContextEquals: encryptionContext,
            EncryptionContextSubset: encryptionContext,
        }),
        GrantTokens: grantTokens,
        Name: text({ max: 256, pattern: "[a-zA-Z0-9:/_-]+" }),
        DryRun: dryRunFlag,
    },
    async run(call, input) {
        const ask = { action: "kms:CreateGrant", keyId: input.KeyId, grantTokens: input.GrantTokens };
        const { key, caller } = await allowedKey(call, { ...ask, context: grantContext(input) });
        requireEnabled(key);
        requireGrantable(key, input.Operations);
        await requirePrincipals(call, input);
        if (input.DryRun) throw dryRun();
        const grant = grantOf(call, caller.accountId, input);
        const same = [...key.grants.values()].find(
            (other) => input.Name !== undefined && fingerprint(other) === fingerprint(grant),
        );
        if (!same) key.grants.set(grant.id, grant);
        const { id, token } = same ?? grant;
        call.trail.responseElements = { grantId: id, keyId: key.arn };
        return { GrantId: id, GrantToken: token };
    },
});

export const ListGrants = operation({
    readOnly: true,
    fields: { KeyId: keyId, GrantId: grantId, GranteePrincipal: principal, ...page },
    async run(call, { KeyId, GrantId, GranteePrincipal, ...paging }) {
        const { key } = await allowedKey(call, { action: "kms:ListGrants", keyId: KeyId });
        const found = [...key.grants.values()].filter(
            (grant) => (GrantId ?? grant.id) === grant.id && (GranteePrincipal ?? grant.grantee) === grant.grantee,
        );
        const { items, more } = pageOf(found, paging, 50);
        return { Grants: items.map((grant) => entry(key, grant)), ...more };
    },
});

export const RevokeGrant = operation({
    readOnly: false,
    fields: { KeyId: keyId, GrantId: required(grantId), DryRun: dryRunFlag },
    async run(call, { KeyId, GrantId, DryRun }) {
        const { key } = await allowedKey(call, { action: "kms:RevokeGrant", keyId: KeyId });
        if (!key.grants.has(GrantId)) throw noSuchGrant(GrantId);
        if (DryRun) throw dryRun();
        key.grants.delete(GrantId);
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

/** The grant itself says who may retire it; a policy can only take that away. */
export const RetireGrant = operation({
    readOnly: false,
    fields: { GrantToken: text({ max: 8192 }), KeyId: optionalKeyId, GrantId: grantId, DryRun: dryRunFlag },
    async run(call, { GrantToken, KeyId, GrantId, DryRun }) {
        const { key, grant } = findRetirable(call, GrantToken, KeyId, GrantId);
        noteKey(call, key.arn);
        const answer = await call.request.authorize({
            action: "kms:RetireGrant",
            resource: key.arn,
            keyPolicy: key.policy.evaluated,
            context: { "kms:CallerAccount": call.place.accountId },
        });
        const mayRetire =
            (grant.retiring !== undefined && isPrincipal(grant.retiring, answer.caller)) ||
            (grant.operations.includes("RetireGrant") && isPrincipal(grant.grantee, answer.caller));
        if (answer.error) throw kmsError(answer.error.code, answer.error.message);
        if (answer.decision === "explicitDeny" || !mayRetire) {
            const who = `User: ${answer.caller.arn} is not authorized to perform: kms:RetireGrant on resource: ${key.arn}`;
            throw kmsError("AccessDeniedException", answer.message || who);
        }
        if (DryRun) throw dryRun();
        key.grants.delete(grant.id);
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

type GrantInput = Readonly<{
    GranteePrincipal: string;
    RetiringPrincipal?: string;
    Operations: readonly string[];
    Constraints?: Readonly<{
        EncryptionContextEquals?: Record<string, string>;
        EncryptionContextSubset?: Record<string, string>;
    }>;
    Name?: string;
}>;

function grantContext({ GranteePrincipal, RetiringPrincipal, Operations, Constraints }: GrantInput): Context {
    const types = Object.entries(Constraints ?? {}).filter(([, value]) => value !== undefined);
    return present({
        "kms:GrantOperations": [...Operations],
        "kms:GranteePrincipal": GranteePrincipal,
        "kms:RetiringPrincipal": RetiringPrincipal,
        "kms:GrantIsForAWSResource": "false",
        "kms:GrantConstraintType": types.length > 0 ? types.map(([name]) => name) : undefined,
    });
}

function grantOf(call: Call, issuingAccount: string, input: GrantInput): Grant {
    return {
        id: randomBytes(32).toString("hex"),
        token: randomBytes(96).toString("base64url"),
        createdAt: call.now,
        issuingAccount,
        grantee: input.GranteePrincipal,
        retiring: input.RetiringPrincipal,
        operations: [...input.Operations],
        name: input.Name,
        contextEquals: input.Constraints?.EncryptionContextEquals,
        contextSubset: input.Constraints?.EncryptionContextSubset,
    };
}

/** A named grant that is asked for again is the one that exists. */
function fingerprint({ grantee, retiring, operations, name, contextEquals, contextSubset }: Grant): string {
    const parts = [grantee, retiring, operations, name, contextEquals, contextSubset];
    return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

function entry(key: Key, grant: Grant): Record<string, unknown> {
    const constraints: Record<string, unknown> = {};
    if (grant.contextEquals) constraints.EncryptionContextEquals = grant.contextEquals;
    if (grant.contextSubset) constraints.EncryptionContextSubset = grant.contextSubset;
    return {
        KeyId: key.arn,
        GrantId: grant.id,
        ...(grant.name === undefined ? {} : { Name: grant.name }),
        CreationDate: seconds(grant.createdAt),
        GranteePrincipal: grant.grantee,
        ...(grant.retiring === undefined ? {} : { RetiringPrincipal: grant.retiring }),
        IssuingAccount: `arn:aws:iam::${grant.issuingAccount}:root`,
        Operations: grant.operations,
        ...(Object.keys(constraints).length > 0 ? { Constraints: constraints } : {}),
    };
}

function requireGrantable(key: Key, operations: readonly string[]): void {
    const symmetric = key.spec === "SYMMETRIC_DEFAULT" ? SYMMETRIC_ONLY : [];
    const publicKey = key.pair ? ["GetPublicKey"] : [];
    const allowed = [...ALWAYS, ...BY_USAGE[key.usage], ...symmetric, ...publicKey];
    const wrong = operations.filter((name) => !allowed.includes(name));
    if (wrong.length > 0) {
        throw validation(
            `Grant operations [${wrong.join(", ")}] are not supported for KeyUsage ${key.usage} and KeySpec ${key.spec}.`,
        );
    }
}

async function requirePrincipals({ deps }: Call, { GranteePrincipal, RetiringPrincipal }: GrantInput): Promise<void> {
    for (const arn of [GranteePrincipal, RetiringPrincipal]) {
        if (arn === undefined || /:root$|^arn:[^:]+:sts::/.test(arn)) continue;
        const known =
            /^arn:[^:]+:iam::\d{12}:(?:role|user)\/./.test(arn) && (!deps.principalId || (await deps.principalId(arn)));
        if (!known) throw kmsError("InvalidArnException", `ARN does not refer to a valid principal: ${arn}`);
    }
}

function findRetirable(
    call: Call,
    token: string | undefined,
    keyIdText: string | undefined,
    id: string | undefined,
): { key: Key; grant: Grant } {
    if (token === undefined && (keyIdText === undefined || id === undefined)) {
        throw validation("Either a grant token, or a key ID and a grant ID, must be specified.");
    }
    const named =
        keyIdText === undefined ? undefined : resolveKey(call.store, call.place, keyIdText, { aliases: false });
    const keys = named ? (named.key ? [named.key] : []) : [...call.store.keys.values()];
    for (const key of keys) {
        for (const grant of key.grants.values()) {
            if (token === undefined ? grant.id === id : grant.token === token) return { key, grant };
        }
    }
    if (token !== undefined) throw kmsError("InvalidGrantTokenException", "The specified grant token is not valid.");
    throw noSuchGrant(id ?? "");
}

const noSuchGrant = (id: string): Error => kmsError("NotFoundException", `Grant ID ${id} not found`);
