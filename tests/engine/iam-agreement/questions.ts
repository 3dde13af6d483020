import { type AttachedPolicy, decideExactly, type ExactAnswer, parsePolicy, type PolicyKind } from "../../../lib/iam";
import { ACCOUNT, type Member, principalOf, REGION, SESSION } from "./cast";
import type { World } from "./worlds";

export const ACTIONS = ["kms:Sign", "kms:CreateGrant", "kms:PutKeyPolicy"] as const;
export type Action = (typeof ACTIONS)[number];
export type Outcome = ExactAnswer["decision"];

export const KEY_SPEC = "ECC_NIST_P256";
export const ALGORITHM = "ECDSA_SHA_256";

/** What AWS gave names to while the world was built. */
export interface Made {
    readonly keyArn: string;
    /** `AROA...`, `AIDA...`, or the account of a root user. */
    readonly uniqueId: string;
    readonly grantee: string;
}

export type Context = Record<string, string | readonly string[]>;

/** lib/iam's answer, on a context that is complete: what is not in it is absent from the request. */
export function askOurs(world: World, action: Action, made: Made): ExactAnswer {
    const read = (text: string, kind: PolicyKind) => parsePolicy(text, kind);
    const attached = world.identity.map((text, i): AttachedPolicy => ({
        name: `own-${i}`,
        policy: read(text, "identity"),
    }));
    const everything: AttachedPolicy = { name: "root user", policy: read(ROOT_USER, "identity") };
    return decideExactly({
        caller: principalOf(world.caller, made.uniqueId),
        action,
        resource: made.keyArn,
        resourceAccount: ACCOUNT,
        resourcePolicy: read(world.keyPolicy, "key"),
        identity: world.caller.type === "root" ? [everything] : attached,
        ...(world.boundary !== undefined && { boundary: read(world.boundary, "managed") }),
        ...(world.session !== undefined && { session: read(world.session, "session") }),
        context: contextOf(world, action, made),
        requiresDelegation: true,
    });
}

/** The root user holds every permission and no document. */
const ROOT_USER = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
});

/**
 * Every key of the request that a generated document may ask for.
 *
 * IAM User Guide, "AWS global condition context keys"; KMS Developer Guide, "Condition keys for AWS KMS".
 */
export function contextOf(world: World, action: Action, made: Made): Context {
    return {
        ...principalKeys(world.caller, made.uniqueId, world.sessionTag),
        ...REQUEST,
        "aws:CurrentTime": new Date().toISOString(),
        "aws:EpochTime": String(Math.floor(Date.now() / 1000)),
        "kms:CallerAccount": world.caller.account,
        "kms:KeySpec": KEY_SPEC,
        "kms:KeyUsage": "SIGN_VERIFY",
        "kms:KeyOrigin": "AWS_KMS",
        "kms:MultiRegion": "false",
        ...(world.keyTag !== undefined && { "aws:ResourceTag/team": world.keyTag }),
        ...actionKeys(world, action, made),
    };
}

const REQUEST: Context = {
    "aws:SecureTransport": "true",
    "aws:PrincipalIsAWSService": "false",
    "aws:ViaAWSService": "false",
    "aws:SourceIp": "127.0.0.1",
    "aws:RequestedRegion": REGION,
    "aws:ResourceAccount": ACCOUNT,
};

function principalKeys(member: Member, uniqueId: string, sessionTag?: string): Context {
    const { type, arn, account, name, team } = member;
    const tag = sessionTag ?? team;
    return {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": account,
        "aws:PrincipalType": { role: "AssumedRole", user: "User", root: "Account" }[type],
        "aws:userid": type === "role" ? `${uniqueId}:${SESSION}` : uniqueId,
        ...(type === "user" && { "aws:username": name }),
        // Temporary credentials carry both; access keys neither.
        ...(type === "role" && {
            "aws:MultiFactorAuthPresent": "false",
            "aws:TokenIssueTime": new Date().toISOString(),
        }),
        ...(tag !== undefined && { "aws:PrincipalTag/team": tag }),
    };
}

function actionKeys(world: World, action: Action, { grantee }: Made): Context {
    switch (action) {
        case "kms:Sign":
            return {
                "kms:SigningAlgorithm": ALGORITHM,
                ...(world.messageType !== undefined && { "kms:MessageType": world.messageType }),
            };
        case "kms:CreateGrant":
            return {
                "kms:GrantOperations": world.grantOperations,
                "kms:GranteePrincipal": grantee,
                "kms:GrantIsForAWSResource": "false",
            };
        case "kms:PutKeyPolicy":
            return { "kms:BypassPolicyLockoutSafetyCheck": "true" };
    }
}
