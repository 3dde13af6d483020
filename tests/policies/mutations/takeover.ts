import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Mutant,
    SIGN_FUNCTION_ARN,
    SIGNER,
    UNKNOWN,
    withStatement,
} from "./program";

/** D: taking over the signer, its compute, its supplies, its key, its function, its tables. */

function takes(threat: string, variants: Record<string, Json>, rule = "iam-signer-takeover"): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        change: (program) => [withStatement(program, statement)],
    }));
}

const on = (Action: Json, Resource: Json = "*", Condition?: Json): Json => ({
    Action,
    Resource,
    ...(Condition && { Condition }),
});
const pass = (start: string): Json => on(["iam:PassRole", start]);
const REQUESTS = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-requests`;

export const takeoverMutants: readonly Mutant[] = [
    ...takes("T60", {
        "another trust for the signer": on("iam:UpdateAssumeRolePolicy", SIGNER),
        "a policy for whatever is under /signing/": on("iam:PutRolePolicy", `arn:aws:iam::${ACCOUNT}:role/signing/*`),
        "managed policies for every role": on("iam:AttachRolePolicy"),
        "iam:*Role*": on("iam:*Role*", `arn:aws:iam::${ACCOUNT}:role/*`),
        "deleting and making roles": on(["iam:DeleteRole", "iam:CreateRole"]),
    }),
    ...takes("T60", { "tags of the signer": on("iam:TagRole", SIGNER) }),
    ...takes("T62", {
        "the signer itself": on("sts:AssumeRole", SIGNER),
        "the root user": on("sts:AssumeRoot"),
        "any role": on("sts:Assume*"),
    }).map((mutant) =>
        // The signer trusts Lambda alone, so AssumeRole leads nowhere until it trusts the account.
        mutant.name === "the root user" || mutant.name === "any role"
            ? mutant
            : {
                  ...mutant,
                  name: "the signer, which trusts the account",
                  rule: "iam-signer-trust-exact",
                  change: trustsAccount,
              },
    ),
    ...takes("T63", {
        "PassRole and CreateFunction": pass("lambda:CreateFunction"),
        "PassRole and UpdateFunctionConfiguration": pass("lambda:UpdateFunctionConfiguration"),
        "PassRole to Lambda by name": on(["iam:PassRole", "lambda:CreateFunction"], "*"),
    }),
    ...takes(
        "T63",
        {
            "PassRole on *": on("iam:PassRole"),
            "PassRole without a service": on("iam:PassRole", `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`),
            "PassRole by pattern": on("iam:Pass*", `arn:aws:iam::${ACCOUNT}:role/*`, {
                StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" },
            }),
        },
        "iam-passrole-scoped",
    ),
    ...takes("T64", {
        "the signer's code": on("lambda:UpdateFunctionCode", SIGN_FUNCTION_ARN),
        "every function's configuration": on("lambda:Update*"),
        "the code of whatever this stack calls": on(
            "lambda:UpdateFunctionCode",
            `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:countersign-local-*`,
        ),
    }),
    ...(
        [
            ["a shell in a service", "aws:ecs/service:Service", { enableExecuteCommand: true }, "ecs-hardening"],
            [
                "a key pair on a machine",
                "aws:ec2/instance:Instance",
                { keyName: "ops", metadataOptions: { httpTokens: "required" }, rootBlockDevice: { encrypted: true } },
                "ec2-imdsv2",
            ],
        ] as [string, string, Record<string, unknown>, string][]
    ).map(([name, type, properties, rule]): Mutant => ({
        threat: "T64",
        rule,
        name,
        change: (program) => [added(program, type, "mutant", properties)],
    })),
    ...(
        [
            [
                "a mutable tag",
                "aws:ecr/repository:Repository",
                { imageTagMutability: "MUTABLE", imageScanningConfiguration: { scanOnPush: true } },
                "ecr-immutable",
            ],
            [
                "an image by tag",
                "aws:ecs/taskDefinition:TaskDefinition",
                { containerDefinitions: '[{"image":"tools:latest","readonlyRootFilesystem":true}]' },
                "ecs-hardening",
            ],
            [
                "a public repository",
                "aws:ecr/repositoryPolicy:RepositoryPolicy",
                {
                    policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"ecr:PutImage"}]}',
                },
                "ecr-immutable",
            ],
            [
                "a secret in the program",
                "aws:secretsmanager/secretVersion:SecretVersion",
                { secretString: "x" },
                "secrets-hardening",
            ],
        ] as [string, string, Record<string, unknown>, string][]
    ).map(([name, type, properties, rule]): Mutant => ({
        threat: "T65",
        rule,
        name,
        change: (program) => [added(program, type, "mutant", properties)],
    })),
    ...(
        [
            [
                "an unversioned results bucket",
                "BucketVersioning",
                "pipeline-results",
                { versioningConfiguration: { status: "Suspended" } },
            ],
            ["a log bucket without lock", "Bucket", "log-bucket", { objectLockEnabled: false }],
            ["public ACLs", "BucketPublicAccessBlock", "log-bucket", { blockPublicAcls: false }],
            [
                "objects of others",
                "BucketOwnershipControls",
                "pipeline-results",
                { rule: { objectOwnership: "ObjectWriter" } },
            ],
            ["a bucket that goes with its stack", "Bucket", "trail-bucket", { forceDestroy: true }],
        ] as [string, string, string, Record<string, unknown>][]
    ).map(([name, type, resource, properties]): Mutant => ({
        threat: "T65",
        rule: "s3-artifact-bucket",
        name,
        change: (program) => [changed(program.get(type, resource), properties)],
    })),
    {
        threat: "T65",
        rule: "s3-artifact-bucket",
        name: "everyone writes uploads",
        change: (program) => [
            changed(program.get("BucketPolicy", "pipeline-uploads"), {
                policy: '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::b/*"}]}',
            }),
        ],
    },
    ...takes("T66", {
        UpdateAlias: on("kms:UpdateAlias"),
        ReplicateKey: on("kms:ReplicateKey", `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*`),
        ImportKeyMaterial: on("kms:Import*"),
        EnableKey: on("kms:EnableKey"),
    }),
    ...takes(
        "T66",
        { PutKeyPolicy: on("kms:PutKeyPolicy"), CreateGrant: on("kms:CreateG*") },
        "iam-sign-identity-docs",
    ),
    ...takes("T67", {
        "an invoke of the signer": on("lambda:InvokeFunction", SIGN_FUNCTION_ARN),
        "an invoke of everything": on("lambda:Invoke*"),
        "a permission on it": on("lambda:AddPermission", `${SIGN_FUNCTION_ARN}*`),
        "a URL for it": on("lambda:CreateFunctionUrlConfig"),
        "a mapping to it": on("lambda:CreateEventSourceMapping"),
    }),
    ...takes(
        "T68",
        {
            "PutItem into requests by another role": on(
                "dynamodb:PutItem",
                `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-rechecks`,
            ),
            "everything of DynamoDB on requests": on("dynamodb:*", `${REQUESTS.slice(0, -8)}*`),
            PartiQL: on("dynamodb:PartiQL*"),
            "an import into any table": on("dynamodb:ImportTable"),
        },
        "control-tables",
    ),
    ...(
        [
            [
                "an item",
                "aws:dynamodb/tableItem:TableItem",
                { tableName: "countersign-local-requests", hashKey: "id", item: "{}" },
            ],
            [
                "an item into a table not known",
                "aws:dynamodb/tableItem:TableItem",
                { tableName: UNKNOWN, hashKey: "id", item: "{}" },
            ],
            [
                "a resource policy",
                "aws:dynamodb/resourcePolicy:ResourcePolicy",
                { resourceArn: REQUESTS, policy: "{}" },
            ],
        ] as [string, string, Record<string, unknown>][]
    ).map(([name, type, properties]): Mutant => ({
        threat: "T68",
        rule: "control-tables",
        name,
        change: (program) => [added(program, type, "mutant", properties)],
    })),
    {
        threat: "T68",
        rule: "control-tables",
        name: "a table that starts with somebody's backup",
        change: (program) => [changed(program.get("Table", "pipeline-requests"), { restoreSourceName: "old" })],
    },
    ...takes("T61", {
        "another audience for the issuer": on("iam:AddClientIDToOpenIDConnectProvider"),
        "another issuer": on("iam:CreateOpenIDConnectProvider"),
    }).map((mutant) => ({
        ...mutant,
        level: "stack" as const,
        settings: { directMode: true },
        change: directMode(mutant),
    })),
    ...(
        [
            ["NODE_OPTIONS", { environment: { variables: { NODE_OPTIONS: "--import=data:text/javascript,1" } } }],
            ["AWS_LAMBDA_EXEC_WRAPPER", { environment: { variables: { AWS_LAMBDA_EXEC_WRAPPER: "/tmp/x" } } }],
            ["AWS_ENDPOINT_URL_KMS", { environment: { variables: { AWS_ENDPOINT_URL_KMS: "https://x" } } }],
            ["an environment not known", { environment: UNKNOWN }],
            ["a layer", { layers: ["arn:aws:lambda:eu-west-1:999999999999:layer:x:1"] }],
            ["an image", { packageType: "Image", imageUri: "x" }],
            ["a file system", { fileSystemConfig: { arn: "x", localMountPath: "/mnt/x" } }],
            ["another handler", { handler: "other.handler" }],
            ["a bucket's code", { code: undefined, s3Bucket: "code", s3Key: "x.zip" }],
            ["a published version", { publish: true }],
            ["another runtime", { runtime: "provided.al2023" }],
        ] as [string, Record<string, unknown>][]
    ).map(([name, properties]): Mutant => ({
        threat: "T69",
        rule: "signer-runtime-pinned",
        name: `the signer with ${name}`,
        change: (program) => [changed(program.get("Function", "pipeline-sign-modules"), properties)],
    })),
    {
        threat: "T69",
        rule: "signer-runtime-pinned",
        name: "the signer's code, one byte more",
        change: (program) => [withCode(program.get("Function", "pipeline-sign-modules"), (text) => `${text} `)],
    },
    {
        threat: "T69",
        rule: "signer-runtime-pinned",
        name: "a second file beside the signer's code",
        change: (program) => {
            const signer = program.get("Function", "pipeline-sign-modules");
            const code = signer.properties.code as { assets: Record<string, unknown> };
            return [
                changed(signer, { code: { ...code, assets: { ...code.assets, "x.js": code.assets["__index.js"] } } }),
            ];
        },
    },
    {
        threat: "T69",
        rule: "signer-runtime-pinned",
        name: "another function with the signer's role",
        change: (program) => [changed(program.get("Function", "pipeline-prepare"), { role: SIGNER })],
    },
];

function trustsAccount(program: Parameters<Mutant["change"]>[0]) {
    const document = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" }],
    };
    return [changed(program.get("Role", "modules-v1-signer"), { assumeRolePolicy: JSON.stringify(document) })];
}

/** The code's one text, changed. */
export function withCode(signer: ReturnType<typeof changed>, change: (text: string) => string) {
    const code = signer.properties.code as { assets: Record<string, { text: string }> };
    const file = code.assets["__index.js"]!;
    return changed(signer, { code: { ...code, assets: { "__index.js": { ...file, text: change(file.text) } } } });
}

/** Only a signer that a token's holder becomes is reached through its issuer. */
function directMode(mutant: Mutant): Mutant["change"] {
    return (program) => {
        const statement = {
            Effect: "Allow",
            Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` },
            Action: "sts:AssumeRoleWithWebIdentity",
        };
        const assumeRolePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
        return [...mutant.change(program), changed(program.get("Role", "modules-v1-signer"), { assumeRolePolicy })];
    };
}
