import { anyKeyArn, functionArn, rootArn, signerArn, type Scope } from "./arns";
import { document, type PolicyDocument, type Statement } from "./document";

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html */

export interface SigningKeyPolicyArgs {
    /** Name of the one role that may sign, under the path /signing/. */
    readonly signerRole: string;
    readonly algorithms: readonly string[];
    readonly messageTypes: readonly string[];
    /** Role ARN of whoever runs `pulumi up`. */
    readonly deployRole: string;
    /** Role ARNs. May change the policy and freeze or delete the key; never sign. */
    readonly keyAdmins: readonly string[];
    /** Where given, Sign works only through this endpoint. */
    readonly vpcEndpointId?: string;
}

/** Known at preview: plain partition, account and names go in, nothing of a new resource. `Resource: "*"` means this key. */
export function signingKeyPolicy(scope: Scope, args: SigningKeyPolicyArgs): PolicyDocument {
    return document(
        ...custody(scope, args),
        signer(scope, args),
        // Beats grants, and identity policies that we cannot see. An absent principal ARN counts as not equal, so services
        // are denied too.
        deny("DenySignOthers", "kms:Sign", {
            StringNotEquals: { "aws:PrincipalArn": signerArn(scope, args.signerRole) },
        }),
        args.vpcEndpointId === undefined
            ? undefined
            : deny("DenySignOutsideVpce", "kms:Sign", { StringNotEquals: { "aws:SourceVpce": args.vpcEndpointId } }),
        deny("DenyGrants", [
            "kms:CreateGrant",
            "kms:ReplicateKey",
            "kms:UpdatePrimaryRegion",
            "kms:ImportKeyMaterial",
            "kms:UpdateAlias",
        ]),
        ...denials(scope, args),
        deny("DenyCrossAccount", "kms:*", { StringNotEquals: { "aws:PrincipalAccount": scope.accountId } }),
    );
}

/** Who keeps a key, without using it: the root user, readers, admins, the deploy role. Same for every key of the stack. */
export function custody(
    scope: Scope,
    { deployRole, keyAdmins }: Pick<SigningKeyPolicyArgs, "deployRole" | "keyAdmins">,
    deployerExtras: readonly string[] = [],
): Statement[] {
    const root = rootArn(scope);
    return [
        allow(
            "RootRecovery",
            root,
            [
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:ListKeyPolicies",
                "kms:ListGrants",
                "kms:PutKeyPolicy",
                "kms:EnableKey",
                "kms:DisableKey",
                "kms:CancelKeyDeletion",
            ],
            // The root user itself. Without it, any identity policy of the account may grant these.
            { StringEquals: { "aws:PrincipalArn": root } },
        ),
        allow("ReadKey", root, [
            "kms:DescribeKey",
            "kms:GetPublicKey",
            "kms:GetKeyPolicy",
            "kms:ListKeyPolicies",
            "kms:ListGrants",
            "kms:GetKeyRotationStatus",
            "kms:ListResourceTags",
            "kms:GetKeyLastUsage",
        ]),
        allow("Admins", keyAdmins, [
            "kms:PutKeyPolicy",
            "kms:EnableKey",
            "kms:DisableKey",
            "kms:CancelKeyDeletion",
            "kms:RevokeGrant",
            "kms:ScheduleKeyDeletion",
        ]),
        // No DeleteAlias: delete and create would be an unseen move. No EnableKey: a freeze survives `up`.
        allow("Deployer", deployRole, [
            "kms:PutKeyPolicy",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateKeyDescription",
            "kms:CreateAlias",
            ...deployerExtras,
        ]),
    ];
}

/** Who may not change a key's policy, and how it may not be lost. Same for every key of the stack. */
export function denials(
    scope: Scope,
    { deployRole, keyAdmins }: Pick<SigningKeyPolicyArgs, "deployRole" | "keyAdmins">,
): Statement[] {
    return [
        deny("DenyPolicyChange", "kms:PutKeyPolicy", {
            StringNotEquals: { "aws:PrincipalArn": [...keyAdmins, deployRole, rootArn(scope)] },
        }),
        deny("DenyShortDeletion", "kms:ScheduleKeyDeletion", {
            NumericLessThan: { "kms:ScheduleKeyDeletionPendingWindowInDays": "30" },
        }),
        deny("DenyBypass", "kms:PutKeyPolicy", { Bool: { "kms:BypassPolicyLockoutSafetyCheck": "true" } }),
    ];
}

/**
 * The key policy cannot see which function a role's session came from; `lambda:SourceFunctionArn` exists in identity policies
 * only. Each document of a signer holds this Deny, so that none can be judged, or exist, without it.
 */
export function denySignElsewhere(scope: Scope, signerFunction: string): Statement {
    return {
        Sid: "DenySignElsewhere",
        Effect: "Deny",
        Action: "kms:Sign",
        Resource: "*",
        Condition: { ArnNotEquals: { "lambda:SourceFunctionArn": functionArn(scope, signerFunction) } },
    };
}

/** Identity policy of a signer role, whatever else its function may do. */
export function signerPolicy(scope: Scope, signerFunction: string): PolicyDocument {
    return document(denySignElsewhere(scope, signerFunction), {
        Sid: "ReadKey",
        Effect: "Allow",
        Action: ["kms:DescribeKey", "kms:GetPublicKey", "kms:GetKeyPolicy"],
        Resource: anyKeyArn(scope),
    });
}

function signer(scope: Scope, args: SigningKeyPolicyArgs): Statement {
    return allow("Signer", signerArn(scope, args.signerRole), "kms:Sign", {
        StringEquals: {
            "kms:SigningAlgorithm": args.algorithms,
            "kms:MessageType": args.messageTypes,
            ...(args.vpcEndpointId === undefined ? {} : { "aws:SourceVpce": args.vpcEndpointId }),
        },
    });
}

function allow(
    Sid: string,
    principal: string | readonly string[],
    Action: string | readonly string[],
    Condition?: Statement["Condition"],
): Statement {
    return {
        Sid,
        Effect: "Allow",
        Principal: { AWS: principal },
        Action,
        Resource: "*",
        ...(Condition && { Condition }),
    };
}

function deny(Sid: string, Action: string | readonly string[], Condition?: Statement["Condition"]): Statement {
    return { Sid, Effect: "Deny", Principal: "*", Action, Resource: "*", ...(Condition && { Condition }) };
}
