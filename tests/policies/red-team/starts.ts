import { ACCOUNT, added, changed, type Json, type Mutant, UNKNOWN, withStatement } from "../mutations/program";
import { atStack, functionArn, INVOKER, MACHINE, machineOf, news, on, roleArn, spoils } from "./helpers";

/** Who starts the machine that calls signers, and with what; and who is told what the stack's rules see. */

const TARGET = "aws:cloudwatch/eventTarget:EventTarget";
const REFERRERS = "signer-referrers-allowlist";
const OTHER = "444455556666";
const SIGNING = `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:${INVOKER}`;
const STARTER = "countersign-local-uploads-rule";
const started = { rule: "mutant", arn: SIGNING, roleArn: roleArn(STARTER) };
const document = (statement: Json): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Resource: "*", ...statement }] });

const rewritten: readonly Mutant[] = [
    ...spoils("T67", REFERRERS, "EventTarget", "pipeline-uploads", {
        "uploads, in place of which a constant is signed": { input: '{"detail":{}}' },
        "uploads, of which a part is signed": { inputPath: "$.detail.object" },
        "uploads, made up from parts": { inputTransformer: { inputTemplate: '{"detail":{}}' } },
        "uploads, made up from what is not known": { input: UNKNOWN },
    }),
    ...news("T67", REFERRERS, TARGET, {
        "another rule that starts signing, with a constant": { ...started, input: '{"detail":{}}' },
        "another rule that starts a version of the machine": { ...started, arn: `${SIGNING}:1`, input: "{}" },
    }),
    ...news("T67", REFERRERS, MACHINE, {
        "a machine that starts the signing one": machineOf("arn:aws:states:::states:startExecution", STARTER, {
            Parameters: { StateMachineArn: SIGNING, "Input.$": "$" },
        }),
        "a machine that starts the signing one and waits, its name escaped": {
            ...machineOf("arn:aws:states:::states:startExecution.sync:2", STARTER),
            definition: JSON.stringify({
                StartAt: "A",
                States: {
                    A: {
                        Type: "Task",
                        Resource: "arn:aws:states:::states:startExecution.sync:2",
                        Arguments: { StateMachineArn: "ARN" },
                        End: true,
                    },
                },
            }).replace("ARN", SIGNING.replace("signing", "s\\u0069gning")),
        },
    }),
];

const fromElsewhere: readonly Mutant[] = [
    ...news("T67", REFERRERS, TARGET, {
        "a rule of somebody that starts signing": started,
        "a rule of somebody on another bus that starts signing": { ...started, eventBusName: "open" },
    }),
    ...spoils("T67", REFERRERS, "EventRule", "pipeline-uploads", {
        "uploads that anybody may announce": { eventPattern: JSON.stringify({ source: ["team.uploads"] }) },
        "uploads that S3 or anybody announces": { eventPattern: JSON.stringify({ source: ["aws.s3", "team"] }) },
        "uploads by a source that only begins like AWS's": {
            eventPattern: JSON.stringify({ source: [{ prefix: "aws" }] }),
        },
        "uploads from whatever source": { eventPattern: JSON.stringify({ "detail-type": ["Object Created"] }) },
        "uploads by the clock as well": { scheduleExpression: "rate(1 minute)" },
        "uploads on a bus that others write": { eventBusName: "open" },
    }),
]
    .concat([
        {
            threat: "T67",
            rule: REFERRERS,
            name: "a rule that starts signing, by dependency",
            change: (program) => [
                added(
                    program,
                    TARGET,
                    "mutant",
                    { ...started, arn: UNKNOWN, input: "{}" },
                    { propertyDependencies: { arn: [program.get("StateMachine", "pipeline-machine").urn!] } },
                ),
            ],
        },
        ...Object.entries({
            "a role that starts signing": on("states:StartExecution", SIGNING),
            "a role that starts all machines": on("states:Start*", "*"),
            "a role that starts signing once more": on(
                "states:RedriveExecution",
                `arn:aws:states:*:${ACCOUNT}:*:${INVOKER}*`,
            ),
        }).map(([name, statement]): Mutant => ({
            threat: "T67",
            rule: REFERRERS,
            name,
            change: (program) => [withStatement(program, statement, "pipeline-verify")],
        })),
    ])
    .map(atStack);

const told: readonly Mutant[] = [
    ...spoils("T28", "outside-roles", "EventTarget", "log-uses", {
        "uses of keys, told to another account": { arn: `arn:aws:sqs:eu-west-1:${OTHER}:x` },
    }),
    ...spoils("T28", "outside-roles", "EventTarget", "trail-changes", {
        "changes of keys, told to another account's bus": { arn: `arn:aws:events:eu-west-1:${OTHER}:event-bus/x` },
    }),
];

const beside: readonly Mutant[] = [
    ...news("T65", "secrets-hardening", "aws:ssm/parameter:Parameter", {
        "a parameter of somebody, written over": { name: "/images/base", type: "String", value: "x", overwrite: true },
        "a parameter that may be somebody's": { name: "/images/base", type: "String", value: "x", overwrite: UNKNOWN },
    }),
    ...news("T65", "secrets-hardening", "aws:secretsmanager/secretPolicy:SecretPolicy", {
        "a secret for another account": {
            secretArn: "x",
            policy: document({
                Principal: { AWS: `arn:aws:iam::${OTHER}:root` },
                Action: "secretsmanager:PutSecretValue",
            }),
        },
    }),
    ...news("T65", "kms-signing-key-shape", "aws:kms/key:Key", {
        "a data key for everybody": {
            enableKeyRotation: true,
            policy: document({ Principal: "*", Action: "kms:*" }),
        },
        "a data key for another account": {
            enableKeyRotation: true,
            policy: document({ Principal: { AWS: `arn:aws:iam::${OTHER}:root` }, Action: "kms:Decrypt" }),
        },
    }),
    {
        threat: "T61",
        rule: "iam-oidc-provider-pinned",
        name: "an issuer with somebody's certificate",
        settings: {
            oidcProviders: [{ url: "https://token.actions.githubusercontent.com", audiences: ["sts.amazonaws.com"] }],
        },
        change: (program) => [
            added(program, "aws:iam/openIdConnectProvider:OpenIdConnectProvider", "mutant", {
                url: "https://token.actions.githubusercontent.com",
                clientIdLists: ["sts.amazonaws.com"],
                thumbprintLists: ["0123456789abcdef0123456789abcdef01234567"],
            }),
        ],
    },
    {
        threat: "T68",
        rule: "control-tables",
        name: "a step of another machine as a writer's caller, by permission",
        change: (program) => [
            changed(program.get("Permission", "log-minute"), { function: functionArn("countersign-local-reconciler") }),
        ],
    },
];

export const starts: readonly Mutant[] = [...rewritten, ...fromElsewhere, ...told, ...beside];
