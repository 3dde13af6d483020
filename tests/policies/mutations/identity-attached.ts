import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Mutant,
    type Program,
    SIGNER,
    SIGNER_NAME,
    UNKNOWN,
    withStatement,
} from "./program";

/** A: what is attached by ARN, and whom users and groups let in. */

const RULE = "iam-managed-policy-denylist";
const ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment";
export const ROLE = "countersign-local-prepare";
export const OUTSIDE = `arn:aws:iam::${ACCOUNT}:policy/platform/helper`;

export function policyOf(...statements: Json[]): Json {
    return {
        Version: "2012-10-17",
        Statement: statements.map((one) => ({ Effect: "Allow", ...(one as object) }) as Json),
    };
}

export const attach = (policyArn: string) => (program: Program) => [
    added(program, ATTACHMENT, "mutant", { role: ROLE, policyArn }),
];

const POWER = "arn:aws:iam::aws:policy/PowerUserAccess";

/** Every way to attach one policy. */
const ways = (arn: string): [string, string, Record<string, unknown>][] => [
    ["by PolicyAttachment", "aws:iam/policyAttachment:PolicyAttachment", { roles: [ROLE], policyArn: arn }],
    ["to a user", "aws:iam/userPolicyAttachment:UserPolicyAttachment", { user: "u", policyArn: arn }],
    ["to a group", "aws:iam/groupPolicyAttachment:GroupPolicyAttachment", { group: "g", policyArn: arn }],
    [
        "exclusively",
        "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
        { roleName: ROLE, policyArns: ["arn:aws:iam::aws:policy/AWSXrayReadOnlyAccess", arn] },
    ],
    [
        "to a user exclusively",
        "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
        { userName: "u", policyArns: [arn] },
    ],
    [
        "to a group exclusively",
        "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
        { groupName: "g", policyArns: [arn] },
    ],
    [
        "to a permission set",
        "aws:ssoadmin/managedPolicyAttachment:ManagedPolicyAttachment",
        { instanceArn: "i", permissionSetArn: "p", managedPolicyArn: arn },
    ],
    [
        "to a permission set exclusively",
        "aws:ssoadmin/managedPolicyAttachmentsExclusive:ManagedPolicyAttachmentsExclusive",
        { instanceArn: "i", permissionSetArn: "p", managedPolicyArns: [arn] },
    ],
];

const attached: readonly Mutant[] = [
    ...[
        "AWSLambda_FullAccess",
        "PowerUserAccess",
        "AdministratorAccess",
        "IAMFullAccess",
        // Under conditions, halves of a move, other principals, a path.
        "AWSBackupFullAccess",
        "AWSMcpServiceActionsFullAccess",
        "AWSPartnerCentralChannelManagement",
        "AWSCodeDeployRoleForECSLimited",
        "AWSSSODirectoryAdministrator",
        "job-function/SystemAdministrator",
    ].map((policy): Mutant => ({
        threat: "T10",
        rule: RULE,
        name: policy,
        change: attach(`arn:aws:iam::aws:policy/${policy}`),
    })),
    ...ways(POWER).map(([name, type, properties]): Mutant => ({
        threat: "T10",
        rule: RULE,
        name: `PowerUserAccess ${name}`,
        change: (program) => [added(program, type, "mutant", properties)],
    })),
    {
        threat: "T10",
        rule: RULE,
        name: "PowerUserAccess of another partition",
        change: attach(POWER.replace("arn:aws:", "arn:aws-us-gov:")),
    },
    {
        threat: "T10",
        rule: RULE,
        name: "one that AWS made yesterday",
        change: (program) => [
            changed(program.get("Role", "pipeline-prepare"), {
                managedPolicyArns: ["arn:aws:iam::aws:policy/NewServiceRole2027"],
            }),
        ],
    },
    ...(
        [
            ["a customer policy of somebody", `arn:aws:iam::${ACCOUNT}:policy/helper`],
            ["a customer policy of another account", "arn:aws:iam::444455556666:policy/helper"],
            ["what is no ARN of a policy", "helper"],
            ["a pattern of AWS's policies", "arn:aws:iam::aws:policy/*"],
        ] as [string, string][]
    ).map(([name, arn]): Mutant => ({ threat: "T11", rule: RULE, name, change: attach(arn) })),
    ...(
        [
            [
                "one",
                "customerManagedPolicyAttachment:CustomerManagedPolicyAttachment",
                "customerManagedPolicyReference",
            ],
            [
                "a list",
                "customerManagedPolicyAttachmentsExclusive:CustomerManagedPolicyAttachmentsExclusive",
                "customerManagedPolicyReferences",
            ],
        ] as [string, string, string][]
    ).map(([name, type, property]): Mutant => ({
        threat: "T11",
        rule: RULE,
        name: `a permission set with customer policies by name, ${name}`,
        change: (program) => [added(program, `aws:ssoadmin/${type}`, "mutant", { [property]: [{ name: "helper" }] })],
    })),
    {
        threat: "T11",
        rule: RULE,
        name: "an ARN that is unknown and comes from nowhere",
        level: "stack",
        change: attach(UNKNOWN),
    },
];

/** Policies of others whose documents the settings hold. */
const outside: readonly Mutant[] = (
    [
        ["may sign", policyOf({ Action: "kms:S*", Resource: "*" })],
        ["may sign, as text", JSON.stringify(policyOf({ Action: "kms:\u0053ign", Resource: "*" }))],
        ["makes grants", policyOf({ Action: "kms:CreateGrant", Resource: `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*` })],
        ["puts key policies", policyOf({ NotAction: ["kms:Sign", "kms:CreateGrant"], Resource: "*" })],
        ["hands the signer to Lambda", policyOf({ Action: "iam:PassRole", Resource: SIGNER })],
        ["changes functions", policyOf({ Action: "lambda:Update*", Resource: "*" })],
        [
            "rewrites roles",
            policyOf({ Action: "iam:UpdateAssumeRolePolicy", Resource: SIGNER.replace("modules", "*") }),
        ],
        ["writes control tables", policyOf({ Action: "dynamodb:PutItem", Resource: "*" })],
        [
            "assumes an administrator",
            policyOf({ Action: "sts:AssumeRole", Resource: `arn:aws:iam::${ACCOUNT}:role/Admin` }),
        ],
        ["is no JSON", "helper"],
        [
            "has a Deny twice",
            '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"s3:Get*","Resource":"*"}}',
        ],
        ["is empty", {}],
    ] as [string, Json][]
).map(([name, document]): Mutant => ({
    threat: "T11",
    rule: RULE,
    name: `an outside policy whose document ${name}`,
    settings: { outsidePolicies: [{ arn: OUTSIDE, document }] },
    change: attach(OUTSIDE),
}));

export function ownPolicy(program: Program, name: string, statement: Json, more: Record<string, unknown> = {}) {
    return added(program, "aws:iam/policy:Policy", name, {
        name,
        policy: JSON.stringify(policyOf(statement)),
        ...more,
    });
}

export const own = (name: string, path = "/"): string => `arn:aws:iam::${ACCOUNT}:policy${path}${name}`;
const READS = { Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };

/** Policies that the settings say are this stack's, and boundaries. */
const named: readonly Mutant[] = [
    ...(
        [
            ["that nobody declares", () => [], own("reader")],
            ["that is declared under another path", (p) => [ownPolicy(p, "reader", READS)], own("reader", "/other/")],
            ["whose document is not known", (p) => [ownPolicy(p, "reader", READS, { policy: UNKNOWN })], own("reader")],
        ] as [string, (program: Program) => ReturnType<Mutant["change"]>, string][]
    ).map(([name, declare, arn]): Mutant => ({
        threat: "T11",
        rule: RULE,
        name: `a policy of the stack ${name}`,
        level: "stack",
        settings: { stackPolicies: ["reader"] },
        change: (program) => [...declare(program), ...attach(arn)(program)],
    })),
    ...(
        [
            ["of another account", own("reader").replace(ACCOUNT, "444455556666")],
            ["in another case", own("Reader")],
            ["of AWS", "arn:aws:iam::aws:policy/reader"],
        ] as [string, string][]
    ).map(([name, arn]): Mutant => ({
        threat: "T11",
        rule: RULE,
        name: `a policy called like the stack's, ${name}`,
        settings: { stackPolicies: ["reader"] },
        change: attach(arn),
    })),
    {
        threat: "T11",
        rule: "iam-sign-identity-docs",
        name: "a policy of the stack that may sign",
        settings: { stackPolicies: ["signs"] },
        change: (program) => [
            ownPolicy(program, "signs", { Action: "kms:Sign", Resource: "*" }),
            ...attach(own("signs"))(program),
        ],
    },
    ...(
        [
            ["by ARN", own("ceiling")],
            ["under a path", own("ceiling", "/boundaries/")],
            ["in another case", own("Ceiling")],
        ] as [string, string][]
    ).map(([name, arn]): Mutant => ({
        threat: "T14",
        rule: RULE,
        name: `a boundary that is attached ${name}`,
        settings: { boundaryPolicies: ["ceiling"], stackPolicies: ["ceiling", "Ceiling"] },
        change: attach(arn),
    })),
    ...ways(own("ceiling")).map(([name, type, properties]): Mutant => ({
        threat: "T14",
        rule: RULE,
        name: `a boundary that is attached ${name}`,
        settings: { boundaryPolicies: ["ceiling"], stackPolicies: ["ceiling"] },
        change: (program) => [added(program, type, "mutant", properties)],
    })),
    ...(
        [
            ["as one", ATTACHMENT, { role: ROLE, policyArn: UNKNOWN }, "policyArn"],
            ["in a role", "aws:iam/role:Role", { managedPolicyArns: [UNKNOWN] }, "managedPolicyArns"],
        ] as [string, string, Record<string, unknown>, string][]
    ).map(([name, type, properties, property]): Mutant => ({
        threat: "T14",
        rule: RULE,
        name: `a boundary that is attached by dependency, ${name}`,
        level: "stack",
        settings: { boundaryPolicies: ["ceiling"] },
        change: (program) => {
            const policy = ownPolicy(program, "ceiling", { Action: "kms:*", Resource: "*" });
            return [
                policy,
                added(program, type, "mutant", properties, { propertyDependencies: { [property]: [policy.urn!] } }),
            ];
        },
    })),
    {
        threat: "T14",
        rule: "iam-sign-identity-docs",
        name: "a policy that is called a boundary in another case",
        settings: { boundaryPolicies: ["ceiling"] },
        change: (program) => [ownPolicy(program, "Ceiling", { Action: "kms:Sign", Resource: "*" })],
    },
    {
        threat: "T14",
        rule: "iam-sign-identity-docs",
        name: "a role's inline policy that is called like a boundary",
        settings: { boundaryPolicies: ["ceiling"] },
        change: (program) => [
            added(program, "aws:iam/rolePolicy:RolePolicy", "mutant", {
                name: "ceiling",
                role: ROLE,
                policy: JSON.stringify(policyOf({ Action: "kms:Sign", Resource: "*" })),
            }),
        ],
    },
];

/** A role that makes functions, and gets the other half of the move by a managed policy, whichever way that is attached. */
const EXCLUSIVE = "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive";
const PASSES = { Action: "iam:PassRole", Resource: SIGNER };
const halves: readonly Mutant[] = (
    [
        ["by ARN", ATTACHMENT, { role: ROLE, policyArn: own("passes") }, undefined],
        [
            "by ARN, to the role's name in another case",
            ATTACHMENT,
            { role: ROLE.toUpperCase(), policyArn: own("passes") },
            undefined,
        ],
        ["by ARN, exclusively", EXCLUSIVE, { roleName: ROLE, policyArns: [own("reader"), own("passes")] }, undefined],
        ["by dependency", ATTACHMENT, { role: ROLE, policyArn: UNKNOWN }, "policyArn"],
        ["by dependency, exclusively", EXCLUSIVE, { roleName: ROLE, policyArns: UNKNOWN }, "policyArns"],
        ["by dependency, among others", EXCLUSIVE, { roleName: ROLE, policyArns: [UNKNOWN, UNKNOWN] }, "policyArns"],
        ["of others", ATTACHMENT, { role: ROLE, policyArn: OUTSIDE }, undefined],
    ] as [string, string, Record<string, unknown>, string | undefined][]
).map(([name, type, properties, property]): Mutant => ({
    threat: "T63",
    rule: "iam-signer-takeover",
    name: `a role that makes functions, and may pass the signer by a managed policy ${name}`,
    level: "stack",
    settings: {
        stackPolicies: ["passes", "reader"],
        outsidePolicies: [{ arn: OUTSIDE, document: policyOf(PASSES) as never }],
    },
    change: (program) => {
        const policies = [ownPolicy(program, "reader", READS), ownPolicy(program, "passes", PASSES)];
        const from = property === undefined ? {} : { [property]: policies.map(({ urn }) => urn!) };
        return [
            ...policies,
            added(program, type, "mutant", properties, { propertyDependencies: from }),
            withStatement(program, { Action: "lambda:CreateFunction", Resource: "*" }),
        ];
    },
}));

/** What takes the signer's own policy away, and with it the Deny outside its function. */
const taken: readonly Mutant[] = (
    [
        ["its name", SIGNER_NAME],
        ["its name in another case", SIGNER_NAME.toUpperCase()],
    ] as [string, string][]
).map(([name, roleName]): Mutant => ({
    threat: "T12",
    rule: "signer-referrers-allowlist",
    name: `no policy for the signer, exclusively, by ${name}`,
    change: (program) => [
        added(program, "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive", "mutant", { roleName, policyNames: [] }),
    ],
}));

const people: readonly Mutant[] = (
    [
        ["a group", "group:Group", { name: "signers" }],
        ["a membership", "groupMembership:GroupMembership", { group: "signers", users: ["u"] }],
        ["a user's memberships", "userGroupMembership:UserGroupMembership", { user: "u", groups: ["signers"] }],
        ["a user", "user:User", { name: "u" }],
        ["an access key", "accessKey:AccessKey", { user: "u" }],
        ["a password", "userLoginProfile:UserLoginProfile", { user: "u" }],
        ["a service's credential", "serviceSpecificCredential:ServiceSpecificCredential", { userName: "u" }],
        ["a public key", "sshKey:SshKey", { username: "u" }],
        ["a certificate", "signingCertificate:SigningCertificate", { userName: "u" }],
        ["a group policy", "groupPolicy:GroupPolicy", { group: "g", policy: JSON.stringify(policyOf(READS)) }],
        ["a user policy", "userPolicy:UserPolicy", { user: SIGNER_NAME, policy: JSON.stringify(policyOf(READS)) }],
    ] as [string, string, Record<string, unknown>][]
).map(([name, type, properties]): Mutant => ({
    threat: "T13",
    rule: "iam-no-users-or-keys",
    name,
    change: (program) => [added(program, `aws:iam/${type}`, "mutant", properties)],
}));

export const attachedMutants: readonly Mutant[] = [...attached, ...outside, ...named, ...halves, ...taken, ...people];
