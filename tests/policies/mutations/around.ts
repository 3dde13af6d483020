import { each, from, newOne } from "./build";
import { ACCOUNT, added, changed, type Mutant, UNKNOWN } from "./program";

/** F: documents and names that the checker cannot read, or reads twice. */

export const aroundMutants: readonly Mutant[] = [
    ...(
        [
            ["RolePolicy", "pipeline-prepare", "policy"],
            ["Role", "pipeline-prepare", "assumeRolePolicy"],
            ["Key", "modules-v1", "policy"],
            ["BucketPolicy", "log-bucket", "policy"],
            ["QueuePolicy", "log-uses", "policy"],
        ] as [string, string, string][]
    ).map(([type, name, property]): Mutant => ({
        threat: "T80",
        rule: "iam-policy-doc-known",
        name: `an unknown document of ${type} ${name}`,
        change: (program) => [changed(program.get(type, name), { [property]: UNKNOWN })],
    })),
    {
        threat: "T81",
        rule: "iam-managed-policy-denylist",
        name: "an attachment of a policy that was only read",
        level: "stack",
        change: (program) => [
            // What `.get()` reads is in no list of resources, so the SDK drops the dependency.
            added(
                program,
                "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                "mutant",
                { role: "countersign-local-prepare", policyArn: UNKNOWN },
                {
                    propertyDependencies: { policyArn: ["urn:pulumi:local::countersign::aws:iam/policy:Policy::read"] },
                },
            ),
        ],
    },
    {
        threat: "T81",
        rule: "kms-alias-target",
        name: "an alias of a key that was only read",
        level: "stack",
        change: (program) => [
            added(
                program,
                "aws:kms/alias:Alias",
                "mutant",
                { name: "alias/x", targetKeyId: UNKNOWN },
                {
                    propertyDependencies: { targetKeyId: ["urn:pulumi:local::countersign::aws:kms/key:Key::read"] },
                },
            ),
        ],
    },
    ...(
        [
            [
                "32 kB of wildcards",
                JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*a".repeat(16_000) }],
                }),
            ],
            [
                "an action of a million characters",
                JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Action: `s3:${"*".repeat(1_000_000)}`, Resource: "*" }],
                }),
            ],
            ["nesting", `{"Version":"2012-10-17","Statement":${"[".repeat(5_000)}${"]".repeat(5_000)}}`],
        ] as [string, string][]
    ).map(([name, policy]): Mutant => ({
        threat: "T89",
        rule: "iam-policy-doc-strict-json",
        name,
        change: (program) => [changed(program.get("RolePolicy", "pipeline-prepare"), { policy })],
    })),
    ...["__proto__", "constructor", "prototype"].map((key): Mutant => ({
        threat: "T90",
        rule: "iam-policy-doc-strict-json",
        name: `an element ${key}`,
        change: (program) => [
            changed(program.get("RolePolicy", "pipeline-prepare"), {
                policy: `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"s3:GetObject","Resource":"*","${key}":{"Effect":"Allow"}}]}`,
            }),
        ],
    })),
    ...(
        [
            ["a name not known", { name: UNKNOWN }, "iam-signer-trust-exact"],
            ["another path", { path: "/" }, "iam-signer-trust-exact"],
            ["a path not known", { path: UNKNOWN }, "iam-signer-trust-exact"],
            ["a path that looks alike", { path: "/signing/x/" }, "iam-signer-trust-exact"],
        ] as [string, Record<string, unknown>, string][]
    ).map(([name, properties, rule]): Mutant => ({
        threat: "T91",
        rule,
        name: `the signer's role with ${name}`,
        change: (program) => [changed(program.get("Role", "modules-v1-signer"), properties)],
    })),
    {
        threat: "T91",
        rule: "iam-signer-trust-exact",
        name: "another role under /signing/",
        change: (program) => [changed(program.get("Role", "pipeline-prepare"), { path: "/signing/" })],
    },
    ...each(
        "T27",
        "kms-no-grants",
        {
            "a grant on the key, whose id is not known yet": from(
                "aws:kms/grant:Grant",
                "keyId",
                ["Key", "modules-v1"],
                { granteePrincipal: `arn:aws:iam::${ACCOUNT}:role/reader`, operations: ["DescribeKey"] },
            ),
            "a grant on a key of nobody": newOne("aws:kms/grant:Grant", {
                keyId: UNKNOWN,
                granteePrincipal: `arn:aws:iam::${ACCOUNT}:role/reader`,
                operations: ["DescribeKey"],
            }),
        },
        { level: "stack" },
    ),
    ...each(
        "T91",
        "iam-signer-trust-exact",
        {
            "a second resource for the signer role": (program) => [
                added(program, "aws:iam/role:Role", "twin", {
                    ...program.get("Role", "modules-v1-signer").properties,
                }),
            ],
            "the same in another case": (program) => [
                added(program, "aws:iam/role:Role", "twin", {
                    ...program.get("Role", "modules-v1-signer").properties,
                    name: String(program.get("Role", "modules-v1-signer").properties.name).toUpperCase(),
                }),
            ],
        },
        { level: "stack" },
    ),
];
