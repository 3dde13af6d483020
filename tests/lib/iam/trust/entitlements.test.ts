import { describe, expect, it } from "vitest";
import { type Entitlement, entitlementOf, type Subject } from "../../../../lib/iam";
import { ACCOUNT, HOST, WORKFLOW, GITHUB, SUB, rules, trust, codes, REPOSITORY } from "./ask";

/** Proves which subjects may be configured, and what they are taken to claim. Proves nothing about what tokens the forges issue. */

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
