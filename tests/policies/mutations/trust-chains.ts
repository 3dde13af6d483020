import { ACCOUNT, type Json, type Mutant, ROOT, STRANGER, withStatement, withTrust } from "./program";

/** C: other doors into a role, and ways out of the stack into principals that no rule sees. */

const GITHUB = "token.actions.githubusercontent.com";
const providerOf = (issuer: string): string => `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}`;
const ROLE = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;

/** Each forge is configured, so that the subject alone is wrong. */
const FORGES = {
    oidcProviders: [GITHUB, "gitlab.com", "forge.example/api/actions"].map((issuer) => ({
        url: `https://${issuer}`,
        audiences: ["sts.amazonaws.com"],
    })),
    subjects: [
        {
            forge: "github",
            owner: "acme",
            ownerId: "1001",
            repo: "release",
            repoId: "2002",
            environment: "prod",
            workflow: "acme/release/.github/workflows/submit.yml@refs/tags/v1",
        },
        // A branch that is called like the ref of a request: configured, and refused.
        { forge: "gitlab", project: "acme/release", ref: "refs/heads/refs/merge-requests/1/head", protectedRef: true },
        {
            forge: "forgejo",
            instance: "forge.example",
            owner: "acme",
            ownerId: "7",
            repo: "release",
            repoId: "8",
            ref: "refs/heads/main",
            protectedRef: true,
        },
    ],
} as unknown as Mutant["settings"] & object;

const token = (issuer: string, sub: string | string[], operator = "StringEquals", more: Json = {}): Json => ({
    Principal: { Federated: providerOf(issuer) },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: { [operator]: { [`${issuer}:aud`]: "sts.amazonaws.com", [`${issuer}:sub`]: sub, ...more } },
});
const WORKFLOW = { [`${GITHUB}:job_workflow_ref`]: "acme/release/.github/workflows/submit.yml@refs/tags/v1" };

function trusts(threat: string, rule: string, variants: Record<string, Json>, role = "pipeline-prepare"): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        settings: FORGES,
        change: (program) => [withTrust(program, role, [statement])],
    }));
}

const requests = trusts("T43", "iam-oidc-conditions", {
    "pull requests on GitHub": token(GITHUB, "repo:acme@1001/release@2002:pull_request", "StringEquals", WORKFLOW),
    "pull requests on GitHub, by name": token(GITHUB, "repo:acme/release:pull_request", "StringEquals", WORKFLOW),
    "pull requests beside an environment": token(
        GITHUB,
        ["repo:acme@1001/release@2002:environment:prod", "repo:acme@1001/release@2002:pull_request"],
        "StringEquals",
        WORKFLOW,
    ),
    "pull requests by a pattern": token(GITHUB, "repo:acme@1001/release@2002:pull_*", "StringLike", WORKFLOW),
    "a pull request's ref": token(
        GITHUB,
        "repo:acme@1001/release@2002:ref:refs/pull/1/merge",
        "StringEquals",
        WORKFLOW,
    ),
    "pull requests on Forgejo": token("forge.example/api/actions", "repo:acme-7/release-8:pull_request"),
    "merge requests on GitLab, configured as a branch": token(
        "gitlab.com",
        "project_path:acme/release:ref_type:branch:ref:refs/merge-requests/1/head",
    ),
    "forks on GitLab": token("gitlab.com", "project_path:*/release:ref_type:branch:ref:main", "StringLike"),
});

const saml = (Condition: Json, provider = `arn:aws:iam::${ACCOUNT}:saml-provider/idp`): Json => ({
    Principal: { Federated: provider },
    Action: "sts:AssumeRoleWithSAML",
    Condition,
});
const EKS = "oidc.eks.eu-west-1.amazonaws.com/id/ABC";
const COGNITO = "cognito-identity.amazonaws.com";
const SOURCE = { StringEquals: { "aws:SourceAccount": ACCOUNT } };

const issuers: Record<string, Json> = {
    SAML: saml({ StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } }),
    "SAML without condition": saml(undefined),
    "a permission set's SAML": saml(
        { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
        `arn:aws:iam::${ACCOUNT}:saml-provider/AWSSSO_1234_DO_NOT_DELETE`,
    ),
    "Cognito, for one pool": {
        Principal: { Federated: COGNITO },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: {
            StringEquals: { [`${COGNITO}:aud`]: "x" },
            "ForAnyValue:StringLike": { [`${COGNITO}:amr`]: "authenticated" },
        },
    },
    "Cognito, for everyone": { Principal: { Federated: COGNITO }, Action: "sts:AssumeRoleWithWebIdentity" },
    "Google accounts": {
        Principal: { Federated: "accounts.google.com" },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: { StringEquals: { "accounts.google.com:aud": "x" } },
    },
    "any service account of a cluster": token(EKS, "system:serviceaccount:*:*", "StringLike"),
    "one service account of a cluster": token(EKS, "system:serviceaccount:release:submit"),
};

const services: Record<string, Json> = {
    "Pod Identity": {
        Principal: { Service: "pods.eks.amazonaws.com" },
        Action: ["sts:AssumeRole", "sts:TagSession"],
        Condition: SOURCE,
    },
    "Pod Identity without tags": { Principal: { Service: "pods.eks.amazonaws.com" }, Condition: SOURCE },
    "Roles Anywhere": {
        Principal: { Service: "rolesanywhere.amazonaws.com" },
        Condition: { ArnEquals: { "aws:SourceArn": `arn:aws:rolesanywhere:eu-west-1:${ACCOUNT}:trust-anchor/1` } },
    },
    "an IoT role alias": { Principal: { Service: "credentials.iot.amazonaws.com" }, Condition: SOURCE },
    "a service that is not judged": { Principal: { Service: "codebuild.amazonaws.com" }, Condition: SOURCE },
};

const strangers: Record<string, Json> = {
    "the account": { Principal: { AWS: ROOT } },
    "the account's number": { Principal: { AWS: ACCOUNT } },
    "a role that nobody declares": { Principal: { AWS: STRANGER } },
    "a permission set's role": {
        Principal: { AWS: ROLE("aws-reserved/sso.amazonaws.com/AWSReservedSSO_Admin_0123456789abcdef") },
    },
    "a user": { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/u` } },
    "a session": { Principal: { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/stranger/s` } },
    "a unique id": { Principal: { AWS: "AROAEXAMPLEEXAMPLE123" } },
    "the account, with MFA": {
        Principal: { AWS: ROOT },
        Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } },
    },
};

function grants(threat: string, variants: Record<string, Json>, rule = "iam-no-chains"): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name: `a role that ${name}`,
        change: (program) => [withStatement(program, statement)],
    }));
}

const assume = (Resource: Json, Action: Json = "sts:AssumeRole"): Json => ({ Action, Resource });
const ADMIN = ROLE("Admin");

const chains: readonly Mutant[] = [
    ...grants("T62", {
        "assumes an administrator": assume(ADMIN),
        "assumes any role": assume("*"),
        "assumes roles by a pattern": assume(ROLE("countersign-local-*")),
        "assumes any role of the account": assume(`arn:aws:iam::${ACCOUNT}:*`),
        "assumes a role of another account": assume("arn:aws:iam::444455556666:role/Admin"),
        "assumes all roles but one": { Action: "sts:AssumeRole", NotResource: ADMIN },
        "assumes by a variable": assume("arn:aws:iam::${aws:PrincipalAccount}:role/Admin"),
        "assumes by a pattern of actions": assume(ADMIN, ["s3:GetObject", "STS:assume*"]),
        "assumes by sts:*": assume(ADMIN, "sts:*"),
        "assumes one of two": assume([ROLE("countersign-local-verify"), ADMIN]),
        "assumes with MFA": { ...assume(ADMIN), Condition: { Bool: { "aws:MultiFactorAuthPresent": "true" } } },
        "assumes the signer": assume(ROLE("signing/countersign-local-modules-v1-signer")),
        "assumes with a token": assume(ADMIN, "sts:AssumeRoleWithWebIdentity"),
        "assumes with SAML": assume(ADMIN, "sts:AssumeRoleWithSAML"),
        "becomes the root user": assume("*", "sts:AssumeRoot"),
        "becomes the root user of another account": assume("arn:aws:iam::444455556666:root", "sts:AssumeRoot"),
    }),
    ...grants("T60", {
        "makes roles": { Action: ["iam:CreateRole", "iam:AttachRolePolicy"], Resource: ROLE("helper-*") },
        "gives rights to a role": { Action: "iam:PutRolePolicy", Resource: ROLE("helper") },
        "changes an administrator's trust": { Action: "iam:UpdateAssumeRole*", Resource: ADMIN },
        "makes an administrator's keys": {
            Action: "iam:CreateAccessKey",
            Resource: `arn:aws:iam::${ACCOUNT}:user/admin`,
        },
        "sets passwords": { Action: ["iam:CreateLoginProfile", "iam:UpdateLoginProfile"], Resource: "*" },
        "joins groups": { Action: "iam:AddUserToGroup", Resource: "*" },
        "rewrites managed policies": {
            Action: "iam:CreatePolicyVersion",
            Resource: `arn:aws:iam::${ACCOUNT}:policy/*`,
        },
        "assigns permission sets": { Action: "sso:*", Resource: "*" },
        "makes issuers": { Action: "iam:CreateOpenIDConnectProvider", Resource: "*" },
        "adds audiences": { Action: "iam:AddClientID*", Resource: providerOf(GITHUB) },
        "replaces an issuer's certificate": {
            Action: "iam:UpdateSAMLProvider",
            Resource: `arn:aws:iam::${ACCOUNT}:saml-provider/idp`,
        },
        "anchors a certificate authority": {
            Action: "rolesanywhere:*",
            Resource: `arn:aws:rolesanywhere:eu-west-1:${ACCOUNT}:trust-anchor/*`,
        },
        "joins a directory's groups": { Action: "identitystore:Create*", Resource: "*" },
        "administers the directory": { Action: "sso-directory:*", Resource: "*" },
        "administers a cluster": { Action: "eks:CreateAccessEntry", Resource: "*" },
        "takes boundaries away": { Action: "iam:DeleteRolePermissionsBoundary", Resource: "*" },
    }),
    ...grants("T64", {
        "changes the code of another stack's function": {
            Action: "lambda:UpdateFunctionCode",
            Resource: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:admin`,
        },
        "changes the layers of functions by a pattern": {
            Action: "lambda:UpdateFunctionConfiguration",
            Resource: `arn:aws:lambda:*:*:function:admin-*`,
        },
        "changes the code of all functions but some": {
            Action: "lambda:Update*",
            NotResource: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:countersign-local-*`,
        },
        "changes another stack's machine": {
            Action: "states:UpdateStateMachine",
            Resource: `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:admin`,
        },
        "deploys to machines": { Action: "codedeploy:CreateDeployment", Resource: "*" },
    }),
    ...grants(
        "T67",
        {
            "invokes the latest version of any function": {
                Action: "lambda:InvokeFunction",
                Resource: `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:*:$LATEST`,
            },
            "invokes any version of any function": {
                Action: "lambda:InvokeFunction",
                Resource: `arn:aws:lambda:*:*:function:*:*`,
            },
        },
        "iam-signer-takeover",
    ),
    ...grants(
        "T63",
        {
            "hands an administrator to Lambda": {
                Action: "iam:PassRole",
                Resource: ADMIN,
                Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
            },
            "hands a role of its own and another": {
                Action: "iam:PassRole",
                Resource: [ROLE("countersign-local-verify"), ADMIN],
                Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
            },
        },
        "iam-passrole-scoped",
    ),
];

const prefixed = (prefix: string, variants: Record<string, Json>): Record<string, Json> =>
    Object.fromEntries(Object.entries(variants).map(([name, statement]) => [`${prefix} ${name}`, statement]));

export const chainMutants: readonly Mutant[] = [
    ...requests,
    ...trusts("T49", "iam-oidc-conditions", issuers),
    ...trusts("T49", "iam-trust-no-wildcard", prefixed("a submitter by", services)),
    ...trusts(
        "T49",
        "iam-signer-trust-exact",
        prefixed("the signer by", { ...issuers, ...services }),
        "modules-v1-signer",
    ),
    ...trusts("T51", "iam-trust-no-wildcard", prefixed("a role that trusts", strangers)),
    ...chains,
];
