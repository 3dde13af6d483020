import { AWS_VERSION } from "../aws-types";
import type { Example, ProviderView } from "../rule";
import type { Settings } from "../settings";

/** What rules' examples are judged with: one key, its signer, one table. */

export const EXAMPLE_PROVIDER: ProviderView = {
    type: "pulumi:providers:aws",
    name: "aws",
    props: {
        region: "eu-west-1",
        allowedAccountIds: '["111122223333"]',
        defaultTags: '{"tags":{"owner":"release"}}',
        version: AWS_VERSION,
    },
};

export const EXAMPLE_SETTINGS: Partial<Settings> = {
    accountId: "111122223333",
    regions: ["eu-west-1"],
    keyAdmins: ["arn:aws:iam::111122223333:role/key-admin"],
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    signers: [
        {
            role: "countersign-dev-modules-v1-signer",
            keys: ["modules"],
            aliases: ["alias/countersign-dev-modules-v1"],
            function: "countersign-dev-modules-v1-sign",
            // printf 'exports.handler = async () => undefined;' | sha256sum
            codeSha256: ["817f978f78ec9f7c39a6f21ffc35fbd33dbe5ebfec1052643b2468ca4fbb0210"],
            environment: {},
            keyEnvironment: ["KEY_ARN"],
            invokers: ["countersign-dev-signing"],
            grants: [
                {
                    actions: ["dynamodb:GetItem"],
                    resources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/countersign-dev-requests"],
                },
            ],
        },
    ],
    checkers: [
        {
            function: "countersign-dev-prepare",
            role: "countersign-dev-prepare",
            codeSha256: ["817f978f78ec9f7c39a6f21ffc35fbd33dbe5ebfec1052643b2468ca4fbb0210"],
            environment: { REQUESTS_TABLE: "countersign-dev-requests" },
            keyEnvironment: ["KEY_ARNS"],
            keys: ["modules"],
        },
    ],
    signerReferrers: [{ type: "aws:sfn/stateMachine:StateMachine", name: "machine" }],
    keyReferrers: [{ type: "aws:lambda/function:Function", name: "prepare" }],
    serviceRoles: ["countersign-dev-prepare", "countersign-dev-signing"],
    controlTables: [{ table: "countersign-dev-requests", writers: ["countersign-dev-prepare"] }],
    oidcProviders: [{ url: "https://token.actions.githubusercontent.com", audiences: ["sts.amazonaws.com"] }],
    subjects: [
        {
            forge: "github",
            owner: "example",
            ownerId: "1001",
            repo: "release",
            repoId: "2002",
            tag: "v1.0.0",
            workflow: "example/release/.github/workflows/submit.yml@refs/tags/v1.0.0",
        },
    ],
    unlockedBuckets: [{ name: "countersign-dev-uploads-111122223333-eu-west-1", reason: "uploads are not final" }],
};

/** Inline policy of a role of the stack, with one Allow. */
export function policyExample(
    statement: Readonly<Record<string, unknown>>,
    { role = "countersign-dev-prepare", name = "prepare" } = {},
): Example {
    return {
        type: "aws:iam/rolePolicy:RolePolicy",
        name,
        provider: EXAMPLE_PROVIDER,
        props: {
            name: role,
            role,
            policy: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", ...statement }] }),
        },
    };
}

/** A role of the stack with one statement of trust. */
export function roleExample(
    statement: Readonly<Record<string, unknown>>,
    props: Readonly<Record<string, unknown>> = {},
): Example {
    return {
        type: "aws:iam/role:Role",
        name: "prepare",
        provider: EXAMPLE_PROVIDER,
        props: {
            name: "countersign-dev-prepare",
            maxSessionDuration: 3600,
            assumeRolePolicy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", ...statement }],
            }),
            ...props,
        },
    };
}

export const LAMBDA_TRUST = { Principal: { Service: "lambda.amazonaws.com" } };

/** The signer's role, as SigningKey makes it. */
export function signerExample(
    statement: Readonly<Record<string, unknown>> = LAMBDA_TRUST,
    props: Readonly<Record<string, unknown>> = {},
): Example {
    const role = roleExample(statement, {
        name: "countersign-dev-modules-v1-signer",
        path: "/signing/",
        ...props,
    });
    return { ...role, name: "modules-signer" };
}
