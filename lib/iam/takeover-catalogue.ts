/**
 * Actions that give power over a role, the compute that runs as it, what it is made from, its key or its tables, by threat.
 * Lower case, as targets compare. Sources: AWS service authorization reference, published escalation paths.
 */

/** T60: another trust, other policies. `self` marks what makes any role that may do it to itself an administrator. */
export const ROLE_VERBS: readonly { readonly action: string; readonly self: boolean }[] = [
    { action: "iam:UpdateAssumeRolePolicy", self: false },
    { action: "iam:PutRolePolicy", self: true },
    { action: "iam:AttachRolePolicy", self: true },
    { action: "iam:DeleteRolePolicy", self: false },
    { action: "iam:DetachRolePolicy", self: false },
    { action: "iam:PutRolePermissionsBoundary", self: false },
    { action: "iam:DeleteRolePermissionsBoundary", self: false },
    { action: "iam:TagRole", self: false },
];

/** T60, of a user. `self` as above; the others make whoever may do them that user. */
export const USER_VERBS: readonly { readonly action: string; readonly self: boolean }[] = [
    { action: "iam:PutUserPolicy", self: true },
    { action: "iam:AttachUserPolicy", self: true },
    { action: "iam:CreateAccessKey", self: false },
    { action: "iam:CreateLoginProfile", self: false },
    { action: "iam:UpdateLoginProfile", self: false },
];

/** T60, on customer managed policies that the role holds. */
export const POLICY_VERBS: readonly string[] = ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"];

/** T61: tokens of another issuer, or for another audience. */
export const PROVIDER_VERBS: readonly string[] = [
    "iam:CreateOpenIDConnectProvider",
    "iam:AddClientIDToOpenIDConnectProvider",
    "iam:UpdateOpenIDConnectProviderThumbprint",
    "iam:CreateSAMLProvider",
    "iam:UpdateSAMLProvider",
];

/**
 * T63: a service that starts something as a role handed to it, and the actions any one of which does so together with PassRole. Where AWS
 * wants two calls (a task definition, then a task) each counts alone: the other may be somebody else's everyday work.
 */
export interface PassedTo {
    readonly service: string;
    readonly actions: readonly string[];
}

export const PASSED_TO: readonly PassedTo[] = [
    {
        service: "lambda.amazonaws.com",
        actions: ["lambda:CreateFunction", "lambda:UpdateFunctionConfiguration", "lambda:RunMicrovm"],
    },
    {
        service: "ec2.amazonaws.com",
        actions: [
            "ec2:RunInstances",
            "ec2:RequestSpotInstances",
            "ec2:RequestSpotFleet",
            "ec2:CreateFleet",
            "ec2:CreateLaunchTemplate",
            "ec2:AssociateIamInstanceProfile",
            "ec2:ReplaceIamInstanceProfileAssociation",
            "iam:AddRoleToInstanceProfile",
        ],
    },
    {
        service: "ecs-tasks.amazonaws.com",
        actions: [
            "ecs:RegisterTaskDefinition",
            "ecs:RunTask",
            "ecs:StartTask",
            "ecs:CreateService",
            "ecs:UpdateService",
        ],
    },
    { service: "codebuild.amazonaws.com", actions: ["codebuild:CreateProject", "codebuild:UpdateProject"] },
    {
        service: "cloudformation.amazonaws.com",
        actions: [
            "cloudformation:CreateStack",
            "cloudformation:UpdateStack",
            "cloudformation:CreateStackSet",
            "cloudformation:CreateChangeSet",
        ],
    },
    {
        service: "glue.amazonaws.com",
        actions: ["glue:CreateJob", "glue:UpdateJob", "glue:CreateDevEndpoint", "glue:UpdateDevEndpoint"],
    },
    {
        service: "sagemaker.amazonaws.com",
        actions: [
            "sagemaker:CreateNotebookInstance",
            "sagemaker:CreateTrainingJob",
            "sagemaker:CreateProcessingJob",
            "sagemaker:CreateModel",
        ],
    },
    {
        service: "datapipeline.amazonaws.com",
        actions: ["datapipeline:CreatePipeline", "datapipeline:PutPipelineDefinition"],
    },
    { service: "tasks.apprunner.amazonaws.com", actions: ["apprunner:CreateService", "apprunner:UpdateService"] },
    {
        service: "bedrock-agentcore.amazonaws.com",
        actions: ["bedrock-agentcore:CreateCodeInterpreter", "bedrock-agentcore:CreateAgentRuntime"],
    },
    {
        service: "states.amazonaws.com",
        actions: ["states:CreateStateMachine", "states:UpdateStateMachine", "states:TestState"],
    },
    { service: "scheduler.amazonaws.com", actions: ["scheduler:CreateSchedule", "scheduler:UpdateSchedule"] },
    { service: "apigateway.amazonaws.com", actions: ["apigateway:PUT", "apigateway:POST", "apigateway:PATCH"] },
    { service: "events.amazonaws.com", actions: ["events:PutTargets"] },
    { service: "pipes.amazonaws.com", actions: ["pipes:CreatePipe", "pipes:UpdatePipe"] },
    {
        service: "ssm.amazonaws.com",
        actions: ["ssm:StartAutomationExecution", "ssm:CreateAssociation", "ssm:RegisterTaskWithMaintenanceWindow"],
    },
    { service: "iot.amazonaws.com", actions: ["iot:CreateTopicRule", "iot:ReplaceTopicRule"] },
    { service: "credentials.iot.amazonaws.com", actions: ["iot:CreateRoleAlias", "iot:UpdateRoleAlias"] },
    {
        service: "pods.eks.amazonaws.com",
        actions: ["eks:CreatePodIdentityAssociation", "eks:UpdatePodIdentityAssociation"],
    },
    { service: "batch.amazonaws.com", actions: ["batch:RegisterJobDefinition", "batch:SubmitJob"] },
    { service: "elasticmapreduce.amazonaws.com", actions: ["elasticmapreduce:RunJobFlow"] },
    {
        service: "imagebuilder.amazonaws.com",
        actions: ["imagebuilder:CreateImage", "imagebuilder:CreateInfrastructureConfiguration"],
    },
    { service: "synthetics.amazonaws.com", actions: ["synthetics:CreateCanary", "synthetics:UpdateCanary"] },
    { service: "appsync.amazonaws.com", actions: ["appsync:CreateDataSource", "appsync:UpdateDataSource"] },
    {
        service: "transfer.amazonaws.com",
        actions: ["transfer:CreateUser", "transfer:UpdateUser", "transfer:CreateServer"],
    },
    { service: "fis.amazonaws.com", actions: ["fis:CreateExperimentTemplate", "fis:UpdateExperimentTemplate"] },
    { service: "codepipeline.amazonaws.com", actions: ["codepipeline:CreatePipeline", "codepipeline:UpdatePipeline"] },
    { service: "rolesanywhere.amazonaws.com", actions: ["rolesanywhere:CreateProfile", "rolesanywhere:UpdateProfile"] },
];

export type ComputeKind = "lambda" | "ec2" | "ecs" | "codebuild" | "states" | "glue" | "sagemaker" | "autoscaling";

/** T64: `on` takes the compute's own ARN, `elsewhere` another resource that it depends on. */
export const COMPUTE_VERBS: Readonly<
    Record<ComputeKind, { readonly on: readonly string[]; readonly elsewhere: readonly string[] }>
> = {
    lambda: { on: ["lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration"], elsewhere: [] },
    ec2: {
        on: [
            "ssm:SendCommand",
            "ssm:StartSession",
            "ssm:ResumeSession",
            "ec2-instance-connect:SendSSHPublicKey",
            "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
            "ec2:ModifyInstanceAttribute",
            "ec2:ModifyInstanceMetadataOptions",
            "ec2:CreateReplaceRootVolumeTask",
            "ec2:AttachVolume",
            "ec2:CreateImage",
        ],
        elsewhere: [
            "ssm:StartAutomationExecution",
            "ssm:CreateAssociation",
            "ec2:CreateSnapshot",
            "ec2:CreateLaunchTemplateVersion",
            "ec2:ModifyLaunchTemplate",
        ],
    },
    ecs: { on: ["ecs:ExecuteCommand", "ecs:UpdateService"], elsewhere: [] },
    codebuild: { on: ["codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:UpdateProject"], elsewhere: [] },
    states: { on: ["states:UpdateStateMachine"], elsewhere: [] },
    glue: { on: ["glue:UpdateDevEndpoint", "glue:UpdateJob"], elsewhere: [] },
    sagemaker: { on: ["sagemaker:CreatePresignedNotebookInstanceUrl"], elsewhere: [] },
    autoscaling: { on: ["autoscaling:UpdateAutoScalingGroup"], elsewhere: ["autoscaling:CreateLaunchConfiguration"] },
};

export type SupplyKind = "ecr" | "s3" | "ssm" | "secret" | "imagebuilder";

/** T65. */
export const SUPPLY_VERBS: Readonly<Record<SupplyKind, readonly string[]>> = {
    ecr: ["ecr:PutImage", "ecr:BatchDeleteImage"],
    s3: ["s3:PutObject", "s3:PutBucketPolicy", "s3:ReplicateObject"],
    ssm: ["ssm:PutParameter"],
    secret: ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecret"],
    imagebuilder: ["imagebuilder:CreateComponent", "imagebuilder:CreateImageRecipe"],
};

/** T66; Sign itself is judged by the key's own rules. */
export const KEY_VERBS: readonly string[] = [
    "kms:PutKeyPolicy",
    "kms:CreateGrant",
    "kms:ReplicateKey",
    "kms:ImportKeyMaterial",
    "kms:UpdatePrimaryRegion",
    "kms:CreateAlias",
    "kms:UpdateAlias",
    "kms:DeleteAlias",
    "kms:EnableKey",
];

/** T67: the signer function, and what puts something in front of it. */
export const FUNCTION_VERBS: readonly string[] = [
    "lambda:InvokeFunction",
    "lambda:InvokeFunctionUrl",
    "lambda:InvokeAsync",
    "lambda:AddPermission",
    "lambda:CreateFunctionUrlConfig",
    "lambda:UpdateFunctionUrlConfig",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:PublishVersion",
    "lambda:CreateAlias",
    "lambda:UpdateAlias",
    "lambda:PutResourcePolicy",
    "lambda:PutFunctionEventInvokeConfig",
    "lambda:UpdateFunctionEventInvokeConfig",
];

/** T67, on mappings that do not exist yet: `lambda:FunctionArn` is a condition key, which the caller meets by naming the function. */
export const MAPPING_VERBS: readonly string[] = ["lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping"];

/** T68. */
export const TABLE_VERBS: readonly string[] = [
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
    "dynamodb:DeleteTable",
    "dynamodb:ReplicateSettings",
    // A replica is written under its own ARN, in another region; an expiry deletes items.
    "dynamodb:UpdateTable",
    "dynamodb:CreateTableReplica",
    "dynamodb:CreateGlobalTable",
    "dynamodb:UpdateGlobalTable",
    "dynamodb:UpdateTimeToLive",
];

/**
 * What makes or strengthens principals that the stack does not declare, or acts as one. Each is half of a way round every other rule: a new role that
 * trusts its maker and is given everything, an administrator's access key.
 */
export const MAKING_VERBS: Readonly<Record<string, readonly string[]>> = {
    "arn:*:iam::*:role/*": [
        "iam:CreateRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:PutRolePolicy",
        "iam:AttachRolePolicy",
        "iam:PutRolePermissionsBoundary",
        "iam:DeleteRolePermissionsBoundary",
    ],
    "arn:*:iam::*:user/*": [
        "iam:CreateUser",
        "iam:CreateAccessKey",
        "iam:CreateLoginProfile",
        "iam:UpdateLoginProfile",
        "iam:PutUserPolicy",
        "iam:AttachUserPolicy",
        "iam:PutUserPermissionsBoundary",
        "iam:DeleteUserPermissionsBoundary",
    ],
    "arn:*:iam::*:group/*": ["iam:AddUserToGroup", "iam:PutGroupPolicy", "iam:AttachGroupPolicy"],
    "arn:*:iam::*:policy/*": ["iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion"],
    "arn:*:iam::*:root": ["sts:AssumeRoot"],
    // Whoever is the issuer, or the directory, is all that it may name.
    "arn:*:iam::*:oidc-provider/*": [
        "iam:CreateOpenIDConnectProvider",
        "iam:AddClientIDToOpenIDConnectProvider",
        "iam:UpdateOpenIDConnectProviderThumbprint",
    ],
    "arn:*:iam::*:saml-provider/*": ["iam:CreateSAMLProvider", "iam:UpdateSAMLProvider"],
    "arn:*:rolesanywhere:*:*:*": ["rolesanywhere:CreateTrustAnchor", "rolesanywhere:UpdateTrustAnchor"],
    "arn:*:identitystore:*:*:*": ["identitystore:CreateGroupMembership"],
    "arn:*:sso-directory:*:*:*": [
        "sso-directory:AddMemberToGroup",
        "sso-directory:UpdatePassword",
        "sso-directory:CreateBearerToken",
        "sso-directory:CreateExternalIdPConfigurationForDirectory",
        "sso-directory:UpdateExternalIdPConfigurationForDirectory",
    ],
    "arn:*:eks:*:*:*": ["eks:CreateAccessEntry", "eks:AssociateAccessPolicy"],
    "arn:*:sso:::*": [
        "sso:CreateAccountAssignment",
        "sso:PutInlinePolicyToPermissionSet",
        "sso:AttachManagedPolicyToPermissionSet",
        "sso:AttachCustomerManagedPolicyReferenceToPermissionSet",
    ],
    // Commands of one's own, run as whatever role the machine, task, build or stack of somebody has.
    "arn:*:ec2:*:*:instance/*": [
        "ssm:SendCommand",
        "ssm:StartSession",
        "ec2-instance-connect:SendSSHPublicKey",
        "ec2-instance-connect:SendSerialConsoleSSHPublicKey",
    ],
    "arn:*:ssm:*:*:*": ["ssm:ResumeSession", "ssm:StartAutomationExecution", "ssm:CreateAssociation"],
    "arn:*:ecs:*:*:*": ["ecs:ExecuteCommand"],
    "arn:*:codedeploy:*:*:*": ["codedeploy:CreateDeployment"],
    "arn:*:codebuild:*:*:project/*": ["codebuild:StartBuild", "codebuild:StartBuildBatch", "codebuild:UpdateProject"],
    "arn:*:cloudformation:*:*:*": [
        "cloudformation:CreateStack",
        "cloudformation:UpdateStack",
        "cloudformation:CreateChangeSet",
        "cloudformation:CreateStackSet",
        "cloudformation:UpdateStackSet",
    ],
};
