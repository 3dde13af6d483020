import { ACCOUNT, type Json, SIGN_FUNCTION_ARN, SIGNER } from "./program";

/** Verbs of the takeover catalogue, written down once more than in lib/iam: what is lost there is missed here. */

export const TAKEOVER = "iam-signer-takeover";
const RECHECKS = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-rechecks`;

/** Verbs that are enough alone: by threat and rule, on what. */
export const ALONE: readonly (readonly [threat: string, rule: string, target: string, verbs: readonly string[]])[] = [
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
    [
        "T60",
        "iam-no-chains",
        "*",
        [
            "iam:CreatePolicyVersion",
            "iam:SetDefaultPolicyVersion",
            "iam:PutUserPolicy",
            "iam:AttachUserPolicy",
            "iam:CreateAccessKey",
            "iam:CreateLoginProfile",
            "iam:UpdateLoginProfile",
        ],
    ],
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
            "kms:CreateAlias",
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
            "lambda:PutResourcePolicy",
            "lambda:PutFunctionEventInvokeConfig",
            "lambda:UpdateFunctionEventInvokeConfig",
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
            "dynamodb:RestoreTableFromAwsBackup",
            "dynamodb:RestoreTableToPointInTime",
            "dynamodb:WriteDataForReplication",
            "dynamodb:ReplicateSettings",
            "dynamodb:UpdateTable",
            "dynamodb:CreateTableReplica",
            "dynamodb:CreateGlobalTable",
            "dynamodb:UpdateGlobalTable",
            "dynamodb:UpdateTimeToLive",
            "dynamodb:DeleteTable",
        ],
    ],
];

/** T61: whoever makes the issuer makes its tokens, which admit to a signer in direct mode only. */
export const ISSUER = [
    "iam:CreateOpenIDConnectProvider",
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "iam:CreateSAMLProvider",
    "iam:UpdateSAMLProvider",
];

/** T63: what starts something as a role that is handed over with iam:PassRole, by the service that gets it. */
export const STARTERS: Readonly<Record<string, readonly string[]>> = {
    "lambda.amazonaws.com": ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration", "lambda:RunMicrovm"],
    "ec2.amazonaws.com": [
        "ec2:RunInstances",
        "ec2:RequestSpotInstances",
        "ec2:RequestSpotFleet",
        "ec2:CreateFleet",
        "ec2:AssociateIamInstanceProfile",
        "ec2:ReplaceIamInstanceProfileAssociation",
        "iam:AddRoleToInstanceProfile",
        "ec2:CreateLaunchTemplate",
    ],
    "ecs-tasks.amazonaws.com": [
        "ecs:RegisterTaskDefinition",
        "ecs:RunTask",
        "ecs:StartTask",
        "ecs:CreateService",
        "ecs:UpdateService",
    ],
    "codebuild.amazonaws.com": ["codebuild:CreateProject", "codebuild:UpdateProject"],
    "cloudformation.amazonaws.com": [
        "cloudformation:CreateStack",
        "cloudformation:CreateStackSet",
        "cloudformation:CreateChangeSet",
        "cloudformation:UpdateStack",
    ],
    "glue.amazonaws.com": ["glue:CreateJob", "glue:CreateDevEndpoint", "glue:UpdateJob", "glue:UpdateDevEndpoint"],
    "sagemaker.amazonaws.com": [
        "sagemaker:CreateNotebookInstance",
        "sagemaker:CreateTrainingJob",
        "sagemaker:CreateProcessingJob",
        "sagemaker:CreateModel",
    ],
    "datapipeline.amazonaws.com": ["datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
    "tasks.apprunner.amazonaws.com": ["apprunner:CreateService", "apprunner:UpdateService"],
    "bedrock-agentcore.amazonaws.com": [
        "bedrock-agentcore:CreateCodeInterpreter",
        "bedrock-agentcore:CreateAgentRuntime",
    ],
    "states.amazonaws.com": ["states:CreateStateMachine", "states:UpdateStateMachine", "states:TestState"],
    "scheduler.amazonaws.com": ["scheduler:CreateSchedule", "scheduler:UpdateSchedule"],
    "apigateway.amazonaws.com": ["apigateway:PUT", "apigateway:POST", "apigateway:PATCH"],
    "events.amazonaws.com": ["events:PutTargets"],
    "pipes.amazonaws.com": ["pipes:CreatePipe", "pipes:UpdatePipe"],
    "ssm.amazonaws.com": [
        "ssm:StartAutomationExecution",
        "ssm:CreateAssociation",
        "ssm:RegisterTaskWithMaintenanceWindow",
    ],
    "iot.amazonaws.com": ["iot:CreateTopicRule", "iot:ReplaceTopicRule"],
    "credentials.iot.amazonaws.com": ["iot:CreateRoleAlias", "iot:UpdateRoleAlias"],
    "pods.eks.amazonaws.com": ["eks:CreatePodIdentityAssociation", "eks:UpdatePodIdentityAssociation"],
    "batch.amazonaws.com": ["batch:RegisterJobDefinition", "batch:SubmitJob"],
    "elasticmapreduce.amazonaws.com": ["elasticmapreduce:RunJobFlow"],
    "imagebuilder.amazonaws.com": ["imagebuilder:CreateInfrastructureConfiguration", "imagebuilder:CreateImage"],
    "synthetics.amazonaws.com": ["synthetics:CreateCanary", "synthetics:UpdateCanary"],
    "appsync.amazonaws.com": ["appsync:CreateDataSource", "appsync:UpdateDataSource"],
    "transfer.amazonaws.com": ["transfer:CreateUser", "transfer:UpdateUser", "transfer:CreateServer"],
    "codepipeline.amazonaws.com": ["codepipeline:CreatePipeline", "codepipeline:UpdatePipeline"],
    "rolesanywhere.amazonaws.com": ["rolesanywhere:CreateProfile", "rolesanywhere:UpdateProfile"],
    "fis.amazonaws.com": ["fis:CreateExperimentTemplate", "fis:UpdateExperimentTemplate"],
};

export interface Running {
    readonly what: string;
    readonly type: string;
    readonly properties: Record<string, unknown>;
    readonly verbs: readonly string[];
}

const IMAGE = `${ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/tools@sha256:${"0".repeat(64)}`;
const container = (more: Json): string => JSON.stringify([{ name: "tools", readonlyRootFilesystem: true, ...more }]);
const TASK = "aws:ecs/taskDefinition:TaskDefinition";

/** T64: ways into what runs as the signer. It is refused itself, and in a stack that has it so is whoever reaches into it. */
export const INTO: readonly Running[] = [
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
            "autoscaling:CreateLaunchConfiguration",
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
export const FROM: readonly Running[] = [
    {
        what: "a task from an image",
        type: TASK,
        properties: { taskRoleArn: SIGNER, containerDefinitions: container({ image: IMAGE }) },
        verbs: ["ecr:PutImage", "ecr:BatchDeleteImage"],
    },
    {
        what: "a function from a bucket",
        type: "aws:lambda/function:Function",
        properties: { name: "other", role: SIGNER, s3Bucket: "code", s3Key: "x.zip" },
        verbs: ["s3:PutObject", "s3:PutBucketPolicy", "s3:ReplicateObject"],
    },
    ...(
        [
            [`arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/start`, ["ssm:PutParameter"]],
            [
                `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:start-abcdef`,
                ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret"],
            ],
        ] as const
    ).map(([valueFrom, verbs]): Running => ({
        what: "a task with a secret",
        type: TASK,
        properties: {
            taskRoleArn: SIGNER,
            containerDefinitions: container({ image: IMAGE, secrets: [{ name: "START", valueFrom }] }),
        },
        verbs,
    })),
];

/** Verbs of the catalogue that no document is refused for, and why. */
export const WITHOUT_MUTANT: Readonly<Record<string, string>> = {
    "lambda:PublishLayerVersion":
        "a signer has no layers (signer-runtime-pinned), and whoever adds one needs UpdateFunctionConfiguration",
    "states:StartExecution":
        "an execution does what its reviewed definition says: no machine runs as a signer (signer-referrers-allowlist) or calls KMS (sfn-no-kms-sdk)",
    "imagebuilder:CreateImageRecipe": "as imagebuilder:CreateComponent",
    "imagebuilder:CreateComponent":
        "an image's id does not tell what made it; a machine that runs as a signer is refused",
};
