import { chainMutants } from "./trust-chains";
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
        "all but one": { Principal: undefined, NotPrincipal: { AWS: STRANGER } },
        "a federated user": { Principal: { AWS: `arn:aws:sts::${ACCOUNT}:federated-user/u` } },
        "another account": { Principal: { AWS: "444455556666" } },
        "a role's unique id": { Principal: { AWS: "AROAEXAMPLEEXAMPLE123" } },
        "a user's unique id": { Principal: { AWS: "AIDAEXAMPLEEXAMPLE123" } },
        "a session of another role": { Principal: { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/stranger/s` } },
        "everyone, if the account": {
            Principal: { AWS: "*" },
            Condition: { StringEquals: { "aws:PrincipalAccount": ACCOUNT } },
        },
        "a wildcard in an ARN": { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/*` } },
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
        "edge functions": { Principal: { Service: "edgelambda.amazonaws.com" } },
        "tasks, in a list": { Principal: { Service: ["lambda.amazonaws.com", "ecs-tasks.amazonaws.com"] } },
        "Lambda of another partition": { Principal: { Service: "lambda.amazonaws.com.cn" } },
        "scheduler of this account": {
            Principal: { Service: "scheduler.amazonaws.com" },
            Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
        },
    }),
    ...submitters(
        "T41",
        {
            "a service without source": { Principal: { Service: "events.amazonaws.com" } },
            "a service for another account": {
                Principal: { Service: "events.amazonaws.com" },
                Condition: { StringEquals: { "aws:SourceAccount": "444455556666" } },
            },
            "a service for any source": {
                Principal: { Service: "events.amazonaws.com" },
                Condition: { ArnLike: { "aws:SourceArn": "arn:aws:events:*:*:rule/*" } },
            },
            "a service whose source may be absent": {
                Principal: { Service: "events.amazonaws.com" },
                Condition: { StringEqualsIfExists: { "aws:SourceAccount": ACCOUNT } },
            },
        },
        "iam-trust-no-wildcard",
    ),
    ...submitters("T42", {
        "no audience": without("aud"),
        "no subject": without("sub"),
        "no workflow": without("job_workflow_ref"),
        "another audience": oidc({ StringEquals: claims(SUBJECT, { [`${GITHUB}:aud`]: "https://github.com/acme" }) }),
        "one loose audience in the list": oidc({
            StringLike: claims(SUBJECT, { [`${GITHUB}:aud`]: ["sts.amazonaws.com", "*"] }),
        }),
        "any audience": oidc({ StringLike: claims(SUBJECT, { [`${GITHUB}:aud`]: "*" }) }),
        "a subject under ForAnyValue": oidc({
            StringEquals: {
                [`${GITHUB}:aud`]: "sts.amazonaws.com",
                [`${GITHUB}:job_workflow_ref`]: WORKFLOW,
            },
            "ForAnyValue:StringLike": { [`${GITHUB}:sub`]: SUBJECT },
        }),
        "a variable as subject": oidc({ StringEquals: claims("${aws:PrincipalTag/sub}") }),
        "no condition at all": { Principal: { Federated: PROVIDER }, Action: "sts:AssumeRoleWithWebIdentity" },
        "one loose subject in the list": oidc({ StringLike: claims(SUBJECT, { [`${GITHUB}:sub`]: [SUBJECT, "*"] }) }),
    }),
    ...submitters("T43", {
        "an owner's prefix": like("repo:acme*"),
        "any repository": like("repo:acme/*"),
        "a repository's prefix": like("repo:acme/release*"),
        "any ref": like("repo:acme@1001/release@2002:*"),
        "any production environment": like("*:environment:prod"),
        "patterns of owner and repository": like("repo:ac*/rel*:ref:refs/heads/main"),
        "any environment": like("repo:acme@1001/release@2002:environment:*"),
        "an owner of any beginning": like("repo:*acme@1001/release@2002:ref:refs/heads/main"),
        "one other letter in the owner": like("repo:acm?@1001/release@2002:ref:refs/heads/main"),
        "any branch that begins alike": like("repo:acme@1001/release@2002:ref:refs/heads/main*"),
        "any tag, where none is configured": like("repo:acme@1001/release@2002:ref:refs/tags/v*"),
        everything: like("*"),
        "a question mark for each letter": like(SUBJECT.replace(/[a-z]/g, "?")),
    }),
    ...signerTrusts("T43", { "a repository, in brokered mode": oidc({ StringEquals: claims(SUBJECT) }) }),
    ...submitters("T45", {
        "a name that another may register": oidc({ StringEquals: claims("repo:acme/release:ref:refs/heads/main") }),
        "a name, with the repository's id alone": oidc({
            StringEquals: claims("repo:acme/release:ref:refs/heads/main", { [`${GITHUB}:repository_id`]: "2002" }),
        }),
        "any owner's id": like("repo:acme@*/release@2002:ref:refs/heads/main"),
        "another repository's id": oidc({ StringEquals: claims("repo:acme@1001/release@9999:ref:refs/heads/main") }),
    }),
    ...submitters("T47", {
        "IfExists on the subject alone": oidc({
            StringEquals: {
                [`${GITHUB}:aud`]: "sts.amazonaws.com",
                [`${GITHUB}:job_workflow_ref`]: WORKFLOW,
            },
            StringEqualsIfExists: { [`${GITHUB}:sub`]: SUBJECT },
        }),
        "a subject that is there": oidc({
            StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com", [`${GITHUB}:job_workflow_ref`]: WORKFLOW },
            Null: { [`${GITHUB}:sub`]: "false" },
        }),
        "StringNotLike of others": oidc({
            StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" },
            StringNotLike: { [`${GITHUB}:sub`]: "repo:evil/*" },
        }),
        ForAllValues: oidc({ "ForAllValues:StringEquals": claims(SUBJECT) }),
        IfExists: oidc({ StringEqualsIfExists: claims(SUBJECT) }),
        negation: oidc({ StringNotEquals: { [`${GITHUB}:sub`]: "repo:evil/x:ref:refs/heads/main" } }),
        "upper and lower case alike": oidc({ StringEqualsIgnoreCase: claims(SUBJECT) }),
    }),
    ...submitters("T48", {
        "conditions of another provider": oidc({
            StringEquals: { "gitlab.com:aud": "sts.amazonaws.com", "gitlab.com:sub": SUBJECT },
        }),
        "a provider of another account": oidc(
            { StringEquals: claims(SUBJECT) },
            PROVIDER.replace(ACCOUNT, "444455556666"),
        ),
        "an issuer whose name begins alike": oidc({ StringEquals: claims(SUBJECT) }, `${PROVIDER}.evil.example`),
        "a configured issuer and another": {
            ...oidc({ StringEquals: claims(SUBJECT) }),
            Principal: { Federated: [PROVIDER, `arn:aws:iam::${ACCOUNT}:oidc-provider/tokens.example.net`] },
        },
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
            ["an issuer not known", { url: UNKNOWN, clientIdLists: ["sts.amazonaws.com"] }],
            ["an issuer under a path", { url: `https://${GITHUB}/acme`, clientIdLists: ["sts.amazonaws.com"] }],
            ["no audience", { url: `https://${GITHUB}` }],
            ["an empty list of audiences", { url: `https://${GITHUB}`, clientIdLists: [] }],
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
    ...submitters(
        "T50",
        {
            TagSession: {
                Principal: { Service: "lambda.amazonaws.com" },
                Action: ["sts:AssumeRole", "sts:TagSession"],
            },
            "a federation's tags": {
                ...oidc({ StringEquals: claims(SUBJECT) }),
                Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
            },
            SetSourceIdentity: {
                Principal: { Service: "lambda.amazonaws.com" },
                Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
            },
            "sts:Assume*": { Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:Assume*" },
            "*": { Principal: { Service: "lambda.amazonaws.com" }, Action: "*" },
            "sts:AssumeRoleWithSAML": {
                Principal: { Service: "lambda.amazonaws.com" },
                Action: "sts:AssumeRoleWithSAML",
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
    ...signerTrusts("T50", {
        "Lambda with tags": { Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:TagSession" },
        "Lambda with a source identity": {
            Principal: { Service: "lambda.amazonaws.com" },
            Action: ["sts:AssumeRole", "sts:SetSourceIdentity"],
        },
        "Lambda by sts:*": { Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:*" },
        "Lambda by NotAction": {
            Principal: { Service: "lambda.amazonaws.com" },
            Action: undefined,
            NotAction: "sts:TagSession",
        },
    }),
    ...chainMutants,
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
