import { describe, expect, test } from "vitest";
import {
    NEVER,
    previewEntitlement,
    previewPermissions,
    previewTrust,
    type PullRequests,
} from "../../../examples/pull-request/preview-role";
import {
    checkTrust,
    decideExactly,
    documentMay,
    oidcWeaknesses,
    type ParsedPolicy,
    parsePolicy,
    principalOfArn,
    targetOf,
    type TrustRules,
} from "../../../lib/iam";

const ACCOUNT = "111122223333";
const SCOPE = { partition: "aws", region: "eu-west-1", accountId: ACCOUNT };
const ROLE = `arn:aws:iam::${ACCOUNT}:role/countersign-preview`;
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab`;
const STATE = { bucket: "acme-state", project: "countersign", stack: "dev", keyArns: [KEY] };
const ID = { owner: "acme", ownerId: "123", repo: "app", repoId: "456" };
const GITHUB: PullRequests = { forge: "github", ...ID };
const GITHUB_ISSUER = "token.actions.githubusercontent.com";

/** Configuration, and the one subject that its forge puts into a pull request's token. */
const FORGES: readonly [string, PullRequests, string, string][] = [
    ["github", GITHUB, GITHUB_ISSUER, "repo:acme@123/app@456:pull_request"],
    ["github, legacy", { ...GITHUB, form: "legacy" }, GITHUB_ISSUER, "repo:acme/app:pull_request"],
    [
        "forgejo",
        { forge: "forgejo", instance: "forge.example", ...ID },
        "forge.example/api/actions",
        "repo:acme-123/app-456:pull_request",
    ],
    [
        "gitlab",
        { forge: "gitlab", project: "acme/app", branch: "preview" },
        "gitlab.com",
        "project_path:acme/app:ref_type:branch:ref:preview",
    ],
];

const read = (document: object, kind: "trust" | "identity"): ParsedPolicy =>
    parsePolicy(JSON.stringify(document), kind);
const rulesFor = (from: PullRequests): TrustRules => ({
    scope: SCOPE,
    services: [],
    awsPrincipals: [],
    entitlements: [previewEntitlement(from)],
    tagSession: false,
});

interface TrustDocument {
    Statement: [{ Condition: { StringEquals: Record<string, string>; StringLike?: Record<string, string> } }];
}

/** The GitHub trust policy with its conditions edited. */
function edited(edit: (conditions: TrustDocument["Statement"][0]["Condition"]) => void): ParsedPolicy {
    const document = previewTrust(GITHUB, ACCOUNT) as TrustDocument;
    edit(document.Statement[0].Condition);
    return read(document, "trust");
}

const SUB = `${GITHUB_ISSUER}:sub`;

describe("trust", () => {
    test.each(FORGES)("%s: entails exactly the configured subject", (_, from, issuer, subject) => {
        const document = previewTrust(from, ACCOUNT) as TrustDocument;
        const policy = read(document, "trust");
        expect(policy.problems).toEqual([]);
        expect(checkTrust(policy, rulesFor(from))).toEqual([]);
        expect(policy.document.statements).toHaveLength(1);
        const { StringEquals, ...others } = document.Statement[0].Condition;
        expect(others).toEqual({});
        expect(StringEquals).toMatchObject({ [`${issuer}:sub`]: subject, [`${issuer}:aud`]: "sts.amazonaws.com" });
    });

    test.each(FORGES)("%s: the token it names comes in, and its neighbours do not", (_, from, issuer, subject) => {
        const { claims } = previewEntitlement(from);
        const policy = read(previewTrust(from, ACCOUNT), "trust");
        const caller = {
            kind: "federated" as const,
            name: `arn:aws:iam::${ACCOUNT}:oidc-provider/${issuer}`,
            isClass: false,
            except: [],
            org: { kind: "absent" as const },
        };
        const decide = (change: Record<string, string>) => {
            const all = Object.fromEntries(Object.entries(claims).map(([claim, [value]]) => [claim, value ?? ""]));
            const context = Object.fromEntries(
                Object.entries({ ...all, ...change }).map(([claim, value]) => [`${issuer}:${claim}`, value]),
            );
            return decideExactly({
                caller,
                action: "sts:AssumeRoleWithWebIdentity",
                resource: ROLE,
                resourceAccount: ACCOUNT,
                resourcePolicy: policy,
                identity: [],
                context,
                requiresDelegation: false,
            }).decision;
        };
        expect(decide({})).toBe("allow");
        expect(decide({ aud: "https://github.com/acme" })).toBe("implicitDeny");
        for (const other of [
            subject.replace("acme", "stranger"),
            subject.replace("app", "app-evil"),
            subject.toUpperCase(),
            `${subject}/evil`,
            subject.replace(/:pull_request$|:preview$/, ":main"),
        ])
            expect(decide({ sub: other }), other).toBe("implicitDeny");
    });

    test("github: a repository registered again under the same name has other ids", () => {
        const { claims } = previewEntitlement({ ...GITHUB, form: "legacy" });
        expect(claims).toMatchObject({ repository_id: ["456"], repository_owner_id: ["123"] });
    });

    // So the role belongs to the account's baseline: in the program that the pack judges, it would be refused.
    test("is no trust to sign by: of our own the pack says one thing, that pull requests are admitted", () => {
        expect(oidcWeaknesses(read(previewTrust(GITHUB, ACCOUNT), "trust")).map(({ saw }) => saw)).toEqual([
            "pull requests",
        ]);
    });

    const refused: readonly [string, ParsedPolicy, RegExp][] = [
        ["without a subject", edited(({ StringEquals }) => delete StringEquals[SUB]), /no condition on sub/],
        [
            "with a wildcard repository",
            edited((conditions) => {
                delete conditions.StringEquals[SUB];
                conditions.StringLike = { [SUB]: "repo:acme@123/*:pull_request" };
            }),
            /sub is wider/,
        ],
        [
            "for any fork",
            edited((conditions) => {
                delete conditions.StringEquals[SUB];
                conditions.StringLike = { [SUB]: "repo:*/app@*:pull_request" };
            }),
            /sub is wider/,
        ],
        [
            "for a named fork",
            edited(({ StringEquals }) => (StringEquals[SUB] = "repo:stranger@9/app@10:pull_request")),
            /sub is wider/,
        ],
        [
            "without an audience",
            edited(({ StringEquals }) => delete StringEquals[`${GITHUB_ISSUER}:aud`]),
            /no condition on aud/,
        ],
    ];
    test.each(refused)("%s is refused", (_, policy, saw) => {
        const findings = checkTrust(policy, rulesFor(GITHUB));
        expect(findings.map(({ code, level }) => `${code} ${level}`)).toEqual(["Subject violation"]);
        expect(findings[0]?.saw).toMatch(saw);
    });

    test("a subject by name or by nothing is a weakness whatever is configured", () => {
        const bare = edited((conditions) => {
            conditions.StringEquals = { [`${GITHUB_ISSUER}:aud`]: "sts.amazonaws.com" };
        });
        expect(oidcWeaknesses(bare).map(({ saw }) => saw)).toEqual([
            expect.stringMatching(/^neither a literal subject nor ids/),
        ]);
    });

    test.each<[string, PullRequests]>([
        ["wildcard repository", { ...GITHUB, repo: "*" }],
        ["wildcard owner", { ...GITHUB, owner: "acme*" }],
        ["no id", { ...GITHUB, repoId: "" }],
        ["variable", { ...GITHUB, repo: "${aws:username}" }],
        ["both forms", { ...GITHUB, form: "both" as "legacy" }],
        ["any branch", { forge: "gitlab", project: "acme/app", branch: "*" }],
        ["any project", { forge: "gitlab", project: "acme/*", branch: "preview" }],
        ["an old GitLab", { forge: "gitlab", instance: "git.example", project: "acme/app", branch: "preview" }],
    ])("configuration: %s is refused", (_, from) => {
        expect(() => previewTrust(from, ACCOUNT)).toThrow(expect.objectContaining({ code: "BadConfig" }));
    });

    test("configuration: an account that is none is refused", () => {
        expect(() => previewTrust(GITHUB, "*")).toThrow(/twelve digits/);
    });
});

describe("permissions", () => {
    const policy = read(previewPermissions(STATE), "identity");
    const attached = { name: "preview", policy };
    const administrator = {
        name: "AdministratorAccess",
        policy: read(
            { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] },
            "identity",
        ),
    };
    const decide = (action: string, resource: string, context = {}, identity = [attached]) =>
        decideExactly({
            caller: principalOfArn(ROLE, SCOPE),
            action,
            resource,
            resourceAccount: ACCOUNT,
            identity,
            context,
            requiresDelegation: false,
        }).decision;

    test("is understood whole", () => expect(policy.problems).toEqual([]));

    test.each([...NEVER, "kms:Decrypt", "kms:ScheduleKeyDeletion", "s3:PutObject", "iam:*", "*Role", "kms:*Grant"])(
        "%s: on nothing",
        (action) => {
            expect(documentMay({ ...attached, name: ROLE }, targetOf(action, "*"), SCOPE)).toBeUndefined();
            expect(documentMay({ ...attached, name: ROLE }, targetOf(action), SCOPE)).toBeUndefined();
        },
    );

    test.each(NEVER)("%s: not even with administrator's rights beside it", (action) => {
        for (const resource of [
            KEY,
            ROLE,
            `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:countersign-dev-files-v1-sign`,
        ])
            expect(decide(action, resource, {}, [attached, administrator])).toBe("explicitDeny");
    });

    test("reads its own stack's state and public keys, and nothing next to them", () => {
        expect(decide("s3:GetObject", "arn:aws:s3:::acme-state/.pulumi/stacks/countersign/dev.json")).toBe("allow");
        expect(decide("s3:GetObject", "arn:aws:s3:::acme-state/.pulumi/stacks/countersign/prod.json")).toBe(
            "implicitDeny",
        );
        expect(decide("s3:GetObject", "arn:aws:s3:::acme-state/.pulumi/stacks/countersign/dev.pulumi-tags")).toBe(
            "allow",
        );
        const list = (prefix: string) => decide("s3:ListBucket", "arn:aws:s3:::acme-state", { "s3:prefix": prefix });
        expect(list(".pulumi/stacks/countersign/dev")).toBe("allow");
        expect(list(".pulumi/stacks/other/")).toBe("implicitDeny");
        expect(decide("kms:GetPublicKey", KEY)).toBe("allow");
        expect(decide("kms:GetPublicKey", `${KEY}0`)).toBe("implicitDeny");
        expect(decide("sts:GetCallerIdentity", "*")).toBe("allow");
    });

    test("without keys, KMS is not there at all", () => {
        const none = { name: ROLE, policy: read(previewPermissions({ ...STATE, keyArns: [] }), "identity") };
        expect(documentMay(none, targetOf("kms:*", "*"), SCOPE)).toBeUndefined();
        expect(documentMay({ ...attached, name: ROLE }, targetOf("kms:GetPublicKey", KEY), SCOPE)).toBeDefined();
    });

    test.each([
        ["bucket", { ...STATE, bucket: "acme*" }],
        ["project", { ...STATE, project: "*" }],
        ["stack", { ...STATE, stack: "dev/*" }],
        ["key", { ...STATE, keyArns: [`arn:aws:kms:eu-west-1:${ACCOUNT}:key/*`] }],
    ])("configuration: a wildcard as %s is refused", (_, state) => {
        expect(() => previewPermissions(state)).toThrow(expect.objectContaining({ code: "BadConfig" }));
    });
});
