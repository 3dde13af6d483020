import { each, on, takes } from "./build";
import { ACCOUNT, changed, type Json, type Mutant, redocumented, SIGN_FUNCTION_ARN, SIGNER } from "./program";

/** D: statements by which a role takes over the signer, its function or its key. */

const pass = (start: string): Json => on(["iam:PassRole", start]);

export const takeoverMutants: readonly Mutant[] = [
    ...takes("T60", {
        "another trust for the signer": on("iam:UpdateAssumeRolePolicy", SIGNER),
        "a policy for whatever is under /signing/": on("iam:PutRolePolicy", `arn:aws:iam::${ACCOUNT}:role/signing/*`),
        "managed policies for every role": on("iam:AttachRolePolicy"),
        "iam:*Role*": on("iam:*Role*", `arn:aws:iam::${ACCOUNT}:role/*`),
        "deleting and making roles": on(["iam:DeleteRole", "iam:CreateRole"]),
    }),
    ...takes("T60", { "tags of the signer": on("iam:TagRole", SIGNER) }),
    ...takes("T62", {
        "the signer itself": on("sts:AssumeRole", SIGNER),
        "the root user": on("sts:AssumeRoot"),
        "any role": on("sts:Assume*"),
    }).map((mutant) =>
        // The signer trusts Lambda alone, so AssumeRole leads nowhere until it trusts the account.
        mutant.name === "the root user" || mutant.name === "any role"
            ? mutant
            : {
                  ...mutant,
                  name: "the signer, which trusts the account",
                  rule: "iam-signer-trust-exact",
                  level: "resource" as const,
                  change: trustsAccount,
              },
    ),
    ...takes("T63", {
        "PassRole and CreateFunction": pass("lambda:CreateFunction"),
        "PassRole and UpdateFunctionConfiguration": pass("lambda:UpdateFunctionConfiguration"),
        "PassRole to Lambda by name": on(["iam:PassRole", "lambda:CreateFunction"], "*"),
    }),
    ...takes(
        "T63",
        {
            "PassRole on *": on("iam:PassRole"),
            "PassRole without a service": on("iam:PassRole", `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`),
            "PassRole by pattern": on("iam:Pass*", `arn:aws:iam::${ACCOUNT}:role/*`, {
                StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" },
            }),
        },
        "iam-passrole-scoped",
    ),
    ...takes("T64", {
        "the signer's code": on("lambda:UpdateFunctionCode", SIGN_FUNCTION_ARN),
        "every function's configuration": on("lambda:Update*"),
        "the code of whatever this stack calls": on(
            "lambda:UpdateFunctionCode",
            `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:countersign-local-*`,
        ),
    }),
    ...takes("T66", {
        UpdateAlias: on("kms:UpdateAlias"),
        ReplicateKey: on("kms:ReplicateKey", `arn:aws:kms:eu-west-1:${ACCOUNT}:key/*`),
        ImportKeyMaterial: on("kms:Import*"),
        EnableKey: on("kms:EnableKey"),
    }),
    ...takes(
        "T66",
        { PutKeyPolicy: on("kms:PutKeyPolicy"), CreateGrant: on("kms:CreateG*") },
        "iam-sign-identity-docs",
    ),
    ...takes("T67", {
        "an invoke of the signer": on("lambda:InvokeFunction", SIGN_FUNCTION_ARN),
        "an invoke of everything": on("lambda:Invoke*"),
        "a permission on it": on("lambda:AddPermission", `${SIGN_FUNCTION_ARN}*`),
        "a URL for it": on("lambda:CreateFunctionUrlConfig"),
        "a mapping to it": on("lambda:CreateEventSourceMapping"),
    }),
    ...takes("T61", {
        "another audience for the issuer": on("iam:AddClientIDToOpenIDConnectProvider"),
        "another issuer": on("iam:CreateOpenIDConnectProvider"),
    }).map((mutant) => ({
        ...mutant,
        level: "stack" as const,
        settings: { directMode: true },
        change: directMode(mutant),
    })),
    ...each("T01", "iam-admin-star", {
        "a whole service on everything": (program) => [
            redocumented(program.get("RolePolicy", "pipeline-verify"), "policy", (document) => ({
                ...document,
                Statement: [...document.Statement, { Effect: "Allow", Action: "sqs:*", Resource: "*" }],
            })),
        ],
        "a whole service on every one of its ARNs": (program) => [
            redocumented(program.get("RolePolicy", "pipeline-verify"), "policy", (document) => ({
                ...document,
                Statement: [...document.Statement, { Effect: "Allow", Action: "sqs:**", Resource: "arn:aws:sqs:*" }],
            })),
        ],
    }),
];

function trustsAccount(program: Parameters<Mutant["change"]>[0]) {
    const document = {
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "sts:AssumeRole" }],
    };
    return [changed(program.get("Role", "modules-v1-signer"), { assumeRolePolicy: JSON.stringify(document) })];
}

/** Only a signer that a token's holder becomes is reached through its issuer. */
function directMode(mutant: Mutant): Mutant["change"] {
    return (program) => {
        const statement = {
            Effect: "Allow",
            Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com` },
            Action: "sts:AssumeRoleWithWebIdentity",
        };
        const assumeRolePolicy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
        return [...mutant.change(program), changed(program.get("Role", "modules-v1-signer"), { assumeRolePolicy })];
    };
}
