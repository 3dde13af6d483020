import { checkTrust, entitlementOf, parsePolicy, type Subject, type TrustRules } from "../../../../lib/iam";

/** One trust policy of a role that a GitHub subject may assume, with every claim exact: tests spoil one thing. */

export const ACCOUNT = "111122223333";
export const SCOPE = { partition: "aws", region: "eu-west-1", accountId: ACCOUNT };
export const HOST = "token.actions.githubusercontent.com";
export const WORKFLOW = "acme/signing/.github/workflows/submit.yml@refs/tags/v3";
export const REPOSITORY = { owner: "acme", ownerId: "123", repo: "app", repoId: "456" };
export const GITHUB: Subject = { forge: "github", ...REPOSITORY, environment: "release", workflow: WORKFLOW };
export const SUB = "repo:acme@123/app@456:environment:release";

export const rules = (more: Partial<TrustRules> = {}): TrustRules => ({
    scope: SCOPE,
    services: [],
    awsPrincipals: [],
    entitlements: [entitlementOf(GITHUB, "sts.amazonaws.com")],
    tagSession: false,
    ...more,
});

export function trust(...statements: object[]): ReturnType<typeof parsePolicy> {
    return parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "trust");
}

export function web(condition: object, more: object = {}): object {
    return {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: condition,
        ...more,
    };
}

export const exact = {
    [`${HOST}:aud`]: "sts.amazonaws.com",
    [`${HOST}:sub`]: SUB,
    [`${HOST}:job_workflow_ref`]: WORKFLOW,
};
export const withSub = (sub: unknown): object => ({ ...exact, [`${HOST}:sub`]: sub });
export const codes = (policy: ReturnType<typeof parsePolicy>, value = rules()): string[] =>
    checkTrust(policy, value).map(({ code }) => code);
