import {
    ACCOUNT,
    added,
    type Json,
    type Mutant,
    SIGN_FUNCTION,
    SIGN_FUNCTION_ARN,
    withTrust,
} from "../mutations/program";
import {
    on,
    roleArn,
    functionArn,
    holds,
    news,
    spoils,
    TAKEOVER,
    PREPARE,
    INVOKER,
    source,
    machineOf,
    MACHINE,
} from "./helpers";

/** Roads to a signature over roles, events and names that are each allowed for themselves. */

/** Who becomes a writer of control tables, or who may call signers, does what these do. */
export const steppingStones: readonly Mutant[] = [
    ...holds("T68", TAKEOVER, {
        "the code of a writer of requests": on("lambda:UpdateFunctionCode", functionArn(PREPARE)),
        "layers for a writer of requests": on(
            "lambda:UpdateFunctionConfiguration",
            functionArn("countersign-local-recheck"),
        ),
        "a writer's role, assumed": on("sts:AssumeRole", roleArn(PREPARE)),
        "a writer's role, passed to a new function": on(["iam:PassRole", "lambda:CreateFunction"], "*", undefined),
        "another trust for a writer": on("iam:UpdateAssumeRolePolicy", roleArn(PREPARE)),
    }),
    ...holds("T64", TAKEOVER, {
        "another definition of the machine that calls signers": on(
            "states:UpdateStateMachine",
            `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:${INVOKER}`,
        ),
        "another definition of every machine": on("states:Update*", `arn:aws:states:*:${ACCOUNT}:stateMachine:*`),
        "another trust for the role that calls signers": on("iam:UpdateAssumeRolePolicy", roleArn(INVOKER)),
        "a state tried out as the role that calls signers": {
            Action: ["iam:PassRole", "states:TestState"],
            Resource: [roleArn(INVOKER), "*"],
        },
    }),
    ...holds("T60", "iam-no-chains", {
        "policies of a writer": on("iam:PutRolePolicy", roleArn(PREPARE)),
        "rights for another role, which then have its rights": on(
            "iam:PutRolePolicy",
            roleArn("countersign-local-publish"),
        ),
        "a managed policy for every role of a path": on("iam:AttachRolePolicy", roleArn("team/*")),
        "a new version of any customer policy": on("iam:CreatePolicyVersion", `arn:aws:iam::${ACCOUNT}:policy/*`),
        "an old version of one customer policy": on(
            "iam:SetDefaultPolicyVersion",
            `arn:aws:iam::${ACCOUNT}:policy/team`,
        ),
        "an access key of somebody": on("iam:CreateAccessKey", `arn:aws:iam::${ACCOUNT}:user/*`),
        "a console password of somebody": on("iam:UpdateLoginProfile", `arn:aws:iam::${ACCOUNT}:user/admin`),
        "rights for a group": on("iam:PutGroupPolicy", `arn:aws:iam::${ACCOUNT}:group/*`),
        "a managed policy for a group": on("iam:AttachGroupPolicy", `arn:aws:iam::${ACCOUNT}:group/admins`),
        "membership in a group": on("iam:AddUserToGroup", `arn:aws:iam::${ACCOUNT}:group/admins`),
        "the end of a boundary": on("iam:DeleteRolePermissionsBoundary", roleArn("*")),
        "another boundary for a user": on("iam:PutUserPermissionsBoundary", `arn:aws:iam::${ACCOUNT}:user/*`),
        "another trust for any role of a path": on("iam:UpdateAssumeRolePolicy", roleArn("team/*")),
    }),
    ...holds("T68", "control-tables", {
        "items that expire": on(
            "dynamodb:UpdateTimeToLive",
            `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-attempts`,
        ),
        "a table made global": on(
            "dynamodb:UpdateTable",
            `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-local-requests`,
        ),
        "a replica of a table": on(
            "dynamodb:CreateTableReplica",
            `arn:aws:dynamodb:*:${ACCOUNT}:table/countersign-local-requests`,
        ),
        "a table of another region, once it is global": on("dynamodb:CreateGlobalTable", "*"),
    }),
    ...holds("T66", TAKEOVER, {
        "another alias for any key": on("kms:CreateAlias", "*"),
    }),
    ...holds("T64", "iam-no-chains", {
        "a shell on any instance": on("ssm:SendCommand", "*"),
        "a session on any instance": on("ssm:StartSession", `arn:aws:ec2:eu-west-1:${ACCOUNT}:instance/*`),
        "a build with another script": on("codebuild:StartBuild", "*"),
        "a shell in any task": on("ecs:ExecuteCommand", "*"),
        "an automation with its own role": on("ssm:StartAutomationExecution", "*"),
        "a stack, with whatever role it has": on("cloudformation:UpdateStack", "*"),
        "a change set of any stack": on(["cloudformation:CreateChangeSet", "cloudformation:ExecuteChangeSet"], "*"),
    }),
];

/** Trust in those who may write control tables or call signers. */
export const trustedStones: readonly Mutant[] = (
    [
        ["pipeline-prepare", "another role", { Principal: { AWS: roleArn("countersign-submitter") } }],
        ["pipeline-machine", "another role", { Principal: { AWS: roleArn("countersign-submitter") } }],
        ["pipeline-machine", "the account", { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } }],
        ["pipeline-recheck", "machines", { Principal: { Service: "states.amazonaws.com" }, Condition: source }],
        ["pipeline-recheck", "instances", { Principal: { Service: "ec2.amazonaws.com" } }],
        ["pipeline-recheck", "automations", { Principal: { Service: "ssm.amazonaws.com" }, Condition: source }],
        ["log-intake", "stacks", { Principal: { Service: "cloudformation.amazonaws.com" }, Condition: source }],
    ] as [string, string, Json][]
).map(([role, name, statement]) => ({
    threat: "T51",
    rule: TAKEOVER,
    name: `${role} trusts ${name}`,
    change: (program) => [withTrust(program, role, [statement])],
}));

/** Roles that the settings exempt, made by the program: whoever they trust then is exempt. */
export const exemptRoles: readonly Mutant[] = (
    [
        ["countersign-administrator", "aws:iam/role:Role", "the administrator of keys"],
        ["countersign-deployer", "aws:iam/role:Role", "the deploy role"],
        ["COUNTERSIGN-Administrator", "aws:iam/role:Role", "the administrator of keys, in another case"],
    ] as [string, string, string][]
).map(([role, type, name]) => ({
    threat: "T51",
    rule: TAKEOVER,
    name: `${name}, declared by the program`,
    change: (program) => [
        added(program, type, "mutant", {
            name: role,
            tags: { owner: "x", "data-class": "x" },
            assumeRolePolicy: JSON.stringify({
                Version: "2012-10-17",
                Statement: [
                    { Effect: "Allow", Principal: { AWS: roleArn("countersign-submitter") }, Action: "sts:AssumeRole" },
                ],
            }),
        }),
    ],
}));

const hidden = (first: string, last: string): string =>
    `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${first}","Resource":"${last}","End":true}}}`;

export const machines: readonly Mutant[] = [
    ...news("T63", "sfn-no-kms-sdk", MACHINE, {
        "a machine that writes requests by an integration": machineOf("arn:aws:states:::dynamodb:putItem", PREPARE),
        "a machine that changes attempts by an integration": machineOf(
            "arn:aws:states:::dynamodb:updateItem",
            "countersign-local-recheck",
        ),
        "a machine that starts a task as an outside role": machineOf(
            "arn:aws:states:::ecs:runTask",
            "countersign-local-uploads-rule",
        ),
        "a machine that starts a build": machineOf(
            "arn:aws:states:::codebuild:startBuild",
            "countersign-local-uploads-rule",
        ),
        "a machine that submits a job": machineOf(
            "arn:aws:states:::batch:submitJob.sync",
            "countersign-local-uploads-rule",
        ),
        "a machine that runs a Glue job": machineOf(
            "arn:aws:states:::glue:startJobRun",
            "countersign-local-uploads-rule",
        ),
        "a machine that trains a model as a role": machineOf(
            "arn:aws:states:::sagemaker:createTrainingJob",
            "countersign-local-uploads-rule",
        ),
        "a machine that runs shell commands": machineOf(
            "arn:aws:states:::aws-sdk:ssm:sendCommand",
            "countersign-local-uploads-rule",
        ),
        "a machine that makes stacks": machineOf(
            "arn:aws:states:::aws-sdk:cloudformation:createStack",
            "countersign-local-uploads-rule",
        ),
        "a machine that makes schedules": machineOf(
            "arn:aws:states:::aws-sdk:scheduler:createSchedule",
            "countersign-local-uploads-rule",
        ),
        "a machine that makes machines": machineOf(
            "arn:aws:states:::aws-sdk:sfn:updateStateMachine",
            "countersign-local-uploads-rule",
        ),
        "a machine that calls an HTTP endpoint": machineOf(
            "arn:aws:states:::http:invoke",
            "countersign-local-uploads-rule",
        ),
        "Sign, before a duplicate that parsers keep": {
            ...machineOf("", "countersign-local-uploads-rule"),
            definition: hidden("arn:aws:states:::aws-sd\\u006b:kms:sign", "arn:aws:states:::lambda:invoke"),
        },
        "Sign, behind a megabyte": {
            ...machineOf("", "countersign-local-uploads-rule"),
            definition: JSON.stringify({
                Comment: "x".repeat(1_000_000),
                StartAt: "A",
                States: { A: { Type: "Task", Resource: "SDK", End: true } },
            }).replace("SDK", "arn:aws:states:::aws-sd\\u006b:kms:sign"),
        },
        "a role for Credentials, before a duplicate that parsers keep": {
            ...machineOf("", "countersign-local-uploads-rule"),
            definition: `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Credentials":{"RoleArn.$":"$.role"},"Credentials":{},"End":true}}}`,
        },
        "a function by path, in a distributed map": machineOf(
            "arn:aws:states:::s3:getObject",
            "countersign-local-uploads-rule",
            {
                Type: "Map",
                ItemProcessor: {
                    ProcessorConfig: { Mode: "DISTRIBUTED" },
                    StartAt: "B",
                    States: { B: { Type: "Task", Resource: "arn:aws:states:::aws-sdk:lambda:invoke", End: true } },
                },
            },
        ),
    }),
    ...news("T67", "signer-referrers-allowlist", MACHINE, {
        "the signer's name, before a duplicate that parsers keep": {
            ...machineOf("", "countersign-local-uploads-rule"),
            definition: hidden(
                SIGN_FUNCTION_ARN.replace("sign", "s\\u0069gn").replace("countersign-local", "\\u0063ountersign-local"),
                "arn:aws:states:::lambda:invoke",
            ),
        },
        "the signer's name, behind a megabyte": {
            ...machineOf("", "countersign-local-uploads-rule"),
            definition: JSON.stringify({
                Comment: "x".repeat(1_000_000),
                StartAt: "A",
                States: { A: { Type: "Task", Resource: "FN", End: true } },
            }).replace("FN", SIGN_FUNCTION_ARN.replace("modules", "m\\u006fdules")),
        },
        "the role that calls signers, under a machine of the same name elsewhere": machineOf(
            "arn:aws:states:::lambda:invoke",
            INVOKER,
        ),
    }),
];

/** What the settings list, turned to something else. */
export const turned: readonly Mutant[] = [
    ...spoils("T67", "signer-referrers-allowlist", "Permission", "log-minute", {
        "the minute's permission, on another signer": { function: SIGN_FUNCTION },
        "the minute's permission, for a bucket": {
            function: SIGN_FUNCTION,
            principal: "s3.amazonaws.com",
            sourceArn: "arn:aws:s3:::b",
        },
    }),
    ...spoils("T67", "signer-referrers-allowlist", "EventTarget", "log-minute", {
        "the minute's rule, calling another signer": { arn: SIGN_FUNCTION_ARN, input: '{"requestId":"x"}' },
    }),
    ...spoils("T67", "signer-referrers-allowlist", "EventSourceMapping", "log-intake", {
        "the log's stream, calling another signer": { functionName: SIGN_FUNCTION },
    }),
    {
        threat: "T67",
        rule: "signer-referrers-allowlist",
        name: "a second resource of a listed type and name, under another parent",
        level: "stack",
        change: (program) => [
            added(
                program,
                "aws:lambda/permission:Permission",
                "log-minute",
                { ...program.get("Permission", "log-minute").properties },
                {
                    urn: "urn:pulumi:local::countersign::countersign:index:Evil$aws:lambda/permission:Permission::log-minute",
                },
            ),
        ],
    },
    {
        threat: "T67",
        rule: "signer-referrers-allowlist",
        name: "a second machine of the listed type and name, under another parent",
        level: "stack",
        change: (program) => [
            added(
                program,
                MACHINE,
                "pipeline-machine",
                { ...program.get("StateMachine", "pipeline-machine").properties, name: "other" },
                {
                    urn: "urn:pulumi:local::countersign::countersign:index:Evil$aws:sfn/stateMachine:StateMachine::pipeline-machine",
                },
            ),
        ],
    },
    {
        threat: "T33",
        rule: "kms-sign-exclusive",
        name: "a second key of a listed name, under another parent",
        level: "stack",
        change: (program) => [
            added(
                program,
                "aws:kms/key:Key",
                "modules-v1",
                { ...program.get("Key", "modules-v1").properties },
                {
                    protect: true,
                    urn: "urn:pulumi:local::countersign::countersign:index:Evil$aws:kms/key:Key::modules-v1",
                },
            ),
        ],
    },
];
