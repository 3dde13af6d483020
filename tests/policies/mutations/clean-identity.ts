import { type Benign } from "./benign";
import { attach, OUTSIDE, own, ownPolicy, policyOf, ROLE } from "./identity-attached";
import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Program,
    UNKNOWN,
    withStatement,
    withText,
    withTrust,
} from "./program";

/** What must raise nothing of A and C, beside what clean.ts has. */

const READS = { Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
const VERIFY = `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`;
const COMPANION = `arn:aws:iam::${ACCOUNT}:role/companion`;
const companion = { outsideRoles: [{ arn: COMPANION, reason: "another stack's, reviewed" }] };

const statement = (threat: string, name: string, one: Json, settings?: Benign["settings"]): Benign => ({
    threat,
    name,
    change: (program) => [withStatement(program, one)],
    ...(settings && { settings }),
});

const GITHUB = "token.actions.githubusercontent.com";
const PLACE = {
    forge: "github",
    owner: "acme",
    ownerId: "1001",
    repo: "release",
    repoId: "2002",
    workflow: "acme/release/.github/workflows/submit.yml@refs/tags/v1",
};

/** A role that writes nothing, which CI of a configured place becomes. */
function ci(
    threat: string,
    name: string,
    where: Json,
    sub: Json,
    more: { condition?: Json; deny?: string } = {},
): Benign {
    const { condition = {}, deny } = more;
    const Principal = { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${GITHUB}` };
    const Action = "sts:AssumeRoleWithWebIdentity";
    const operator = deny === undefined ? "StringEquals" : "StringLike";
    const claims = {
        [`${GITHUB}:aud`]: "sts.amazonaws.com",
        [`${GITHUB}:job_workflow_ref`]: PLACE.workflow,
        ...condition,
    };
    return {
        threat,
        name,
        notices: true,
        settings: {
            oidcProviders: [{ url: `https://${GITHUB}`, audiences: ["sts.amazonaws.com"] }],
            subjects: [{ ...PLACE, ...where } as never],
        },
        change: (program) => [
            withTrust(program, "pipeline-publish", [
                {
                    Principal,
                    Action,
                    Condition: {
                        StringEquals: claims,
                        [operator]: { ...(operator === "StringEquals" && claims), [`${GITHUB}:sub`]: sub },
                    },
                },
                ...(deny === undefined
                    ? []
                    : [{ Effect: "Deny", Principal, Action, Condition: { StringLike: { [`${GITHUB}:sub`]: deny } } }]),
            ]),
        ],
    };
}
const IDS = { [`${GITHUB}:repository_id`]: "2002", [`${GITHUB}:repository_owner_id`]: "1001" };
const MAIN = { ref: "refs/heads/main", protectedRef: true };

const signs = (program: Program) =>
    ownPolicy(program, "ceiling", { Action: ["kms:Sign", "s3:GetObject"], Resource: "*" });

export const benignIdentity: readonly Benign[] = [
    statement("T04", "a Deny by NotResource", { Effect: "Deny", Action: "s3:*", NotResource: "arn:aws:s3:::b/*" }),
    statement("T03", "a Deny of all that is not read", {
        Effect: "Deny",
        NotAction: ["s3:Get*", "dynamodb:*"],
        Resource: "*",
    }),
    statement("T02", "kms:Verify in another case", { Action: "KMS:VERIFY", Resource: "*" }),
    ...[policyOf(READS), JSON.stringify(policyOf(READS), undefined, 2)].map((document): Benign => ({
        threat: "T11",
        name: `a policy of others that reads, its document ${typeof document === "string" ? "as text" : "as an object"}`,
        settings: { outsidePolicies: [{ arn: OUTSIDE, document }] },
        change: attach(OUTSIDE),
    })),
    {
        threat: "T11",
        name: "a policy of the stack, by ARN",
        settings: { stackPolicies: ["reader"] },
        change: (program) => [ownPolicy(program, "reader", READS), ...attach(own("reader"))(program)],
    },
    {
        threat: "T11",
        name: "a policy of the stack under a path, in the role",
        settings: { stackPolicies: ["reader"] },
        change: (program) => [
            ownPolicy(program, "reader", READS, { path: "/countersign/" }),
            changed(program.get("Role", "pipeline-prepare"), { managedPolicyArns: [own("reader", "/countersign/")] }),
        ],
    },
    {
        threat: "T11",
        name: "policies of the stack by dependency, exclusively",
        change: (program) => {
            const policy = ownPolicy(program, "reader", READS);
            const exclusive = added(
                program,
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                "clean",
                { roleName: ROLE, policyArns: [UNKNOWN] },
                { propertyDependencies: { policyArns: [policy.urn!] } },
            );
            return [policy, exclusive];
        },
    },
    {
        threat: "T11",
        name: "a policy of the stack by dependency, in the role",
        change: (program) => {
            const policy = ownPolicy(program, "reader", READS);
            const role = changed(program.get("Role", "pipeline-prepare"), { managedPolicyArns: [UNKNOWN] });
            return [policy, { ...role, propertyDependencies: { managedPolicyArns: [policy.urn!] } }];
        },
    },
    {
        threat: "T14",
        name: "a policy of the stack that may sign, as boundary",
        settings: { boundaryPolicies: ["ceiling"] },
        change: (program) => [
            signs(program),
            changed(program.get("Role", "pipeline-prepare"), { permissionsBoundary: own("ceiling") }),
        ],
    },
    {
        threat: "T14",
        name: "a boundary that allows all it does not name, by dependency",
        settings: { boundaryPolicies: ["ceiling"] },
        change: (program) => {
            const policy = ownPolicy(program, "ceiling", { NotAction: "iam:*", Resource: "*" });
            const role = changed(program.get("Role", "pipeline-prepare"), { permissionsBoundary: UNKNOWN });
            return [policy, { ...role, propertyDependencies: { permissionsBoundary: [policy.urn!] } }];
        },
    },
    {
        threat: "T15",
        name: "members in another order, and a list where one would do",
        change: (program) => [
            withText(
                program,
                '{"Statement":[{"Resource":["arn:aws:s3:::b/*"],"Action":["s3:GetObject"],"Effect":"Allow"}],"Version":"2012-10-17"}',
            ),
        ],
    },
    statement("T62", "a role that assumes another of this program", { Action: "sts:AssumeRole", Resource: VERIFY }),
    statement(
        "T62",
        "a role that assumes a reviewed one",
        { Action: "sts:AssumeRole", Resource: COMPANION },
        companion,
    ),
    statement("T62", "a Deny of all assuming", { Effect: "Deny", Action: "sts:*", Resource: "*" }),
    statement("T62", "who it is", { Action: "sts:GetCallerIdentity", Resource: "*" }),
    statement(
        "T63",
        "PassRole of a reviewed role to one service",
        {
            Action: "iam:PassRole",
            Resource: COMPANION,
            Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
        },
        companion,
    ),
    {
        threat: "T51",
        name: "a role that trusts a reviewed one",
        settings: companion,
        change: (program) => [withTrust(program, "pipeline-verify", [{ Principal: { AWS: COMPANION } }])],
    },
    ci(
        "T43",
        "tags by a pattern that is configured, with its Deny",
        { tag: "v*", protectedTags: true },
        "repo:acme@1001/release@2002:ref:refs/tags/v*",
        {
            deny: "repo:acme@1001/release@2002:ref:refs/tags/v*/*",
        },
    ),
    ci(
        "T43",
        "one tag of those that are configured",
        { tag: "v*", protectedTags: true },
        "repo:acme@1001/release@2002:ref:refs/tags/v1",
        {
            deny: "repo:acme@1001/release@2002:ref:refs/tags/v*/*",
        },
    ),
    ci("T45", "a repository by name and ids", { ...MAIN, form: "legacy" }, "repo:acme/release:ref:refs/heads/main", {
        condition: IDS,
    }),
    ci(
        "T45",
        "both forms of a subject, exactly",
        { ...MAIN, form: "both" },
        ["repo:acme@1001/release@2002:ref:refs/heads/main", "repo:acme/release:ref:refs/heads/main"],
        { condition: IDS },
    ),
    ci("T46", "an environment", { environment: "prod" }, "repo:acme@1001/release@2002:environment:prod"),
    {
        threat: "T49",
        name: "a service that the settings name",
        settings: { extraServices: [{ name: "codebuild.amazonaws.com", reason: "builds, reviewed" }] },
        change: (program) => [
            withTrust(program, "pipeline-verify", [
                {
                    Principal: { Service: "codebuild.amazonaws.com" },
                    Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
                },
            ]),
        ],
    },
];
