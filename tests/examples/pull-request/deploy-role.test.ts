/**
 * Who becomes the deploy role, judged by lib/iam: the one workflow on the one branch. Proves nothing about what a forge puts into its tokens.
 */
import { describe, expect, test } from "vitest";
import { deployEntitlement, deployTrust } from "../../../examples/pull-request/deploy-role";
import { previewEntitlement } from "../../../examples/pull-request/preview-role";
import {
    checkTrust,
    type Entitlement,
    oidcWeaknesses,
    parsePolicy,
    type Subject,
    type TrustRules,
} from "../../../lib/iam";

const ACCOUNT = "111122223333";
const ID = { owner: "acme", ownerId: "123", repo: "app", repoId: "456" };
const MAIN = { ref: "refs/heads/main", protectedRef: true } as const;
const WORKFLOW = "acme/app/.github/workflows/deploy.yml@refs/heads/main";
const GITHUB: Subject = { forge: "github", ...ID, ...MAIN, workflow: WORKFLOW };
const FORGEJO: Subject = { forge: "forgejo", instance: "forge.example", ...ID, ...MAIN };
const GITLAB: Subject = { forge: "gitlab", project: "acme/app", ...MAIN };

const FORGES: readonly [string, Subject, Record<string, string>][] = [
    [
        "github",
        GITHUB,
        {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": "repo:acme@123/app@456:ref:refs/heads/main",
            "token.actions.githubusercontent.com:job_workflow_ref": WORKFLOW,
        },
    ],
    [
        "forgejo",
        FORGEJO,
        {
            "forge.example/api/actions:aud": "sts.amazonaws.com",
            "forge.example/api/actions:sub": "repo:acme-123/app-456:ref:refs/heads/main",
        },
    ],
    [
        "gitlab",
        GITLAB,
        {
            "gitlab.com:aud": "sts.amazonaws.com",
            "gitlab.com:sub": "project_path:acme/app:ref_type:branch:ref:main",
        },
    ],
];

interface Trust {
    readonly Statement: readonly [{ Condition: { StringEquals: Record<string, string> } }];
}

/** What is wrong with a trust policy for these entitlements. */
function findings(trust: object, ...entitlements: Entitlement[]): string[] {
    const rules: TrustRules = {
        scope: { partition: "aws", region: "eu-west-1", accountId: ACCOUNT },
        services: [],
        awsPrincipals: [],
        entitlements,
        tagSession: false,
    };
    return checkTrust(parsePolicy(JSON.stringify(trust), "trust"), rules)
        .filter(({ level }) => level === "violation")
        .map(({ code, saw }) => `${code}: ${saw}`);
}

describe.each(FORGES)("%s", (_name, subject, expected) => {
    const trust = deployTrust(subject, ACCOUNT) as Trust;

    test("is trusted by these literal claims", () =>
        expect(trust.Statement[0].Condition).toEqual({ StringEquals: expected }));

    test("is what lib/iam would ask of it, and has no weakness by itself", () => {
        expect(findings(trust, deployEntitlement(subject))).toEqual([]);
        expect(oidcWeaknesses(parsePolicy(JSON.stringify(trust), "trust"))).toEqual([]);
    });

    test("without any one of its claims, more than the workflow could become the role, and lib/iam says so", () => {
        for (const claim of Object.keys(expected)) {
            const { [claim]: _left, ...others } = expected;
            const wider = { ...trust, Statement: [{ ...trust.Statement[0], Condition: { StringEquals: others } }] };
            expect(findings(wider, deployEntitlement(subject))).not.toEqual([]);
        }
    });
});

describe("nobody else", () => {
    const trusts = (subject: Subject): object => deployTrust(subject, ACCOUNT);
    test.each<[string, Subject, Subject]>([
        [
            "another branch",
            GITHUB,
            { ...GITHUB, ref: "refs/heads/dev", workflow: WORKFLOW.replace("main", "dev") } as Subject,
        ],
        ["another workflow", GITHUB, { ...GITHUB, workflow: WORKFLOW.replace("deploy", "preview") } as Subject],
        [
            "another repository",
            GITHUB,
            { ...GITHUB, repo: "fork", repoId: "9", workflow: WORKFLOW.replace("app", "fork") } as Subject,
        ],
        ["another branch", FORGEJO, { ...FORGEJO, ref: "refs/heads/dev" } as Subject],
        ["another project", GITLAB, { ...GITLAB, project: "fork/app" } as Subject],
    ])("%s", (_name, trusted, asks) => expect(findings(trusts(trusted), deployEntitlement(asks))).not.toEqual([]));

    test.each<[string, Subject, Parameters<typeof previewEntitlement>[0]]>([
        ["github", GITHUB, { forge: "github", ...ID }],
        ["forgejo", FORGEJO, { forge: "forgejo", instance: "forge.example", ...ID }],
        ["gitlab", GITLAB, { forge: "gitlab", project: "acme/app", branch: "preview" }],
    ])("nor a pull request, on %s", (_name, subject, request) =>
        expect(findings(trusts(subject), previewEntitlement(request))).not.toEqual([]),
    );
});

describe("is refused", () => {
    test.each<[string, Subject]>([
        ["a tag", { forge: "gitlab", project: "acme/app", tag: "v1" }],
        ["an environment", { forge: "github", ...ID, environment: "production", workflow: WORKFLOW }],
        ["a tag as ref", { ...GITLAB, ref: "refs/tags/v1" } as Subject],
        ["two subjects", { ...GITHUB, form: "both" } as Subject],
        ["no workflow on github.com", { forge: "github", ...ID, ...MAIN }],
        [
            "a workflow of another repository",
            { ...GITHUB, workflow: WORKFLOW.replace("acme/app", "evil/app") } as Subject,
        ],
        ["a workflow at another branch", { ...GITHUB, workflow: WORKFLOW.replace("main", "dev") } as Subject],
        ["a wildcard", { ...GITLAB, ref: "refs/heads/*" } as Subject],
    ])("%s", (_name, subject) =>
        expect(() => deployTrust(subject, ACCOUNT)).toThrow(expect.objectContaining({ code: "BadConfig" })),
    );

    test("what is no account", () =>
        expect(() => deployTrust(GITLAB, "1")).toThrow(expect.objectContaining({ code: "BadConfig" })));
});
