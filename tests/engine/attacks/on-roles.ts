import { ACCOUNT } from "../../../local/story/settings";
import type { Attempt } from "./attempt";
import { bytes } from "./attempt";
import { arnOf, nameOf, type Targets } from "./targets";

/** T60 to T63: power over the signers' roles, and handing them to compute of the attacker's own. */

const everything = document([{ Effect: "Allow", Action: "*", Resource: "*" }]);
const managed = "arn:aws:iam::aws:policy/AdministratorAccess";

/** @param attacker ARN of the role that tries: it would also raise itself */
export function onRoles(targets: Targets, attacker: string): Attempt[] {
    const self = nameOf(attacker);
    const names = [...new Set([...targets.signers.map(({ roleName }) => roleName), self])];
    return [
        ...names.flatMap((RoleName) => roleVerbs(RoleName, attacker)),
        ...userVerbs(targets.userName),
        ...policyVerbs(targets.policyArn),
        ...providerVerbs(),
        ...targets.signers.flatMap(({ roleArn }) => assume(roleArn)),
        ...["deployer", "administrator"].flatMap((name) => assume(`arn:aws:iam::${ACCOUNT}:role/countersign-${name}`)),
        ...targets.signers.flatMap((signer) => passing(targets, signer.roleArn)),
    ];
}

function roleVerbs(RoleName: string, attacker: string): Attempt[] {
    const iam = (command: string, input: object): Attempt => ({
        action: `iam:${command}`,
        target: RoleName,
        service: "iam",
        command,
        input: { RoleName, ...input },
    });
    const trust = document([{ Effect: "Allow", Principal: { AWS: attacker }, Action: "sts:AssumeRole" }]);
    return [
        iam("UpdateAssumeRolePolicy", { PolicyDocument: trust }),
        iam("PutRolePolicy", { PolicyName: "attack", PolicyDocument: everything }),
        iam("AttachRolePolicy", { PolicyArn: managed }),
        iam("DeleteRolePolicy", { PolicyName: RoleName }),
        iam("DetachRolePolicy", { PolicyArn: managed }),
        iam("PutRolePermissionsBoundary", { PermissionsBoundary: managed }),
        iam("DeleteRolePermissionsBoundary", {}),
        iam("TagRole", { Tags: [{ Key: "attack", Value: "1" }] }),
    ];
}

function userVerbs(UserName: string): Attempt[] {
    const iam = (command: string, input: object): Attempt => ({
        action: `iam:${command}`,
        target: UserName,
        service: "iam",
        command,
        input: { UserName, ...input },
    });
    return [
        iam("PutUserPolicy", { PolicyName: "attack", PolicyDocument: everything }),
        iam("AttachUserPolicy", { PolicyArn: managed }),
        iam("CreateAccessKey", {}),
        iam("CreateLoginProfile", { Password: "correct horse battery staple 1!" }),
        iam("UpdateLoginProfile", { Password: "correct horse battery staple 1!" }),
    ];
}

function policyVerbs(PolicyArn: string): Attempt[] {
    const iam = (command: string, input: object): Attempt => ({
        action: `iam:${command}`,
        target: nameOf(PolicyArn),
        service: "iam",
        command,
        input: { PolicyArn, ...input },
    });
    return [
        iam("CreatePolicyVersion", { PolicyDocument: everything, SetAsDefault: true }),
        iam("SetDefaultPolicyVersion", { VersionId: "v1" }),
    ];
}

function providerVerbs(): Attempt[] {
    const oidc = `arn:aws:iam::${ACCOUNT}:oidc-provider/forge.example`;
    const saml = `arn:aws:iam::${ACCOUNT}:saml-provider/attack`;
    const iam = (command: string, target: string, input: object): Attempt => ({
        action: `iam:${command}`,
        target,
        service: "iam",
        command,
        input,
    });
    const SAMLMetadataDocument = `<EntityDescriptor>${"x".repeat(1000)}</EntityDescriptor>`;
    return [
        iam("CreateOpenIDConnectProvider", "oidc", {
            Url: "https://forge.example",
            ClientIDList: ["sts.amazonaws.com"],
        }),
        iam("AddClientIDToOpenIDConnectProvider", "oidc", { OpenIDConnectProviderArn: oidc, ClientID: "attack" }),
        iam("UpdateOpenIDConnectProviderThumbprint", "oidc", {
            OpenIDConnectProviderArn: oidc,
            ThumbprintList: ["0".repeat(40)],
        }),
        iam("CreateSAMLProvider", "saml", { Name: "attack", SAMLMetadataDocument }),
        iam("UpdateSAMLProvider", "saml", { SAMLProviderArn: saml, SAMLMetadataDocument }),
    ];
}

function assume(RoleArn: string): Attempt[] {
    const input = { RoleArn, RoleSessionName: "attack" };
    return [{ action: "sts:AssumeRole", target: nameOf(RoleArn), service: "sts", command: "AssumeRole", input }];
}

/** T63: each call that starts something as the role handed to it. */
function passing(targets: Targets, Role: string): Attempt[] {
    const { prefix, machineArn, uploadsRule, signers } = targets;
    const name = `${prefix}-attack`;
    const target = `passing ${nameOf(Role)}`;
    const definition = JSON.stringify({ StartAt: "end", States: { end: { Type: "Succeed" } } });
    const call = (action: string, service: string, input: object): Attempt => {
        return { action, target, service, command: action.slice(action.indexOf(":") + 1), input };
    };
    return [
        call("lambda:CreateFunction", "lambda", {
            FunctionName: name,
            Role,
            Runtime: "nodejs24.x",
            Handler: "index.handler",
            Code: { ZipFile: bytes("not run") },
        }),
        call("lambda:UpdateFunctionConfiguration", "lambda", { FunctionName: `${prefix}-publish`, Role }),
        call("states:CreateStateMachine", "states", { name, roleArn: Role, definition }),
        call("states:TestState", "states", { roleArn: Role, definition: JSON.stringify({ Type: "Pass", End: true }) }),
        call("states:UpdateStateMachine", "states", { stateMachineArn: machineArn, roleArn: Role, definition }),
        call("events:PutTargets", "events", {
            Rule: uploadsRule,
            Targets: [{ Id: "attack", Arn: arnOf.function(signers[0]!.functionName), RoleArn: Role }],
        }),
        call("iam:AddRoleToInstanceProfile", "iam", { InstanceProfileName: "attack", RoleName: nameOf(Role) }),
        call("ssm:StartAutomationExecution", "ssm", {
            DocumentName: "AWS-UpdateLinuxAmi",
            Parameters: { AutomationAssumeRole: [Role] },
        }),
        call("ssm:CreateAssociation", "ssm", {
            Name: "AWS-RunShellScript",
            Targets: [{ Key: "InstanceIds", Values: ["*"] }],
            AutomationTargetParameterName: "x",
        }),
        call("ssm:RegisterTaskWithMaintenanceWindow", "ssm", {
            WindowId: "mw-00000000000000000",
            TaskArn: "AWS-RunShellScript",
            TaskType: "RUN_COMMAND",
            ServiceRoleArn: Role,
        }),
    ];
}

function document(Statement: readonly object[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement });
}
