import { describe, expect, it } from "vitest";
import {
    checkTrust,
    type Entitlement,
    entitlementOf,
    oidcWeaknesses,
    parsePolicy,
    type Subject,
    type TrustRules,
} from "../../../lib/iam";

/** Proves what trust policies the checker accepts. Proves nothing about what tokens the forges issue. */

const ACCOUNT = "111122223333";
const SCOPE = { partition: "aws", region: "eu-west-1", accountId: ACCOUNT };
const HOST = "token.actions.githubusercontent.com";
const WORKFLOW = "acme/signing/.github/workflows/submit.yml@refs/tags/v3";
const REPOSITORY = { owner: "acme", ownerId: "123", repo: "app", repoId: "456" };
const GITHUB: Subject = { forge: "github", ...REPOSITORY, environment: "release", workflow: WORKFLOW };
const SUB = "repo:acme@123/app@456:environment:release";

const rules = (more: Partial<TrustRules> = {}): TrustRules => ({
    scope: SCOPE,
    services: [],
    awsPrincipals: [],
    entitlements: [entitlementOf(GITHUB, "sts.amazonaws.com")],
    tagSession: false,
    ...more,
});

function trust(...statements: object[]): ReturnType<typeof parsePolicy> {
    return parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "trust");
}

function web(condition: object, more: object = {}): object {
    return {
        Effect: "Allow",
        Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}` },
        Action: "sts:AssumeRoleWithWebIdentity",
        Condition: condition,
        ...more,
    };
}

const exact = { [`${HOST}:aud`]: "sts.amazonaws.com", [`${HOST}:sub`]: SUB, [`${HOST}:job_workflow_ref`]: WORKFLOW };
const withSub = (sub: unknown): object => ({ ...exact, [`${HOST}:sub`]: sub });
const codes = (policy: ReturnType<typeof parsePolicy>, value = rules()): string[] =>
    checkTrust(policy, value).map(({ code }) => code);

describe("GitHub subjects", () => {
    it.each<[string, object]>([
        ["exact claims", web({ StringEquals: exact })],
        [
            "claims in any case of the key",
            web({ StringEquals: { ...exact, [`${HOST.toUpperCase()}:SUB`]: SUB, [`${HOST}:sub`]: undefined } }),
        ],
        ["StringLike without wildcards", web({ StringLike: exact })],
        [
            "a tight operator beside a loose one",
            web({ StringEquals: exact, StringLike: { [`${HOST}:sub`]: "repo:*" } }),
        ],
        ["more claims than needed", web({ StringEquals: { ...exact, [`${HOST}:ref`]: "refs/heads/main" } })],
        ["a list of the same", web({ StringEquals: withSub([SUB, SUB]) })],
    ])("accepts %s", (_, statement) => expect(checkTrust(trust(statement), rules())).toEqual([]));

    it.each<[string, object]>([
        ["no condition", {}],
        ["no sub", { StringEquals: { [`${HOST}:aud`]: "sts.amazonaws.com", [`${HOST}:job_workflow_ref`]: WORKFLOW } }],
        ["no aud", { StringEquals: { [`${HOST}:sub`]: SUB, [`${HOST}:job_workflow_ref`]: WORKFLOW } }],
        ["no workflow", { StringEquals: { [`${HOST}:aud`]: "sts.amazonaws.com", [`${HOST}:sub`]: SUB } }],
        ["another audience", { StringEquals: { ...exact, [`${HOST}:aud`]: "https://github.com/acme" } }],
        ["an owner's prefix", { StringLike: withSub("repo:acme*") }],
        ["every repository", { StringLike: withSub("repo:acme/*") }],
        ["a repository's prefix", { StringLike: withSub("repo:acme@123/app*") }],
        ["any ref", { StringLike: withSub("repo:acme@123/app@456:*") }],
        ["a leading wildcard", { StringLike: withSub("*:environment:release") }],
        ["a wildcard in the owner", { StringLike: withSub("repo:acme*/app@456:environment:release") }],
        ["a single wildcard", { StringLike: withSub("repo:acme@123/app@45?:environment:release") }],
        ["a variable", { StringLike: withSub("${aws:username}") }],
        ["another repository", { StringEquals: withSub("repo:evil@9/app@9:environment:release") }],
        ["the name without ids", { StringEquals: withSub("repo:acme/app:environment:release") }],
        ["pull requests", { StringEquals: withSub("repo:acme@123/app@456:pull_request") }],
        ["one loose value", { StringLike: withSub([SUB, "repo:acme/*"]) }],
        ["IfExists", { StringEqualsIfExists: exact }],
        ["ForAllValues", { "ForAllValues:StringEquals": exact }],
        ["ForAnyValue", { "ForAnyValue:StringEquals": exact }],
        ["a negation", { StringNotEquals: withSub("repo:evil/app") }],
        ["Null", { Null: { [`${HOST}:sub`]: "false" }, StringEquals: { [`${HOST}:aud`]: "sts.amazonaws.com" } }],
        ["ignoring case", { StringEqualsIgnoreCase: exact }],
        ["another provider's keys", { StringEquals: { "gitlab.com:aud": "sts.amazonaws.com", "gitlab.com:sub": SUB } }],
        ["keys without the path", { StringEquals: { aud: "sts.amazonaws.com", sub: SUB } }],
    ])("refuses %s", (_, condition) => expect(codes(trust(web(condition)))).toContain("Subject"));

    it("takes a wildcard under StringEquals as a mistake, not as a grant", () => {
        const findings = checkTrust(trust(web({ StringEquals: withSub("repo:acme/*") })), rules());
        expect(findings).toEqual([expect.objectContaining({ code: "LiteralWildcard", level: "notice" })]);
    });

    it("judges each statement by itself", () =>
        expect(codes(trust(web({ StringEquals: exact }), web({ StringLike: withSub("repo:*") })))).toEqual([
            "Subject",
        ]));

    it("says which claim, and why", () => {
        const [finding] = checkTrust(
            trust(web({ StringLike: withSub("repo:acme/*"), StringEquals: { ...exact, [`${HOST}:sub`]: undefined } })),
            rules(),
        );
        expect(finding).toEqual({
            at: `Statement[0].Condition.StringLike.${HOST}:sub`,
            code: "Subject",
            saw: "sub is wider than any configured subject",
            level: "violation",
        });
    });
});

describe("who is named", () => {
    it.each<[string, string, object]>([
        ["everyone", "Everyone", { Principal: "*" }],
        ["everyone of AWS", "Everyone", { Principal: { AWS: "*" } }],
        ["NotPrincipal", "Negation", { NotPrincipal: { AWS: ACCOUNT } }],
        ["an account", "AwsPrincipal", { Principal: { AWS: ACCOUNT } }],
        ["a role", "AwsPrincipal", { Principal: { AWS: `arn:aws:iam::${ACCOUNT}:role/x` } }],
        ["a unique id", "AwsPrincipal", { Principal: { AWS: "AROAEXAMPLEEXAMPLE12" } }],
        ["a service", "Service", { Principal: { Service: "states.amazonaws.com" } }],
        ["a canonical user", "Principal", { Principal: { CanonicalUser: "79a59df9" } }],
        [
            "another provider",
            "Provider",
            { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/gitlab.com` } },
        ],
        [
            "the provider with a path",
            "Provider",
            { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}/evil` } },
        ],
        [
            "another account's provider",
            "Provider",
            { Principal: { Federated: `arn:aws:iam::444455556666:oidc-provider/${HOST}` } },
        ],
        ["SAML", "Provider", { Principal: { Federated: `arn:aws:iam::${ACCOUNT}:saml-provider/x` } }],
        ["Cognito", "Provider", { Principal: { Federated: "cognito-identity.amazonaws.com" } }],
        ["an unreadable statement", "NotUnderstood", { Principal: "*", Extra: 1 }],
    ])("refuses %s", (_, code, who) => {
        const { Principal: _principal, ...rest } = web({ StringEquals: exact }) as Record<string, unknown>;
        expect(codes(trust({ ...rest, ...who }))).toContain(code);
    });

    it.each([["sts:*"], ["*"], ["sts:SetSourceIdentity"], ["sts:TagSession"], ["sts:Assume*"]])(
        "refuses the action %s",
        (action) =>
            expect(
                codes(trust(web({ StringEquals: exact }, { Action: ["sts:AssumeRoleWithWebIdentity", action] }))),
            ).toContain("Action"),
    );

    it("refuses NotAction", () => {
        const { Action: _, ...rest } = web({ StringEquals: exact }) as Record<string, unknown>;
        expect(codes(trust({ ...rest, NotAction: "sts:TagSession" }))).toEqual(["Negation"]);
    });

    it("refuses AssumeRole for a provider, and takes TagSession where configured", () => {
        expect(codes(trust(web({ StringEquals: exact }, { Action: "sts:AssumeRole" })))).toEqual(["Action"]);
        const tags = web({ StringEquals: exact }, { Action: ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"] });
        expect(codes(trust(tags), rules({ tagSession: true }))).toEqual([]);
    });

    const allow = (principal: object, condition?: object): object => ({
        Effect: "Allow",
        Principal: principal,
        Action: "sts:AssumeRole",
        ...(condition && { Condition: condition }),
    });

    it("accepts the configured service, and its source where it sends one", () => {
        const lambda = rules({ services: [{ name: "lambda.amazonaws.com", sendsSource: false }] });
        expect(codes(trust(allow({ Service: "lambda.amazonaws.com" })), lambda)).toEqual([]);
        expect(codes(trust(allow({ Service: ["lambda.amazonaws.com", "states.amazonaws.com"] })), lambda)).toEqual([
            "Service",
        ]);
        const scheduler = rules({ services: [{ name: "scheduler.amazonaws.com", sendsSource: true }] });
        const from = (condition?: object): string[] =>
            codes(trust(allow({ Service: "scheduler.amazonaws.com" }, condition)), scheduler);
        expect(from()).toEqual(["ServiceSource"]);
        expect(from({ StringEquals: { "aws:SourceAccount": ACCOUNT } })).toEqual([]);
        expect(from({ ArnLike: { "aws:SourceArn": `arn:aws:scheduler:eu-west-1:${ACCOUNT}:schedule/*` } })).toEqual([]);
        expect(from({ StringEquals: { "aws:SourceAccount": "444455556666" } })).toEqual(["ServiceSource"]);
        expect(from({ StringEqualsIfExists: { "aws:SourceAccount": ACCOUNT } })).toEqual(["ServiceSource"]);
        expect(from({ ArnLike: { "aws:SourceArn": "*" } })).toEqual(["ServiceSource"]);
    });

    it("wants exactly the configured AWS principals, guarded across accounts", () => {
        const deployer = `arn:aws:iam::${ACCOUNT}:role/deployer`;
        expect(codes(trust(allow({ AWS: deployer })), rules({ awsPrincipals: [deployer] }))).toEqual([]);
        expect(
            codes(trust(allow({ AWS: ACCOUNT })), rules({ awsPrincipals: [`arn:aws:iam::${ACCOUNT}:root`] })),
        ).toEqual([]);
        expect(codes(trust(web({ StringEquals: exact })), rules({ awsPrincipals: [deployer] }))).toEqual([
            "AwsPrincipal",
        ]);
        const foreign = "arn:aws:iam::444455556666:role/ci";
        expect(codes(trust(allow({ AWS: foreign })), rules({ awsPrincipals: [foreign] }))).toEqual(["CrossAccount"]);
        const guarded = allow({ AWS: foreign }, { StringEquals: { "sts:ExternalId": "x" } });
        expect(codes(trust(guarded), rules({ awsPrincipals: [foreign] }))).toEqual([]);
    });
});

describe("entitlements of subjects", () => {
    const of = (subject: Subject): Entitlement => entitlementOf(subject, "sts.amazonaws.com");
    it.each<[string, Subject, string, string[]]>([
        ["GitHub, environment", GITHUB, HOST, [SUB]],
        [
            "GitHub, branch",
            { ...GITHUB, environment: undefined, ref: "refs/heads/main", protectedRef: true } as unknown as Subject,
            HOST,
            [],
        ],
        [
            "GitHub, both forms",
            { forge: "github", ...REPOSITORY, form: "both", tag: "v1", workflow: WORKFLOW },
            HOST,
            ["repo:acme@123/app@456:ref:refs/tags/v1", "repo:acme/app:ref:refs/tags/v1"],
        ],
        [
            "GHE.com",
            { forge: "github", instance: "acme.ghe.com", ...REPOSITORY, ref: "refs/heads/main", protectedRef: true },
            "token.actions.acme.ghe.com",
            ["repo:acme@123/app@456:ref:refs/heads/main"],
        ],
        [
            "GHES",
            { forge: "github", instance: "git.acme.example", ...REPOSITORY, environment: "a:b" },
            "git.acme.example/_services/token",
            ["repo:acme/app:environment:a%3Ab"],
        ],
        [
            "an enterprise slug",
            { forge: "github", instance: "github.com/acme", ...REPOSITORY, tag: "v1" },
            `${HOST}/acme`,
            ["repo:acme@123/app@456:ref:refs/tags/v1"],
        ],
        [
            "Forgejo",
            { forge: "forgejo", instance: "codeberg.org", ...REPOSITORY, ref: "refs/heads/main", protectedRef: true },
            "codeberg.org/api/actions",
            ["repo:acme-123/app-456:ref:refs/heads/main"],
        ],
        [
            "Forgejo, legacy below a path",
            { forge: "forgejo", instance: "x.example/git", ...REPOSITORY, form: "legacy", tag: "v1" },
            "x.example/git/api/actions",
            ["repo:acme/app:ref:refs/tags/v1"],
        ],
        [
            "GitLab, tag",
            { forge: "gitlab", project: "acme/app", tag: "v1.2.3" },
            "gitlab.com",
            ["project_path:acme/app:ref_type:tag:ref:v1.2.3"],
        ],
        [
            "GitLab, own",
            {
                forge: "gitlab",
                instance: "git.acme.example",
                version: "18.2.2",
                project: "a/b/c",
                ref: "refs/heads/main",
                protectedRef: true,
            },
            "git.acme.example",
            ["project_path:a/b/c:ref_type:branch:ref:main"],
        ],
    ])("%s", (name, subject, provider, sub) => {
        if (name === "GitHub, branch") {
            const { environment: _, ...branch } = subject as Subject & { environment?: string };
            expect(of(branch as Subject).claims["sub"]).toEqual(["repo:acme@123/app@456:ref:refs/heads/main"]);
            return;
        }
        expect(of(subject)).toMatchObject({ provider, claims: { aud: ["sts.amazonaws.com"], sub } });
    });

    it("asks for ids beside a name, and for the workflow", () => {
        expect(
            of({ forge: "github", ...REPOSITORY, form: "legacy", environment: "release", workflow: WORKFLOW }).claims,
        ).toEqual({
            aud: ["sts.amazonaws.com"],
            sub: ["repo:acme/app:environment:release"],
            repository_id: ["456"],
            repository_owner_id: ["123"],
            job_workflow_ref: [WORKFLOW],
        });
    });

    it("wants a Deny beside a tag pattern", () => {
        const tags: Subject = {
            forge: "forgejo",
            instance: "codeberg.org",
            ...REPOSITORY,
            tag: "v*",
            protectedTags: true,
        };
        const key = "codeberg.org/api/actions";
        const principal = { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${key}` };
        const sub = "repo:acme-123/app-456:ref:refs/tags/v*";
        const allow = {
            Effect: "Allow",
            Principal: principal,
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: { StringEquals: { [`${key}:aud`]: "sts.amazonaws.com" }, StringLike: { [`${key}:sub`]: sub } },
        };
        const deny = {
            Effect: "Deny",
            Principal: principal,
            Action: "sts:AssumeRoleWithWebIdentity",
            Condition: { StringLike: { [`${key}:sub`]: `${sub}/*` } },
        };
        const value = rules({ entitlements: [of(tags)] });
        expect(codes(trust(allow), value)).toEqual(["TagDeny"]);
        expect(codes(trust(allow, deny), value)).toEqual([]);
        const conditional = { ...deny, Condition: { ...deny.Condition, Bool: { "aws:SecureTransport": "false" } } };
        expect(codes(trust(allow, conditional), value)).toEqual(["TagDeny"]);
        const wider = {
            ...allow,
            Condition: { ...allow.Condition, StringLike: { [`${key}:sub`]: "repo:acme-123/app-456:ref:refs/tags/*" } },
        };
        expect(codes(trust(wider, deny), value)).toEqual(["Subject"]);
    });

    const branch = { ref: "refs/heads/main", protectedRef: true } as const;
    it.each<[string, unknown]>([
        ["a wildcard in the owner", { ...GITHUB, owner: "acme*" }],
        ["a wildcard in the environment", { ...GITHUB, environment: "*" }],
        ["a variable", { ...GITHUB, environment: "${aws:username}" }],
        ["an id with a leading zero", { ...GITHUB, repoId: "0456" }],
        ["a name as id", { ...GITHUB, ownerId: "acme" }],
        ["no workflow on github.com", { forge: "github", ...REPOSITORY, environment: "release" }],
        ["a workflow without ref", { ...GITHUB, workflow: "acme/signing/.github/workflows/submit.yml" }],
        ["a workflow that is a name", { ...GITHUB, workflow: "submit" }],
        [
            "a workflow where it cannot be enforced",
            { forge: "forgejo", instance: "codeberg.org", ...REPOSITORY, ...branch, workflow: WORKFLOW },
        ],
        ["a workflow on GitLab", { forge: "gitlab", project: "acme/app", ...branch, workflow: WORKFLOW }],
        [
            "a workflow on GHE.com",
            { forge: "github", instance: "acme.ghe.com", ...REPOSITORY, ...branch, workflow: WORKFLOW },
        ],
        [
            "an environment on Forgejo",
            { forge: "forgejo", instance: "codeberg.org", ...REPOSITORY, environment: "release" },
        ],
        ["an environment on GitLab", { forge: "gitlab", project: "acme/app", environment: "release" }],
        ["pull_request", { ...GITHUB, environment: "pull_request" }],
        ["a short ref", { forge: "gitlab", project: "acme/app", ref: "main", protectedRef: true }],
        ["an unprotected ref", { forge: "gitlab", project: "acme/app", ref: "refs/heads/main" }],
        ["a tag pattern without protection", { forge: "gitlab", project: "acme/app", tag: "v*" }],
        ["two wildcards", { forge: "gitlab", project: "acme/app", tag: "v*-*", protectedTags: true }],
        ["white space", { ...GITHUB, environment: "re lease" }],
        ["a project without group", { forge: "gitlab", project: "app", ...branch }],
        [
            "an old GitLab",
            { forge: "gitlab", instance: "x.example", version: "18.2.1", project: "acme/app", ...branch },
        ],
        ["a GitLab of unknown age", { forge: "gitlab", instance: "x.example", project: "acme/app", ...branch }],
        [
            "immutable subjects on GHES",
            { forge: "github", instance: "x.example", ...REPOSITORY, form: "immutable", ...branch },
        ],
        ["an instance with a scheme", { forge: "forgejo", instance: "https://codeberg.org", ...REPOSITORY, ...branch }],
    ])("refuses %s", (_, subject) =>
        expect(() => of(subject as Subject)).toThrow(expect.objectContaining({ code: "BadConfig" })),
    );

    it("refuses an audience with a wildcard", () =>
        expect(() => entitlementOf(GITHUB, "*")).toThrow(expect.objectContaining({ code: "BadConfig" })));
});

describe("any trust in an OpenID Connect provider", () => {
    const saws = (condition: object): string[] => oidcWeaknesses(trust(web(condition))).map(({ saw }) => saw);
    it.each<[string, object, number]>([
        ["literal claims with ids", { StringEquals: exact }, 0],
        ["a name without ids", { StringEquals: withSub("repo:acme/app:environment:release") }, 1],
        [
            "a name beside the repository's id",
            { StringEquals: { ...withSub("repo:acme/app:environment:x"), [`${HOST}:repository_id`]: "456" } },
            0,
        ],
        [
            "ids alone",
            {
                StringEquals: {
                    [`${HOST}:aud`]: "x",
                    [`${HOST}:repository_id`]: "4",
                    [`${HOST}:repository_owner_id`]: "1",
                },
            },
            0,
        ],
        ["nothing", {}, 2],
        ["a wildcard", { StringLike: { ...exact, [`${HOST}:sub`]: "repo:acme@123/app@456:*" } }, 1],
        ["pull requests", { StringEquals: withSub("repo:acme@123/app@456:pull_request") }, 1],
    ])("%s", (_, condition, count) => expect(saws(condition)).toHaveLength(count));
});
