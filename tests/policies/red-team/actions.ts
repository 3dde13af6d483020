import { added, type Mutant, withStatement } from "../mutations/program";

/** Actions of identity documents that no list of the dangerous ones had, by what they do. Each alone, on everything. */

const RULE = "iam-known-actions";

function each(threat: string, kind: string, actions: string): Mutant[] {
    return actions
        .trim()
        .split(/\s+/)
        .map((action) => ({
            threat,
            rule: RULE,
            name: `${kind}: ${action}`,
            change: (program) => [withStatement(program, { Action: action, Resource: "*" }, "pipeline-verify")],
        }));
}

/** Policies of AWS's own with such actions, of which the table of capabilities has none. */
const attached: readonly Mutant[] = [
    "service-role/AWSBatchServiceEventTargetRole",
    "service-role/AmazonSageMakerServiceCatalogProductsEventsServiceRolePolicy",
    "AmazonRedshiftDataFullAccess",
    "AmazonEKSWorkerNodePolicy",
    "AmazonInspector2FullAccess",
    "AWSGlueSchemaRegistryFullAccess",
    "service-role/SageMakerStudioBedrockChatAgentUserRolePolicy",
    "AWSAccountManagementFullAccess",
].map((name) => ({
    threat: "T10",
    rule: "iam-managed-policy-denylist",
    name: `actions that nobody looked at, of ${name}`,
    change: (program) => [
        added(program, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "mutant", {
            role: "countersign-local-verify",
            policyArn: `arn:aws:iam::aws:policy/${name}`,
        }),
    ],
}));

export const actions: readonly Mutant[] = [
    ...attached,
    ...each(
        "T60",
        "another principal's credentials, or rights",
        `iam:UpdateAccessKey iam:UploadSSHPublicKey iam:UploadSigningCertificate iam:CreateServiceSpecificCredential
        iam:ResetServiceSpecificCredential iam:DetachUserPolicy iam:DeleteGroupPolicy iam:RemoveUserFromGroup iam:DeletePolicyVersion
        iam:DeactivateMFADevice iam:EnableMFADevice iam:TagRole iam:TagUser iam:UpdateRole iam:DeleteRole iam:AcceptDelegationRequest
        iam:SendDelegationToken iam:EnableOrganizationsRootSessions iam:SetSecurityTokenServicePreferences iam:CreateServiceLinkedRole
        sts:GetFederationToken sts:SetContext sts:GetDelegatedAccessToken`,
    ),
    ...each(
        "T62",
        "the root user, or the organisation's rules",
        `account:StartPrimaryEmailUpdate account:AcceptPrimaryEmailUpdate organizations:MoveAccount organizations:DetachPolicy
        organizations:RegisterDelegatedAdministrator organizations:EnableAWSServiceAccess`,
    ),
    ...each(
        "T49",
        "a directory's people",
        `sso:ProvisionPermissionSet sso:CreateTrustedTokenIssuer sso:GetRoleCredentials identitystore:CreateUser identitystore:UpdateUser
        sso-directory:CreateUser cognito-identity:SetIdentityPoolRoles cognito-idp:AdminSetUserPassword sso-oauth:CreateTokenWithIAM
        rolesanywhere:EnableTrustAnchor rolesanywhere:UpdateProfile acm-pca:IssueCertificate iot:AssumeRoleWithCertificate
        eks-auth:AssumeRoleForPodIdentity eks:AssociateIdentityProviderConfig lakeformation:GetTemporaryGlueTableCredentials
        datazone:GetEnvironmentCredentials redshift:GetClusterCredentials lightsail:GetInstanceAccessDetails ssm:GetAccessToken`,
    ),
    ...each(
        "T63",
        "something that runs as a role",
        `lambda:CreateFunction states:CreateStateMachine states:TestState ec2:RunInstances ecs:RunTask ecs:RegisterTaskDefinition
        scheduler:CreateSchedule pipes:UpdatePipe events:PutTargets iot:CreateTopicRule apigateway:PATCH appsync:UpdateResolver
        s3:CreateJob backup:StartRestoreJob transfer:UpdateConnector datasync:UpdateTask budgets:CreateBudgetAction
        config:PutRemediationConfigurations imagebuilder:UpdateImagePipeline codepipeline:UpdatePipeline`,
    ),
    ...each(
        "T64",
        "commands to what runs as a role already",
        `ec2:ModifyInstanceAttribute ec2:CreateReplaceRootVolumeTask ec2:AttachVolume ec2:CreateLaunchTemplateVersion ebs:PutSnapshotBlock
        autoscaling:UpdateAutoScalingGroup ssm:UpdateAssociation ssm:UpdateDocumentDefaultVersion ssm:UpdateMaintenanceWindowTask
        ssm:UpdateManagedInstanceRole ssm-guiconnect:StartConnection batch:SubmitJob ecs:UpdateService
        elasticmapreduce:AddJobFlowSteps elasticmapreduce:GetClusterSessionCredentials emr-serverless:StartJobRun glue:StartJobRun
        glue:UpdateDevEndpoint glue:RunStatement sagemaker:CreatePresignedNotebookInstanceUrl
        sagemaker:UpdateNotebookInstanceLifecycleConfig codebuild:StartSandbox codebuild:UpdateWebhook codecommit:GitPush
        codepipeline:PutActionRevision codedeploy:UpdateDeploymentGroup cloudformation:ExecuteChangeSet
        cloudformation:UpdateStackInstances cloudformation:SetTypeDefaultVersion servicecatalog:ProvisionProduct
        serverlessrepo:CreateCloudFormationChangeSet elasticbeanstalk:UpdateEnvironment amplify:UpdateApp apprunner:StartDeployment
        cloud9:CreateEnvironmentMembership airflow:CreateCliToken airflow:CreateWebLoginToken airflow:InvokeRestApi
        rds-data:ExecuteStatement redshift-data:ExecuteStatement athena:StartQueryExecution config:StartRemediationExecution
        budgets:ExecuteBudgetAction fis:StartExperiment synthetics:UpdateCanary bedrock-agentcore:InvokeCodeInterpreter
        bedrock:UpdateAgentActionGroup kinesisanalytics:UpdateApplication kafkaconnect:UpdateConnector greengrass:CreateDeployment
        transfer:ImportSshPublicKey datapipeline:PutPipelineDefinition eks:MutateViaKubernetesApi states:UpdateStateMachineAlias
        chatbot:UpdateSlackChannelConfiguration omics:StartRun q:SendMessage`,
    ),
    ...each(
        "T65",
        "what others are made of, or read",
        `lambda:PublishLayerVersion lambda:PutRuntimeManagementConfig lambda:UpdateCodeSigningConfig ssm:PutParameter
        secretsmanager:PutResourcePolicy ecr:SetRepositoryPolicy ecr:UpdatePullThroughCacheRule s3:PutBucketPolicy
        s3:PutBucketNotification s3:PutReplicationConfiguration s3:PutBucketLogging s3:PutInventoryConfiguration
        s3:PutAccessPointPolicy s3:BypassGovernanceRetention codeartifact:PublishPackageVersion route53:ChangeResourceRecordSets
        ram:CreateResourceShare ec2:ModifySnapshotAttribute cloudfront:UpdateFunction`,
    ),
    ...each(
        "T68",
        "tables, by way round their items",
        `dynamodb:EnableKinesisStreamingDestination dynamodb:DeleteTableReplica dynamodb:CreateMultiRegionTable
        dynamodb:UpdateContinuousBackups dynamodb:TagResource`,
    ),
    ...each(
        "T28",
        "the trail and its alarms",
        `cloudtrail:StopLogging cloudtrail:PutEventSelectors cloudwatch:DeleteAlarms cloudwatch:DisableAlarmActions events:DisableRule
        logs:DeleteLogGroup logs:PutSubscriptionFilter sqs:SetQueueAttributes sns:Subscribe sns:Unsubscribe`,
    ),
    ...each(
        "T64",
        "a service, or a verb, that nobody knows",
        "novelty:StartShell s3:NoveltyFromHere airflow:* *:Create* s3:*t*",
    ),
];
