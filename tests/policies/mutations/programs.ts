import { machine, news } from "./build";
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
} from "./program";

const REFERRERS = "signer-referrers-allowlist";
const ADMIN = `arn:aws:iam::${ACCOUNT}:role/OrganizationAccountAccessRole`;

const url = { functionName: SIGN_FUNCTION, authorizationType: "AWS_IAM" };

/** The twelve programs that passed every earlier rule on paper. All are seen at resource level, before anything exists. */
export const programMutants: readonly Mutant[] = [
    ...news("T67", REFERRERS, [
        ["1 a function URL in front of the signer", "aws:lambda/functionUrl:FunctionUrl", url],
        [
            "1 a queue in front of the signer",
            "aws:lambda/eventSourceMapping:EventSourceMapping",
            { functionName: SIGN_FUNCTION_ARN, eventSourceArn: `arn:aws:sqs:eu-west-1:${ACCOUNT}:q` },
        ],
        [
            "1 a Permission on the signer",
            "aws:lambda/permission:Permission",
            {
                function: SIGN_FUNCTION,
                principal: "s3.amazonaws.com",
                sourceArn: "arn:aws:s3:::b",
                sourceAccount: ACCOUNT,
                action: "lambda:InvokeFunction",
            },
        ],
        [
            "1 a rule that calls the signer",
            "aws:cloudwatch/eventTarget:EventTarget",
            { rule: "r", arn: SIGN_FUNCTION_ARN },
        ],
    ]),
    ...news("T67", "stack-type-allowlist", [
        [
            "1 an HTTP API in front of the signer",
            "aws:apigatewayv2/integration:Integration",
            { integrationUri: SIGN_FUNCTION_ARN },
        ],
        ["2 an invoke, as resource", "aws:lambda/invocation:Invocation", { functionName: SIGN_FUNCTION, input: "{}" }],
    ]),
    {
        threat: "T69",
        rule: "signer-runtime-pinned",
        name: "3 NODE_OPTIONS on the signer",
        change: (program) => [
            changed(program.get("Function", "pipeline-sign-files"), {
                environment: { variables: { NODE_OPTIONS: "--require=/tmp/x" } },
            }),
        ],
    },
    {
        threat: "T69",
        rule: "signer-runtime-pinned",
        name: "4 the signer's code changed",
        change: (program) => {
            const signer = program.get("Function", "pipeline-sign-files");
            const code = signer.properties.code as { assets: Record<string, { text: string }> };
            const file = code.assets["__index.js"]!;
            return [
                changed(signer, {
                    code: { ...code, assets: { "__index.js": { ...file, text: file.text.replace("kms", "kms ") } } },
                }),
            ];
        },
    },
    {
        threat: "T25",
        rule: "kms-sign-exclusive",
        name: "5 a key tagged with the other signer",
        change: (program) => {
            const key = program.get("Key", "modules-v1");
            const tags = {
                ...(key.properties.tags as object),
                "countersign:signer": "countersign-local-files-v1-signer",
            };
            const policy = (key.properties.policy as string)
                .split(SIGNER_NAME)
                .join("countersign-local-files-v1-signer");
            return [changed(key, { tags, policy })];
        },
    },
    {
        threat: "T63",
        rule: "outside-roles",
        name: "6 an outside admin role in a state machine",
        change: machine(() => ({ roleArn: ADMIN })),
    },
    {
        threat: "T63",
        rule: "outside-roles",
        name: "6 an outside admin role in a task of the machine",
        change: machine(({ definition }) => ({
            definition: (definition as string).replace(
                '"Type":"Task"',
                `"Credentials":{"RoleArn":"${ADMIN}"},"Type":"Task"`,
            ),
        })),
    },
    ...news("T63", "outside-roles", [
        [
            "6 an outside admin role in a schedule",
            "aws:scheduler/schedule:Schedule",
            { target: { arn: "arn:aws:scheduler:::aws-sdk:iam:putRolePolicy", roleArn: ADMIN } },
        ],
    ]),
    ...news("T82", "stack-type-allowlist", [
        ["7 a template-deploying type", "aws:servicecatalog/provisionedProduct:ProvisionedProduct", {}],
        ["8 a parameterized provider that calls itself aws", "aws:index/kmsKey:KmsKey", {}],
    ]),
    {
        threat: "T83",
        rule: "provider-pinned",
        name: "9 a provider download URL, as provider-internals shows it",
        change: (program) => [changed(program.get("aws", "aws"), { pluginDownloadURL: "set" })],
    },
    {
        threat: "T82",
        rule: "provider-pinned",
        name: "8 a parameterization, as provider-internals shows it",
        change: (program) => [changed(program.get("aws", "aws"), { parameterization: "set" })],
    },
    ...news("T68", "control-tables", [
        [
            "10 a table item written by the program",
            "aws:dynamodb/tableItem:TableItem",
            { tableName: "countersign-local-requests", hashKey: "id", item: "{}" },
        ],
    ]),
    {
        threat: "T68",
        rule: "control-tables",
        name: "11 a role that may write a control table",
        change: (program) => {
            const policy = program.get("RolePolicy", "pipeline-verify");
            const document = JSON.parse(policy.properties.policy as string) as Json;
            const Statement = [
                ...document.Statement,
                { Effect: "Allow", Action: "dynamodb:UpdateItem", Resource: "*" },
            ];
            return [changed(policy, { policy: JSON.stringify({ ...document, Statement }) })];
        },
    },
    // What a program registers outside preview only, the stack's judgement in the preview never saw: each of these stands alone.
    {
        threat: "T60",
        rule: "iam-signer-takeover",
        name: "12 a resource registered only outside preview",
        change: (program) => [
            added(program, "aws:iam/rolePolicy:RolePolicy", "late", {
                role: "countersign-local-verify",
                policy: JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Action: "iam:PutRolePolicy", Resource: SIGNER }],
                }),
            }),
        ],
    },
    ...news("T67", REFERRERS, [
        [
            "12 a door made only outside preview",
            "aws:sns/topicSubscription:TopicSubscription",
            { protocol: "lambda", endpoint: SIGN_FUNCTION_ARN },
        ],
    ]),
];
