import { ACCOUNT, added, changed, type Json, type Mutant, STRANGER, SIGNER, UNKNOWN, withTrust } from "./program";

/** C: becoming the signer, or a submitter. */

export const GITHUB = "token.actions.githubusercontent.com";
const PROVIDER = `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}`;

/** What the settings of these mutants say of CI. */
export const CI = {
    oidcProviders: [{ url: `https://${GITHUB}`, audiences: ["sts.amazonaws.com"] }],
    subjects: [
        {
            forge: "github",
            owner: "acme",
            ownerId: "1001",
            repo: "release",
            repoId: "2002",
            ref: "refs/heads/main",
            protectedRef: true,
            workflow: "acme/release/.github/workflows/submit.yml@refs/tags/v1",
        },
    ],
} as const;

export const SUBJECT = "repo:acme@1001/release@2002:ref:refs/heads/main";
export const WORKFLOW = "acme/release/.github/workflows/submit.yml@refs/tags/v1";

const claims = (sub: string, more: Json = {}): Json => ({
    [`${GITHUB}:aud`]: "sts.amazonaws.com",
    [`${GITHUB}:sub`]: sub,
    [`${GITHUB}:job_workflow_ref`]: WORKFLOW,
    ...more,
});

export const oidc = (Condition: Json, Federated = PROVIDER): Json => ({
    Principal: { Federated },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition,
});

function signerTrusts(threat: string, variants: Record<string, Json>): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule: "iam-signer-trust-exact",
        name: `the signer trusts ${name}`,
        settings: CI as Mutant["settings"] & object,
        change: (program) => [
            withTrust(program, "modules-v1-signer", [{ Principal: { Service: "lambda.amazonaws.com" } }, statement]),
        ],
    }));
}

/** A role that CI becomes, to submit. */
function submitters(threat: string, variants: Record<string, Json>, rule = "iam-oidc-conditions"): Mutant[] {
    return Object.entries(variants).map(([name, statement]) => ({
        threat,
        rule,
        name,
        settings: CI as Mutant["settings"] & object,
        change: (program) => [withTrust(program, "pipeline-prepare", [statement])],
    }));
}

const like = (sub: string): Json =>
    oidc({
        StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com", [`${GITHUB}:job_workflow_ref`]: WORKFLOW },
        StringLike: { [`${GITHUB}:sub`]: sub },
    });
const without = (claim: string): Json => {
    const all = claims(SUBJECT);
    return oidc({
        StringEquals: Object.fromEntries(Object.entries(all).filter(([key]) => key !== `${GITHUB}:${claim}`)),
    });
};

export const trustMutants: readonly Mutant[] = [
    ...signerTrusts("T40", {
        everyone: { Principal: "*" },
        "the account": { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` } },
        "another role": { Principal: { AWS: STRANGER } },
        "another account": { Principal: { AWS: "444455556666" } },
    }),
    ...submitters("T40", { "a role that everyone assumes": { Principal: { AWS: "*" } } }, "iam-trust-no-wildcard"),
    ...submitters(
        "T40",
        { "a role that a foreign account assumes": { Principal: { AWS: "444455556666" } } },
        "iam-trust-no-wildcard",
    ),
    ...submitters(
        "T24",
        { "a role that all but one assume": { NotPrincipal: { AWS: STRANGER } } },
        "iam-trust-no-wildcard",
    ),
    ...signerTrusts("T41", {
        "Step Functions": { Principal: { Service: "states.amazonaws.com" } },
        machines: { Principal: { Service: "ec2.amazonaws.com" } },
        "scheduler of this account": {
            Principal: { Service: "scheduler.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
        },
    }),
    ...submitters(
        "T41",
        { "a service without source": { Principal: { Service: "events.amazonaws.com" } } },
        "iam-trust-no-wildcard",
    ),
    ...submitters("T42", {
        "no audience": without("aud"),
        "no subject": without("sub"),
        "no condition at all": { Principal: { Federated: PROVIDER }, Action: "sts:AssumeRoleWithWebIdentity" },
        "one loose subject in the list": oidc({ StringLike: claims(SUBJECT, { [`${GITHUB}:sub`]: [SUBJECT, "*"] }) }),
    }),
    ...submitters("T43", {
        "an owner's prefix": like("repo:acme*"),
        "any repository": like("repo:acme/*"),
        "a repository's prefix": like("repo:acme/release*"),
        "any ref": like("repo:acme@1001/release@2002:*"),
        "any production environment": like("*:environment:prod"),
        "any pull request": oidc({ StringEquals: claims("repo:acme@1001/release@2002:pull_request") }),
    }),
    ...signerTrusts("T43", { "a repository, in brokered mode": oidc({ StringEquals: claims(SUBJECT) }) }),
    ...submitters("T45", {
        "a name that another may register": oidc({ StringEquals: claims("repo:acme/release:ref:refs/heads/main") }),
        "another repository's id": oidc({ StringEquals: claims("repo:acme@1001/release@9999:ref:refs/heads/main") }),
    }),
    ...submitters("T47", {
        ForAllValues: oidc({ "ForAllValues:StringEquals": claims(SUBJECT) }),
        IfExists: oidc({ StringEqualsIfExists: claims(SUBJECT) }),
        negation: oidc({ StringNotEquals: { [`${GITHUB}:sub`]: "repo:evil/x:ref:refs/heads/main" } }),
        "upper and lower case alike": oidc({ StringEqualsIgnoreCase: claims(SUBJECT) }),
    }),
    ...submitters("T48", {
        "conditions of another provider": oidc({
            StringEquals: { "gitlab.com:aud": "sts.amazonaws.com", "gitlab.com:sub": SUBJECT },
        }),
        "an issuer that is not configured": oidc(
            { StringEquals: claims(SUBJECT) },
            `arn:aws:iam::${ACCOUNT}:oidc-provider/tokens.example.net`,
        ),
        "an enterprise's path": oidc({ StringEquals: claims(SUBJECT) }, `${PROVIDER}/evil`),
    }),
    ...(
        [
            ["another issuer", { url: "https://tokens.example.net", clientIdLists: ["sts.amazonaws.com"] }],
            ["another audience", { url: `https://${GITHUB}`, clientIdLists: ["sts.amazonaws.com", "evil"] }],
            ["an audience not known", { url: `https://${GITHUB}`, clientIdLists: UNKNOWN }],
        ] as [string, Record<string, unknown>][]
    ).map(([name, properties]): Mutant => ({
        threat: "T48",
        rule: "iam-oidc-provider-pinned",
        name: `a provider with ${name}`,
        settings: CI as Mutant["settings"] & object,
        change: (program) => [
            added(program, "aws:iam/openIdConnectProvider:OpenIdConnectProvider", "mutant", properties),
        ],
    })),
    ...submitters("T49", {
        SAML: {
            Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/idp` },
            Action: "sts:AssumeRoleWithSAML",
            Condition: { StringEquals: { "SAML:aud": "https://signin.aws.amazon.com/saml" } },
        },
        Cognito: oidc(
            { StringEquals: { "cognito-identity.amazonaws.com:aud": "x" } },
            "cognito-identity.amazonaws.com",
        ),
        "any service account of a cluster": oidc(
            { StringLike: { "oidc.eks.eu-west-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:*:*" } },
            `arn:aws:iam::${ACCOUNT}:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/ABC`,
        ),
    }),
    ...submitters(
        "T50",
        {
            TagSession: {
                Principal: { Service: "lambda.amazonaws.com" },
                Action: ["sts:AssumeRole", "sts:TagSession"],
            },
            "sts:*": { Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:*" },
            NotAction: {
                Principal: { Service: "lambda.amazonaws.com" },
                Action: undefined,
                NotAction: "sts:GetCallerIdentity",
            },
        },
        "iam-trust-no-wildcard",
    ),
    ...(
        [
            [
                "PrincipalOrgID without account",
                { Principal: { AWS: "*" }, Condition: { StringEquals: { "aws:PrincipalOrgID": "o-abcdefghij" } } },
            ],
            ["the account, by a user's wildcard", { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:user/*` } }],
        ] as [string, Json][]
    ).map(([name, statement]): Mutant => ({
        threat: "T51",
        rule: "iam-trust-no-wildcard",
        name: `a role on the way to the signer trusts ${name}`,
        change: (program) => [withTrust(program, "pipeline-machine", [statement])],
    })),
    {
        threat: "T51",
        rule: "iam-signer-takeover",
        name: "a role assumes another that may pass the signer",
        level: "stack",
        change: (program) => [
            withTrust(program, "pipeline-verify", [
                { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/countersign-local-prepare` } },
            ]),
            ...grantTo(program.get("RolePolicy", "pipeline-verify"), {
                Action: "iam:UpdateAssumeRolePolicy",
                Resource: SIGNER,
            }),
        ],
    },
    ...[43200, 7200, UNKNOWN].map((maxSessionDuration): Mutant => ({
        threat: "T52",
        rule: "iam-session-duration",
        name: `sessions of ${maxSessionDuration === UNKNOWN ? "unknown length" : `${maxSessionDuration} seconds`}`,
        change: (program) => [changed(program.get("Role", "modules-v1-signer"), { maxSessionDuration })],
    })),
];

function grantTo(policy: ReturnType<typeof changed>, statement: Json) {
    const document = JSON.parse(policy.properties.policy as string) as Json;
    const Statement = [...document.Statement, { Sid: "Mutant", Effect: "Allow", ...statement }];
    return [changed(policy, { policy: JSON.stringify({ ...document, Statement }) })];
}
