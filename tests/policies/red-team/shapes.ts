import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Mutant,
    SIGN_FUNCTION,
    SIGN_FUNCTION_ARN,
    SIGNER,
    SIGNER_NAME,
    UNKNOWN,
    withStatement,
} from "../mutations/program";

/** Values of another shape, names of another spelling, and doors that are no signer's. */

const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const TAGS = { owner: "x", "data-class": "x" };
const LOOPHOLE = { NODE_OPTIONS: "--import=data:text/javascript,x" };

function spoils(threat: string, rule: string, type: string, name: string, variants: Record<string, Json>): Mutant[] {
    return Object.entries(variants).map(([title, properties]) => ({
        threat,
        rule,
        name: title,
        change: (program) => [changed(program.get(type, name), properties as Record<string, unknown>)],
    }));
}

function news(threat: string, rule: string, type: string, variants: Record<string, Json>): Mutant[] {
    return Object.entries(variants).map(([title, properties]) => ({
        threat,
        rule,
        name: title,
        change: (program) => [added(program, type, "mutant", properties as Record<string, unknown>)],
    }));
}

export const INSTANCE = {
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    rootBlockDevice: { encrypted: true },
    tags: TAGS,
};

/** The provider wraps one object into a list of one, and takes a list as it is. */
export const shapes: readonly Mutant[] = [
    ...spoils("T69", "signer-runtime-pinned", "Function", "pipeline-sign-modules", {
        "an environment in a list": { environment: [{ variables: LOOPHOLE }] },
        "variables in a list": { environment: { variables: [LOOPHOLE] } },
        "an environment that is a text": { environment: JSON.stringify({ variables: LOOPHOLE }) },
        "a handler in a list": { handler: ["__index.handler"] },
        "layers that are a text": { layers: "arn:aws:lambda:eu-west-1:999999999999:layer:x:1" },
        "an image configuration in a list": { imageConfig: [{ commands: ["sh"] }] },
        "the signer's name with a version": { name: `${SIGN_FUNCTION}:1` },
        "the signer's name in capitals": { name: SIGN_FUNCTION.toUpperCase() },
    }),
    ...spoils("T70", "outside-roles", "Function", "pipeline-prepare", {
        "the signer's role in capitals": { role: SIGNER.toUpperCase() },
        "the signer's role by an ARN of two slashes": { role: SIGNER.replace("role/", "role//") },
        "the signer's role with dots in its path": { role: SIGNER.replace("signing/", "signing/./") },
        "the signer's role in another partition": { role: SIGNER.replace("arn:aws:", "arn:aws-cn:") },
    }),
    ...news("T63", "outside-roles", "aws:ec2/instance:Instance", {
        "a profile in a list": { ...INSTANCE, iamInstanceProfile: ["AdminProfile"] },
        "a profile by its ARN": { ...INSTANCE, iamInstanceProfile: `arn:aws:iam::${ACCOUNT}:instance-profile/Admin` },
    }),
    ...news("T63", "outside-roles", "aws:ec2/launchTemplate:LaunchTemplate", {
        "a template's profile in a list": { ...INSTANCE, iamInstanceProfile: [{ name: "AdminProfile" }] },
    }),
    ...news("T63", "outside-roles", "aws:ec2/instance:Instance", {
        "an instance from somebody's template, in a list": {
            ...INSTANCE,
            launchTemplate: [{ id: "lt-0123456789abcdef0" }],
        },
    }).map((mutant) => ({ ...mutant, level: "stack" as const })),
    ...spoils("T68", "control-tables", "Table", "pipeline-attempts", {
        "an expiry in a list": { ttl: [{ attributeName: "x", enabled: true }] },
        "an expiry by a text": { ttl: { attributeName: "x", enabled: "true" } },
        "a replica that is an object": { replicas: { regionName: "us-east-1" } },
    }),
    ...spoils("T29", "kms-signing-key-shape", "Key", "modules-v1", {
        "multiRegion by a text": { multiRegion: "true" },
        "a lockout by a number": { bypassPolicyLockoutSafetyCheck: 1 },
        "a usage with a space": { keyUsage: "SIGN_VERIFY " },
        "a usage in lower case": { keyUsage: "sign_verify" },
        "a key for agreement": { keyUsage: "KEY_AGREEMENT" },
    }),
    ...news("T10", "iam-managed-policy-denylist", "aws:iam/rolePolicyAttachment:RolePolicyAttachment", {
        "a managed policy with dots in its path": {
            role: "countersign-local-verify",
            policyArn: "arn:aws:iam::aws:policy/../policy/AdministratorAccess",
        },
        "a managed policy with two slashes": {
            role: "countersign-local-verify",
            policyArn: "arn:aws:iam::aws:policy//AdministratorAccess",
        },
        "a managed policy in lower case": {
            role: "countersign-local-verify",
            policyArn: "arn:aws:iam::aws:policy/administratoraccess",
        },
        "a managed policy with a space": {
            role: "countersign-local-verify",
            policyArn: "arn:aws:iam::aws:policy/AdministratorAccess ",
        },
        "a managed policy of an account called aws": {
            role: "countersign-local-verify",
            policyArn: "arn:aws:iam::AWS:policy/AdministratorAccess",
        },
        "a managed policy that attaches managed policies": {
            role: "countersign-local-verify",
            policyArn: "arn:aws:iam::aws:policy/WellArchitectedConsoleFullAccess",
        },
        "a managed policy of a partner": {
            role: "countersign-local-verify",
            policyArn: "arn:aws:iam::partner:policy/permissions-boundary/vercel.com/X",
        },
    }),
    ...spoils("T83", "provider-pinned", "aws", "aws", {
        "credentials from somebody's metadata service": { ec2MetadataServiceEndpoint: "http://10.0.0.1" },
        "a token service of another region": { stsRegion: "us-east-1" },
        "a role that is assumed": { assumeRoles: '[{"roleArn":"arn:aws:iam::111122223333:role/x"}]' },
        "a profile of somebody": { profile: "admin" },
        "accounts that are forbidden in place of allowed": { allowedAccountIds: "[]", forbiddenAccountIds: '["1"]' },
        "an account as a number": { allowedAccountIds: "[111122223333,444455556666]" },
    }),
    {
        threat: "T83",
        rule: "provider-pinned",
        name: "a component that is called like an aws type, so without provider",
        change: (program) => {
            const { provider: _provider, ...key } = program.get("Key", "modules-v1");
            return [key];
        },
    },
    ...spoils("T72", "lambda-hardening", "Permission", "log-minute", {
        "a permission for another account": { principal: "444455556666" },
        "a permission for a role of another account": { principal: "arn:aws:iam::444455556666:role/x" },
        "a permission for an organisation": { principalOrgId: "o-aaaaaaaaaa" },
        "a permission for a source of another account": { sourceAccount: "444455556666" },
        "a permission by a list": { sourceArn: ["arn:aws:events:*"] },
        "a permission for every action": { action: "lambda:*" },
        "a permission to change the code": { action: "lambda:UpdateFunctionCode" },
    }),
    ...(["Sqs", "Sns"] as const).map((service): Mutant => ({
        threat: "T65",
        rule: "queues-topics-encrypted",
        name: `a ${service === "Sqs" ? "queue" : "topic"} that another account writes`,
        change: (program) => [
            changed(
                program.get(
                    service === "Sqs" ? "QueuePolicy" : "TopicPolicy",
                    service === "Sqs" ? "log-uses" : "log-alarms",
                ),
                {
                    policy: JSON.stringify({
                        Version: "2012-10-17",
                        Statement: [
                            {
                                Effect: "Allow",
                                Principal: { AWS: "arn:aws:iam::444455556666:root" },
                                Action: service === "Sqs" ? "sqs:SendMessage" : "sns:Publish",
                                Resource: "*",
                            },
                        ],
                    }),
                },
            ),
        ],
    })),
    {
        threat: "T28",
        rule: "cloudtrail-complete",
        name: "a trail into somebody's bucket",
        level: "stack",
        change: (program) => [
            changed(
                program.resources.find(({ type }) => type === "aws:cloudtrail/trail:Trail")!,
                {
                    s3BucketName: "somebody",
                },
            ),
        ],
    },
    {
        threat: "T60",
        rule: "cloudtrail-complete",
        name: "the rule of key changes, whose events say nothing any more",
        level: "stack",
        change: (program) =>
            program.resources
                .filter(
                    ({ type, name }) =>
                        type === "aws:cloudwatch/eventTarget:EventTarget" && /trail-changes|log-uses/.test(name),
                )
                .map((target) => changed(target, { input: "{}" })),
    },
    ...(
        [
            ["a bare name", SIGN_FUNCTION],
            ["an account and a name", `${ACCOUNT}:function:${SIGN_FUNCTION}`],
            ["a version", `${SIGN_FUNCTION_ARN}:$LATEST`],
            ["an alias", `${SIGN_FUNCTION_ARN}:live`],
            ["white space around it", ` ${SIGN_FUNCTION}\t`],
        ] as [string, string][]
    ).map(([name, functionName]): Mutant => ({
        threat: "T67",
        rule: "signer-referrers-allowlist",
        name: `a mapping to the signer by ${name}`,
        change: (program) => [
            added(program, "aws:lambda/eventSourceMapping:EventSourceMapping", "mutant", {
                functionName,
                eventSourceArn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:q`,
                tags: TAGS,
            }),
        ],
    })),
    ...news("T67", "signer-referrers-allowlist", "aws:cloudwatch/metricAlarm:MetricAlarm", {
        "an alarm that calls the signer": { alarmActions: [SIGN_FUNCTION_ARN], tags: TAGS },
    }),
    ...news("T67", "signer-referrers-allowlist", "aws:secretsmanager/secretRotation:SecretRotation", {
        "a rotation that calls the signer": { rotationLambdaArn: SIGN_FUNCTION_ARN, secretId: "x" },
    }),
    ...news("T67", "signer-referrers-allowlist", "aws:cloudfront/distribution:Distribution", {
        "a distribution that runs the signer at its edge": {
            defaultCacheBehavior: {
                lambdaFunctionAssociations: [{ eventType: "origin-request", lambdaArn: `${SIGN_FUNCTION_ARN}:1` }],
            },
            tags: TAGS,
        },
    }),
    ...news("T70", "signer-referrers-allowlist", "aws:ssm/parameter:Parameter", {
        "the signer's role in a text of texts": {
            type: "String",
            value: JSON.stringify(JSON.stringify({ a: SIGNER_NAME })),
            tags: TAGS,
        },
        "the signer's role, escaped and thirty objects deep": {
            type: "String",
            value: `${'{"a":'.repeat(30)}"${SIGNER_NAME.replace("signer", "\\u0073igner")}"${"}".repeat(30)}`,
            tags: TAGS,
        },
        "the signer's role, escaped twice in JSON": {
            type: "String",
            value: JSON.stringify(`{"a":"${SIGNER_NAME.replace("signer", "\\u0073igner")}"}`),
            tags: TAGS,
        },
    }),
    ...(
        [
            [
                "a writer's role, passed exactly to Lambda",
                {
                    Action: "iam:PassRole",
                    Resource: roleArn("countersign-local-prepare"),
                    Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
                },
                { Action: "lambda:CreateFunction", Resource: "*" },
            ],
            [
                "a writer's role, passed exactly to EC2",
                {
                    Action: "iam:PassRole",
                    Resource: roleArn("countersign-local-recheck"),
                    Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
                },
                { Action: "ec2:RunInstances", Resource: "*" },
            ],
        ] as [string, Json, Json][]
    ).map(([name, first, second]): Mutant => ({
        threat: "T63",
        rule: "iam-signer-takeover",
        name,
        change: (program) => {
            const policy = withStatement(program, first, "pipeline-verify");
            const document = JSON.parse(policy.properties.policy as string) as Json;
            const Statement = [...document.Statement, { Effect: "Allow", ...second }];
            return [changed(policy, { policy: JSON.stringify({ ...document, Statement }) })];
        },
    })),
    {
        threat: "T63",
        rule: "iam-signer-takeover",
        name: "a writer's role, passed by one policy, to what another policy makes",
        level: "stack",
        change: (program) => [
            withStatement(
                program,
                {
                    Action: "iam:PassRole",
                    Resource: roleArn("countersign-local-recheck"),
                    Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
                },
                "pipeline-verify",
            ),
            added(program, "aws:iam/rolePolicy:RolePolicy", "second", {
                role: "countersign-local-verify",
                policy: JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Action: "lambda:CreateFunction", Resource: "*" }],
                }),
            }),
        ],
    },
    ...news("T91", "iam-signer-least-privilege", "aws:iam/rolePolicy:RolePolicy", {
        "a policy of the signer by its ARN": { role: SIGNER, policy: grantAll() },
        "a policy of the signer by a path": { role: `signing/${SIGNER_NAME}`, policy: grantAll() },
        "a policy of the signer in capitals": { role: SIGNER_NAME.toUpperCase(), policy: grantAll() },
        "a policy of a role that nobody knows": { role: UNKNOWN, policy: grantAll() },
    }),
];

function grantAll(): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::x/*" }],
    });
}
