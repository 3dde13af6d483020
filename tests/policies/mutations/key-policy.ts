import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Mutant,
    ROOT,
    SIGNER,
    STRANGER,
    UNKNOWN,
    withKeyAllow,
    withKeyPolicy,
} from "./program";

/** B: the key's own policy and shape. */

const EXCLUSIVE = "kms-sign-exclusive";

function keyAllows(threat: string, variants: Record<string, Json>, rule = EXCLUSIVE): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        change: (program) => [withKeyAllow(program, statement)],
    }));
}

function keyChanges(threat: string, rule: string, variants: Record<string, Record<string, unknown>>): Mutant[] {
    return Object.entries(variants).map(([name, properties]) => ({
        threat,
        rule,
        name,
        change: (program) => [changed(program.get("Key", "modules-v1"), properties)],
    }));
}

/** One more Allow beside everything that the policy denies. */
function besides(threat: string, rule: string, variants: Record<string, Json>): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        change: (program) => [
            withKeyPolicy(program, (all) => [...all, { Sid: "Mutant", Effect: "Allow", Resource: "*", ...statement }]),
        ],
    }));
}

function withoutDeny(threat: string, rule: string, sids: Record<string, (one: Json) => Json | undefined>): Mutant[] {
    return Object.entries(sids).map(([name, change]) => ({
        threat,
        rule,
        name,
        change: (program) => [withKeyPolicy(program, (all) => all.flatMap((one) => change(one) ?? []))],
    }));
}

const principal = (AWS: Json, Condition?: Json): Json => ({
    Principal: AWS === "*" ? "*" : { AWS },
    ...(Condition && { Condition }),
});
const GATES: Record<string, Json> = {
    CallerAccount: { StringEquals: { "kms:CallerAccount": ACCOUNT } },
    OrgID: { StringEquals: { "aws:PrincipalOrgID": "o-abcdefghij" } },
    SourceVpce: { StringEquals: { "aws:SourceVpce": "vpce-1234" } },
    ViaService: { StringEquals: { "kms:ViaService": "lambda.eu-west-1.amazonaws.com" } },
    PrincipalTag: { StringEquals: { "aws:PrincipalTag/signer": "yes" } },
};
const denies = (Sid: string, Condition: Json) => (one: Json) => (one.Sid === Sid ? { ...one, Condition } : one);

export const keyPolicyMutants: readonly Mutant[] = [
    ...keyChanges("T20", EXCLUSIVE, { "no policy": { policy: undefined }, "an unknown policy": { policy: UNKNOWN } }),
    ...keyChanges("T20", "kms-no-iam-delegation-of-sign", { "no policy, so AWS's default": { policy: undefined } }),
    ...besides("T21", "kms-no-iam-delegation-of-sign", {
        "kms:* for the root": { Principal: { AWS: ROOT }, Action: "kms:*" },
        "Sign for the bare account id": { Principal: { AWS: ACCOUNT }, Action: "kms:Sign" },
        "a pattern for the root": { Principal: { AWS: ROOT }, Action: "kms:S*" },
        "everything but Encrypt": { Principal: { AWS: ROOT }, NotAction: "kms:Encrypt" },
    }),
    ...keyAllows("T21", { "kms:* for the root, Deny gone": { Principal: { AWS: ROOT }, Action: "kms:*" } }),
    ...keyAllows(
        "T22",
        Object.fromEntries(
            Object.entries(GATES).map(([name, condition]) => [`* with ${name}`, principal("*", condition)]),
        ),
    ),
    ...keyAllows("T22", { "* with nothing": principal("*") }),
    ...keyAllows("T23", {
        "role/signing/*": principal("*", { ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/signing/*` } }),
        "the signer's name as prefix": principal("*", { StringLike: { "aws:PrincipalArn": `${SIGNER}*` } }),
        "any path": principal("*", {
            ArnLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/*/countersign-local-modules-v1-signer` },
        }),
        "any account": principal("*", { ArnLike: { "aws:PrincipalArn": SIGNER.replace(ACCOUNT, "*") } }),
    }),
    ...keyAllows("T24", { "Allow with NotPrincipal": { NotPrincipal: { AWS: STRANGER } } }),
    ...withoutDeny("T24", "kms-sign-explicit-deny", {
        "Deny with NotPrincipal": (one) =>
            one.Sid === "DenySignOthers"
                ? {
                      Sid: one.Sid,
                      Effect: "Deny",
                      NotPrincipal: { AWS: [SIGNER, ROOT, STRANGER] },
                      Action: "kms:Sign",
                      Resource: "*",
                  }
                : one,
    }),
    ...keyAllows("T25", {
        "another role": principal(STRANGER),
        "a user": principal(`arn:aws:iam::${ACCOUNT}:user/alice`),
        "a unique id": principal("AROAEXAMPLEEXAMPLEEX1"),
        "a session of another role": principal(`arn:aws:sts::${ACCOUNT}:assumed-role/stranger/session`),
        "a federated user": principal(`arn:aws:sts::${ACCOUNT}:federated-user/bob`),
    }),
    ...keyAllows("T26", {
        DNSSEC: { Principal: { Service: "dnssec-route53.amazonaws.com" } },
        "a service with source account": {
            Principal: { Service: "lambda.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
        },
    }),
    ...withoutDeny("T27", "kms-sign-explicit-deny", {
        "no Deny of grants": (one) => (one.Sid === "DenyGrants" ? undefined : one),
        "a Deny of grants but for services": denies("DenyGrants", { Bool: { "kms:GrantIsForAWSResource": "false" } }),
        "a Deny of grants but for one grantee": denies("DenyGrants", {
            StringNotEquals: { "kms:GranteePrincipal": STRANGER },
        }),
    }),
    ...(
        [
            ["Sign", ["Sign"]],
            ["CreateGrant", ["CreateGrant", "Decrypt"]],
            ["operations not known", UNKNOWN],
        ] as [string, unknown][]
    ).map(([name, operations]): Mutant => ({
        threat: "T27",
        rule: "kms-no-grants",
        name: `a grant of ${name}`,
        change: (program) => [
            added(program, "aws:kms/grant:Grant", "mutant", { keyId: UNKNOWN, granteePrincipal: STRANGER, operations }),
        ],
    })),
    ...(
        [
            [
                "a helper may PutKeyPolicy",
                (all: Json[]) => [
                    ...all.filter(({ Sid }) => Sid !== "DenyPolicyChange"),
                    {
                        Sid: "M",
                        Effect: "Allow",
                        Principal: { AWS: STRANGER },
                        Action: "kms:PutKeyPolicy",
                        Resource: "*",
                    },
                ],
            ],
            [
                "a helper may Put*, and is in the Deny's list",
                (all: Json[]) => [
                    ...all.map((one) =>
                        one.Sid === "DenyPolicyChange"
                            ? { ...one, Condition: { StringNotEquals: { "aws:PrincipalArn": [STRANGER] } } }
                            : one,
                    ),
                    { Sid: "M", Effect: "Allow", Principal: { AWS: STRANGER }, Action: "kms:Put*", Resource: "*" },
                ],
            ],
            [
                "identity policies decide about PutKeyPolicy",
                (all: Json[]) => [
                    ...all.filter(({ Sid }) => Sid !== "DenyPolicyChange"),
                    { Sid: "M", Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:PutKeyPolicy", Resource: "*" },
                ],
            ],
        ] as [string, (all: Json[]) => Json[]][]
    ).map(([name, change]): Mutant => ({
        threat: "T28",
        rule: "kms-key-admin-allowlist",
        name,
        change: (program) => [withKeyPolicy(program, change)],
    })),
    ...keyChanges("T28", "kms-key-admin-allowlist", {
        "the lockout check bypassed": { bypassPolicyLockoutSafetyCheck: true },
    }),
    ...keyChanges("T29", "kms-signing-key-shape", {
        "multi-region": { multiRegion: true },
        "multi-region unknown": { multiRegion: UNKNOWN },
    }),
    {
        threat: "T29",
        rule: "kms-signing-key-shape",
        name: "a replica",
        change: (program) => [added(program, "aws:kms/replicaKey:ReplicaKey", "mutant", { primaryKeyArn: UNKNOWN })],
    },
    ...keyChanges("T30", "kms-signing-key-shape", {
        "a custom key store": { customKeyStoreId: "cks-1234" },
        "an external key": { xksKeyId: "key" },
        "usage unknown": { keyUsage: UNKNOWN },
        "a spec that signs nothing we know": { customerMasterKeySpec: "SM2" },
    }),
    {
        threat: "T30",
        rule: "kms-signing-key-shape",
        name: "imported material",
        change: (program) => [
            added(program, "aws:kms/externalKey:ExternalKey", "mutant", { keyMaterialBase64: "AAAA" }),
        ],
    },
    ...(
        [
            ["the alias of modules on the key of files", "modules-v1", "files-v1"],
            ["the log's alias on the key of files", "log-key", "files-v1"],
            ["an alias on nothing of this stack", "modules-v1", undefined],
        ] as [string, string, string | undefined][]
    ).map(([name, alias, key]): Mutant => ({
        threat: "T31",
        rule: "kms-alias-target",
        name,
        level: "stack",
        change: (program) => [
            {
                ...program.get("Alias", alias),
                propertyDependencies: { targetKeyId: key === undefined ? [] : [program.get("Key", key).urn!] },
            },
        ],
    })),
    {
        threat: "T31",
        rule: "kms-alias-target",
        name: "a second alias",
        level: "stack",
        change: (program) => [
            added(
                program,
                "aws:kms/alias:Alias",
                "mutant",
                { name: "alias/current", targetKeyId: UNKNOWN },
                { propertyDependencies: { targetKeyId: [program.get("Key", "modules-v1").urn!] } },
            ),
        ],
    },
    ...keyAllows(
        "T31",
        { "Sign by alias": principal(SIGNER, { StringEquals: { "kms:RequestAlias": "alias/current" } }) },
        "kms-alias-target",
    ),
    ...besides("T31", "kms-key-admin-allowlist", {
        "DeleteAlias for the deployer": {
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/countersign-deployer` },
            Action: "kms:DeleteAlias",
        },
    }),
    ...keyAllows(
        "T32",
        {
            "Sign by the caller's tag": principal("*", GATES.PrincipalTag),
            "Sign by the key's tag": principal(SIGNER, { StringEquals: { "aws:ResourceTag/state": "open" } }),
        },
        "kms-alias-target",
    ),
    ...besides("T32", "kms-key-admin-allowlist", {
        "TagResource for a stranger": { Principal: { AWS: STRANGER }, Action: "kms:TagResource" },
    }),
    {
        threat: "T33",
        rule: EXCLUSIVE,
        name: "a second policy, by dependency",
        level: "stack",
        change: (program) => [
            added(
                program,
                "aws:kms/keyPolicy:KeyPolicy",
                "mutant",
                { keyId: UNKNOWN, policy: '{"Version":"2012-10-17","Statement":[]}' },
                { propertyDependencies: { keyId: [program.get("Key", "modules-v1").urn!] } },
            ),
        ],
    },
    {
        threat: "T33",
        rule: "stack-type-allowlist",
        name: "a second policy, whatever key it is for",
        change: (program) => [
            added(program, "aws:kms/keyPolicy:KeyPolicy", "mutant", {
                keyId: UNKNOWN,
                policy: '{"Version":"2012-10-17","Statement":[]}',
            }),
        ],
    },
    ...withoutDeny("T34", "kms-sign-explicit-deny", {
        "no Deny of Sign": (one) => (one.Sid === "DenySignOthers" ? undefined : one),
        "a Deny of Sign for another name": denies("DenySignOthers", {
            StringNotEquals: { "aws:PrincipalArn": [SIGNER, STRANGER] },
        }),
        "a Deny of Sign with IfExists": denies("DenySignOthers", {
            StringNotEqualsIfExists: { "aws:PrincipalArn": SIGNER },
            Bool: { "aws:PrincipalIsAWSService": "false" },
        }),
        "a Deny of Sign under a pattern": denies("DenySignOthers", {
            ArnNotLike: { "aws:PrincipalArn": `arn:aws:iam::${ACCOUNT}:role/signing/*` },
        }),
    }),
    ...keyAllows("T35", {
        "another account": principal("arn:aws:iam::444455556666:root"),
        "a role of another account": principal("arn:aws:iam::444455556666:role/release"),
        "an organisation": principal("*", GATES.OrgID),
    }),
    ...keyChanges("T36", "kms-key-protect-and-window", {
        "seven days": { deletionWindowInDays: 7 },
        "days unknown": { deletionWindowInDays: UNKNOWN },
        disabled: { isEnabled: false },
    }),
    {
        threat: "T36",
        rule: "kms-key-protect-and-window",
        name: "not protected",
        change: (program) => [{ ...program.get("Key", "modules-v1"), protect: false }],
    },
    ...besides("T36", "kms-key-admin-allowlist", {
        "ScheduleKeyDeletion for a stranger": { Principal: { AWS: STRANGER }, Action: "kms:ScheduleKeyDeletion" },
        "DisableKey for the deployer": {
            Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/countersign-deployer` },
            Action: "kms:DisableKey",
        },
    }),
];
