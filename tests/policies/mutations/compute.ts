import { each, inputs, machine, newOne, news } from "./build";
import { changed, type Mutant, SIGNER, UNKNOWN } from "./program";

/** What runs, and what it runs: machines, containers, state machines, functions. */

export const computeMutants: readonly Mutant[] = [
    ...news("T72", "ec2-imdsv2", [
        ["IMDSv1", "aws:ec2/instance:Instance", { rootBlockDevice: { encrypted: true } }],
        [
            "a hop too many",
            "aws:ec2/launchTemplate:LaunchTemplate",
            { metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 3 } },
        ],
        [
            "a public address",
            "aws:ec2/instance:Instance",
            {
                metadataOptions: { httpTokens: "required" },
                rootBlockDevice: { encrypted: true },
                associatePublicIpAddress: true,
            },
        ],
        [
            "a token in userData",
            "aws:ec2/instance:Instance",
            { metadataOptions: { httpTokens: "required" }, rootBlockDevice: { encrypted: true }, userData: "TOKEN=1" },
        ],
    ]),
    ...news("T72", "sg-no-world-ingress", [
        [
            "the world",
            "aws:ec2/securityGroup:SecurityGroup",
            { ingress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }] },
        ],
        [
            "half the world",
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            { type: "ingress", cidrBlocks: ["128.0.0.0/1"] },
        ],
        ["all of IPv6", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", { cidrIpv6: "::/0" }],
    ]),
    {
        threat: "T72",
        rule: "sfn-no-kms-sdk",
        name: "a state machine that signs by itself",
        change: machine(({ definition }) => ({
            definition: (definition as string).replace("states:::lambda:invoke", "states:::aws-sdk:kms:sign"),
        })),
    },
    {
        threat: "T63",
        rule: "sfn-no-kms-sdk",
        name: "a state machine that passes roles",
        change: machine(({ definition }) => ({
            definition: (definition as string).replace("states:::lambda:invoke", "states:::aws-sdk:iam:putRolePolicy"),
        })),
    },
    {
        threat: "T72",
        rule: "sfn-no-kms-sdk",
        name: "a state machine that logs errors only",
        change: machine(({ loggingConfiguration }) => ({
            loggingConfiguration: { ...loggingConfiguration, level: "ERROR" },
        })),
    },
    ...news("T64", "ecs-hardening", [
        ["a shell in a service", "aws:ecs/service:Service", { enableExecuteCommand: true }],
    ]),
    ...news("T64", "ec2-imdsv2", [
        [
            "a key pair on a machine",
            "aws:ec2/instance:Instance",
            { keyName: "ops", metadataOptions: { httpTokens: "required" }, rootBlockDevice: { encrypted: true } },
        ],
    ]),
    ...each("T72", "lambda-hardening", {
        "a permission for everyone": inputs("Permission", "log-minute", { principal: "*" }),
        "a permission without source": inputs("Permission", "log-minute", {
            sourceArn: undefined,
            sourceAccount: undefined,
        }),
        "a permission by pattern": inputs("Permission", "log-minute", { sourceArn: "arn:aws:events:*" }),
        "a layer": inputs("Function", "pipeline-prepare", { layers: ["arn:aws:lambda:eu-west-1:1:layer:x:1"] }),
        "a secret in the environment": inputs("Function", "pipeline-prepare", {
            environment: { variables: { API_TOKEN: "x" } },
        }),
    }),
    ...each("T22", "vpce-kms-policy", {
        "an endpoint without policy": newOne("aws:ec2/vpcEndpoint:VpcEndpoint", {
            serviceName: "com.amazonaws.eu-west-1.kms",
            privateDnsEnabled: true,
        }),
        "an endpoint for everyone": newOne("aws:ec2/vpcEndpoint:VpcEndpoint", {
            serviceName: "com.amazonaws.eu-west-1.kms",
            privateDnsEnabled: true,
            policy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [{ Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" }],
            }),
        }),
    }),
];

/** T69: the signer itself. */
export const runtimeMutants: readonly Mutant[] = [
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

/** The code's one text, changed. */
export function withCode(signer: ReturnType<typeof changed>, change: (text: string) => string) {
    const code = signer.properties.code as { assets: Record<string, { text: string }> };
    const file = code.assets["__index.js"]!;
    return changed(signer, { code: { ...code, assets: { "__index.js": { ...file, text: change(file.text) } } } });
}
