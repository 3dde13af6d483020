import { on } from "./build";
import {
    ACCOUNT,
    added,
    type Json,
    type Mutant,
    type Program,
    SIGN_FUNCTION_ARN,
    SIGNER,
    withStatement,
    withTrust,
} from "./program";
import { CI } from "./trust";

/** D: every verb of the takeover catalogue, one mutant each, with what else it needs. */

const TAKEOVER = "iam-signer-takeover";
const RECHECKS = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-rechecks`;

/** Verbs that are enough alone: by threat and rule, on what. */
const ALONE: readonly (readonly [threat: string, rule: string, target: string, verbs: readonly string[]])[] = [
    [
        "T60",
        TAKEOVER,
        SIGNER,
        [
            "iam:UpdateAssumeRolePolicy",
            "iam:PutRolePolicy",
            "iam:AttachRolePolicy",
            "iam:DeleteRolePolicy",
            "iam:DetachRolePolicy",
            "iam:PutRolePermissionsBoundary",
            "iam:DeleteRolePermissionsBoundary",
            "iam:TagRole",
        ],
    ],
    // A signer holds no managed policy; what these change is whatever others hold.
    ["T60", "iam-no-chains", "*", ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"]],
    ["T62", TAKEOVER, "*", ["sts:AssumeRoot"]],
    ["T62", "iam-no-chains", SIGNER, ["sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"]],
    ["T64", TAKEOVER, SIGN_FUNCTION_ARN, ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"]],
    ["T66", "iam-sign-identity-docs", "*", ["kms:PutKeyPolicy", "kms:CreateGrant"]],
    [
        "T66",
        TAKEOVER,
        "*",
        [
            "kms:ReplicateKey",
            "kms:ImportKeyMaterial",
            "kms:UpdateAlias",
            "kms:DeleteAlias",
            "kms:UpdatePrimaryRegion",
            "kms:EnableKey",
        ],
    ],
    [
        "T67",
        TAKEOVER,
        SIGN_FUNCTION_ARN,
        [
            "lambda:InvokeFunction",
            "lambda:InvokeFunctionUrl",
            "lambda:InvokeAsync",
            "lambda:AddPermission",
            "lambda:CreateFunctionUrlConfig",
            "lambda:UpdateFunctionUrlConfig",
            "lambda:PublishVersion",
            "lambda:CreateAlias",
            "lambda:UpdateAlias",
            "lambda:PutFunctionEventInvokeConfig",
        ],
    ],
    ["T67", TAKEOVER, "*", ["lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping"]],
    [
        "T68",
        "control-tables",
        RECHECKS,
        [
            "dynamodb:PutItem",
            "dynamodb:UpdateItem",
            "dynamodb:DeleteItem",
            "dynamodb:BatchWriteItem",
            "dynamodb:PartiQLInsert",
            "dynamodb:PartiQLUpdate",
            "dynamodb:PartiQLDelete",
            "dynamodb:PutResourcePolicy",
            "dynamodb:ImportTable",
            "dynamodb:RestoreTableFromBackup",
            "dynamodb:RestoreTableToPointInTime",
            "dynamodb:DeleteTable",
        ],
    ],
];

/** T61: whoever makes the issuer makes its tokens, which admit to a signer in direct mode only. */
const ISSUER = [
    "iam:CreateOpenIDConnectProvider",
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "iam:CreateSAMLProvider",
    "iam:UpdateSAMLProvider",
];

/** T63: what starts something as a role that is handed over with iam:PassRole, by the service that gets it. */
export const STARTERS: Readonly<Record<string, readonly string[]>> = {
    "lambda.amazonaws.com": ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration"],
    "ec2.amazonaws.com": [
        "ec2:RunInstances",
        "ec2:RequestSpotInstances",
        "ec2:RequestSpotFleet",
        "ec2:CreateFleet",
        "ec2:AssociateIamInstanceProfile",
        "ec2:ReplaceIamInstanceProfileAssociation",
        "iam:AddRoleToInstanceProfile",
    ],
    "ecs-tasks.amazonaws.com": ["ecs:RegisterTaskDefinition", "ecs:RunTask", "ecs:StartTask", "ecs:CreateService"],
    "codebuild.amazonaws.com": ["codebuild:CreateProject", "codebuild:UpdateProject"],
    "cloudformation.amazonaws.com": [
        "cloudformation:CreateStack",
        "cloudformation:CreateStackSet",
        "cloudformation:CreateChangeSet",
    ],
    "glue.amazonaws.com": ["glue:CreateJob", "glue:CreateDevEndpoint", "glue:UpdateJob"],
    "sagemaker.amazonaws.com": [
        "sagemaker:CreateNotebookInstance",
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateProcessingJob",
    ],
    "datapipeline.amazonaws.com": ["datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
    "tasks.apprunner.amazonaws.com": ["apprunner:CreateService"],
    "bedrock-agentcore.amazonaws.com": ["bedrock-agentcore:CreateCodeInterpreter"],
    "states.amazonaws.com": ["states:CreateStateMachine", "states:UpdateStateMachine"],
    "scheduler.amazonaws.com": ["scheduler:CreateSchedule"],
    "apigateway.amazonaws.com": ["apigateway:PUT", "apigateway:POST"],
    "events.amazonaws.com": ["events:PutTargets"],
    "pipes.amazonaws.com": ["pipes:CreatePipe"],
    "ssm.amazonaws.com": ["ssm:StartAutomationExecution"],
    "iot.amazonaws.com": ["iot:CreateTopicRule"],
    "credentials.iot.amazonaws.com": ["iot:CreateRoleAlias"],
    "pods.eks.amazonaws.com": ["eks:CreatePodIdentityAssociation"],
    "batch.amazonaws.com": ["batch:RegisterJobDefinition", "batch:SubmitJob"],
    "elasticmapreduce.amazonaws.com": ["elasticmapreduce:RunJobFlow"],
    "imagebuilder.amazonaws.com": ["imagebuilder:CreateInfrastructureConfiguration"],
    "synthetics.amazonaws.com": ["synthetics:CreateCanary"],
    "appsync.amazonaws.com": ["appsync:CreateDataSource"],
    "transfer.amazonaws.com": ["transfer:CreateUser"],
    "fis.amazonaws.com": ["fis:CreateExperimentTemplate"],
};

interface Running {
    readonly what: string;
    readonly type: string;
    readonly properties: Record<string, unknown>;
    readonly verbs: readonly string[];
}

const IMAGE = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/tools@sha256:${"0".repeat(64)}`;
const container = (more: Json): string => JSON.stringify([{ name: "tools", readonlyRootFilesystem: true, ...more }]);
const TASK = "aws:ecs/taskDefinition:TaskDefinition";

/** T64: ways into what runs as the signer. It is refused itself, and in a stack that has it so is whoever reaches into it. */
const INTO: readonly Running[] = [
    {
        what: "a machine",
        type: "aws:ec2/launchTemplate:LaunchTemplate",
        properties: { iamInstanceProfile: { arn: SIGNER }, metadataOptions: { httpTokens: "required" } },
        verbs: [
            "ssm:SendCommand",
            "ssm:StartSession",
            "ssm:ResumeSession",
            "ssm:StartAutomationExecution",
            "ssm:CreateAssociation",
            "ec2-instance-connect:SendSSHPublicKey",
            "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
            "ec2:ModifyInstanceAttribute",
            "ec2:CreateLaunchTemplateVersion",
            "ec2:ModifyLaunchTemplate",
            "ec2:ModifyInstanceMetadataOptions",
            "ec2:CreateReplaceRootVolumeTask",
            "ec2:AttachVolume",
            "ec2:CreateSnapshot",
            "ec2:CreateImage",
            "autoscaling:UpdateAutoScalingGroup",
        ],
    },
    {
        what: "a task",
        type: TASK,
        properties: { taskRoleArn: SIGNER, containerDefinitions: container({ image: IMAGE }) },
        verbs: ["ecs:ExecuteCommand", "ecs:UpdateService"],
    },
    {
        what: "a build",
        type: "aws:codebuild/project:Project",
        properties: { name: "build", serviceRole: SIGNER },
        verbs: ["codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:UpdateProject"],
    },
    {
        what: "a machine of states",
        type: "aws:sfn/stateMachine:StateMachine",
        properties: { name: "other", roleArn: SIGNER, definition: "{}" },
        verbs: ["states:UpdateStateMachine"],
    },
    {
        what: "a job",
        type: "aws:glue/job:Job",
        properties: { name: "job", roleArn: SIGNER },
        verbs: ["glue:UpdateDevEndpoint", "glue:UpdateJob"],
    },
    {
        what: "a notebook",
        type: "aws:sagemaker/notebookInstance:NotebookInstance",
        properties: { name: "notebook", roleArn: SIGNER },
        verbs: ["sagemaker:CreatePresignedNotebookInstanceUrl"],
    },
];

/** T65: what is made or started from something that somebody else writes. */
const FROM: readonly Running[] = [
    {
        what: "a task from an image",
        type: TASK,
        properties: { taskRoleArn: SIGNER, containerDefinitions: container({ image: IMAGE }) },
        verbs: ["ecr:PutImage"],
    },
    {
        what: "a function from a bucket",
        type: "aws:lambda/function:Function",
        properties: { name: "other", role: SIGNER, s3Bucket: "code", s3Key: "x.zip" },
        verbs: ["s3:PutObject"],
    },
    ...(
        [
            [`arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/start`, "ssm:PutParameter"],
            [`arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:start-abcdef`, "secretsmanager:PutSecretValue"],
        ] as const
    ).map(([valueFrom, verb]): Running => ({
        what: "a task with a secret",
        type: TASK,
        properties: {
            taskRoleArn: SIGNER,
            containerDefinitions: container({ image: IMAGE, secrets: [{ name: "START", valueFrom }] }),
        },
        verbs: [verb],
    })),
];

/** Verbs of the catalogue that no document is refused for, and why. */
export const WITHOUT_MUTANT: Readonly<Record<string, string>> = {
    "lambda:PublishLayerVersion":
        "a signer has no layers (signer-runtime-pinned), and whoever adds one needs UpdateFunctionConfiguration",
    "states:StartExecution":
        "an execution does what its reviewed definition says: no machine runs as a signer (signer-referrers-allowlist) or calls KMS (sfn-no-kms-sdk)",
    "imagebuilder:CreateComponent":
        "an image's id does not tell what made it; a machine that runs as a signer is refused",
    "kms:CreateAlias":
        "an alias that exists cannot be made again, DeleteAlias and UpdateAlias are refused, and an alias authorizes nothing (T31)",
};

const may = (program: Program, statement: Json) => withStatement(program, statement);

function running({ what, type, properties, verbs }: Running, threat: string): Mutant[] {
    return verbs.flatMap((verb): Mutant[] => {
        const change: Mutant["change"] = (program) => [
            added(program, type, "mutant", properties),
            may(program, on(verb)),
        ];
        return [
            { threat, rule: "signer-referrers-allowlist", name: `${verb}, with ${what} as the signer`, change },
            { threat, rule: TAKEOVER, name: `${verb}, with ${what} as the signer, as a path`, level: "stack", change },
        ];
    });
}

export const verbMutants: readonly Mutant[] = [
    ...ALONE.flatMap(([threat, rule, target, verbs]) =>
        verbs.map((verb): Mutant => ({
            threat,
            rule,
            name: `${verb} alone`,
            change: (program) => [may(program, on(verb, target))],
        })),
    ),
    {
        threat: "T60",
        rule: TAKEOVER,
        name: "iam:DeleteRole with iam:CreateRole",
        change: (program) => [may(program, on(["iam:DeleteRole", "iam:CreateRole"], SIGNER))],
    },
    ...ISSUER.map((verb): Mutant => ({
        threat: "T61",
        rule: TAKEOVER,
        name: `${verb}, with a signer in direct mode`,
        settings: { ...(CI as unknown as Mutant["settings"] & object), directMode: true },
        change: (program) => [may(program, on(verb))],
    })),
    ...Object.entries(STARTERS).flatMap(([service, verbs]) =>
        verbs.flatMap((verb): Mutant[] => [
            {
                threat: "T63",
                rule: service === "lambda.amazonaws.com" ? TAKEOVER : "iam-passrole-scoped",
                name: `iam:PassRole with ${verb}`,
                change: (program) => [may(program, on(["iam:PassRole", verb]))],
            },
            {
                threat: "T63",
                rule: TAKEOVER,
                name: `iam:PassRole with ${verb}, of a signer that trusts ${service}`,
                level: "stack",
                change: (program) => [
                    may(program, on(["iam:PassRole", verb])),
                    withTrust(program, "modules-v1-signer", [{ Principal: { Service: service } }]),
                ],
            },
        ]),
    ),
    ...INTO.flatMap((one) => running(one, "T64")),
    ...FROM.flatMap((one) => running(one, "T65")),
];
