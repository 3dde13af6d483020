import {
    isKnownManaged,
    MANAGED_SOURCE,
    type ManagedCapability,
    managedPolicies,
    type ManagedVerdict,
} from "../../lib/iam/managed";

/** The table of AWS managed policies as a page that people can review: docs/managed-policies.md. */

const COLUMNS: readonly (readonly [string, readonly ManagedCapability[]])[] = [
    ["Sign", ["kms:Sign"]],
    ["CreateGrant", ["kms:CreateGrant"]],
    ["PutKeyPolicy", ["kms:PutKeyPolicy"]],
    ["PassRole", ["iam:PassRole"]],
    ["takeover", ["T60", "T61", "T62", "T64", "T66", "T67", "T68"]],
    ["half a move", ["assume", "compute", "create-role", "delete-role", "make", "pass", "retrust", "start", "supply"]],
];

const MEANING: Readonly<Record<ManagedCapability, string>> = {
    "kms:Sign": "may sign with a key of the account",
    "kms:CreateGrant": "may let others use a key of the account",
    "kms:PutKeyPolicy": "may change a key's policy",
    "iam:PassRole": "may hand a role under `/signing/` to Lambda, the one service that a signer trusts",
    T60: "may change trust, policies, boundary or tags of a role under `/signing/`",
    T61: "may make or change an identity provider",
    T62: "may call AssumeRole on a role under `/signing/`, or AssumeRoot",
    T64: "may change a function's code or configuration",
    T66: "may replicate, import into, enable or move a key, or change aliases",
    T67: "may invoke a function, or put a door in front of it",
    T68: "may write, replace or expire a table's items",
    assume: "AssumeRole on some role",
    compute: "commands on some instance, task, build or notebook",
    "create-role": "CreateRole under `/signing/`",
    "delete-role": "DeleteRole under `/signing/`",
    make: "makes or strengthens some principal, or runs commands as one",
    pass: "PassRole of some role to some service that starts things",
    retrust: "UpdateAssumeRolePolicy of some role",
    start: "starts something as a role handed to it",
    supply: "writes images, objects, parameters or secrets that something is made from",
};

export function managedPage(): string {
    const all = managedPolicies();
    const capable = all.filter(({ verdicts }) => verdicts.length > 0);
    const direct = capable.filter(({ verdicts }) =>
        COLUMNS.slice(0, 5).some(([, of]) => held(verdicts, of).length > 0),
    );
    const { package: name, version, license } = MANAGED_SOURCE;
    return `${[
        "# What AWS managed policies may do to a signer",
        "",
        `Judged: ${all.length} policies of AWS, ${capable.length} with a capability, ${all.length - capable.length} without any. Made by \`scripts/generate-managed-policies.cjs\` from the npm package \`${name}\` ${version} (${license}), which gathers AWS's documents daily; only the verdicts on each policy's current version are kept, in \`lib/iam/managed-table.json\`. The rule iam-managed-policy-denylist refuses to attach every policy that has any capability below, every one that is not in the table, and of the others those that allow an action which the pack does not know (iam-known-actions): ${all.filter(({ path }) => isKnownManaged(`arn:aws:iam::aws:policy/${path}`)).length} are left, AWSLambdaBasicExecutionRole, AmazonECSTaskExecutionRolePolicy and AmazonSSMManagedInstanceCore among them.`,
        "",
        "A verdict says what the document may allow if a key's own policy left everything to identity policies. It is **yes** where a statement allows the action on every such resource without condition, and **cond** where it does so on some of them, or under a condition that the caller or a service may meet (`kms:ViaService`, `kms:GrantIsForAWSResource`, tags, `aws:CalledVia`): these may do less than they say, never more. Denies count where they surely apply.",
        "",
        "| capability | means | yes | cond |",
        "|---|---|---|---|",
        ...(Object.keys(MEANING) as ManagedCapability[]).map((capability) => {
            const of = capable.flatMap(({ verdicts }) => verdicts.filter((one) => one.capability === capability));
            const certain = of.filter((one) => one.certain).length;
            return `| ${capability} | ${MEANING[capability]} | ${certain} | ${of.length - certain} |`;
        }),
        "",
        `## Power over a signer: ${direct.length} policies`,
        "",
        `| policy | ${COLUMNS.map(([title]) => title).join(" | ")} |`,
        `|---|${COLUMNS.map(() => "---").join("|")}|`,
        ...direct.map(
            ({ path, verdicts }) => `| ${path} | ${COLUMNS.map(([, of]) => cell(verdicts, of)).join(" | ")} |`,
        ),
        "",
        `## Half a move only: ${capable.length - direct.length} policies`,
        "",
        "Refused as well: another policy of the same role may hold the other half.",
        "",
        "| policy | half a move |",
        "|---|---|",
        ...capable
            .filter((one) => !direct.includes(one))
            .map(({ path, verdicts }) => `| ${path} | ${cell(verdicts, COLUMNS[5]![1])} |`),
        "",
        ...REVIEW,
    ].join("\n")}\n`;
}

function held(verdicts: readonly ManagedVerdict[], of: readonly ManagedCapability[]): readonly ManagedVerdict[] {
    return verdicts.filter(({ capability }) => of.includes(capability));
}

function cell(verdicts: readonly ManagedVerdict[], of: readonly ManagedCapability[]): string {
    const found = held(verdicts, of);
    if (of.length === 1) return found.map(({ certain }) => (certain ? "yes" : "cond")).join("");
    return found.map(({ capability, certain }) => `${capability}${certain ? "" : " (cond)"}`).join(", ");
}

/** What a person checked by hand, of the version above. */
const REVIEW: readonly string[] = [
    "## How it was reviewed",
    "",
    "- Every verdict on Sign, CreateGrant, PutKeyPolicy, PassRole, T60, T61, T62, T64, T66, T67 and T68 was compared with a second program, in another language and without the evaluator: actions by file-name patterns, ARNs by a recursive match field by field, no conditions but `iam:PassedToService`. Both agree on all policies, but for providers of SAML and event source mappings, which the second does not know.",
    "- Read one by one: each statement behind Sign, CreateGrant, PutKeyPolicy, PassRole, T60, T61, T62 and T66.",
    "- PassRole: policies that hand over `*` to other services only (`ec2.amazonaws.com`, `rds.amazonaws.com`, `ssm.amazonaws.com`, in any case of the key's name) have no PassRole here, since a signer trusts Lambda alone; those with `...IfExists` have it. `role/service-role/*` and names that begin with a service's prefix cannot be below `/signing/`; `role/*datazone*` can.",
    "- T60: a policy that attaches to users only, whatever its resource, is `make`. `iam:PolicyARN` conditions leave it `cond`.",
    "- CreateGrant: a grant for a service's own resource, or of `Decrypt` alone, cannot sign; it stays `cond`, as the request is one that a signing key's policy denies to everyone.",
    "- `arn:aws:kms:*::*` names no account, so it is no key (AWSRefactoringToolkitFullAccess).",
    "- Changed by the review: T60 no longer counts what only concerns users (AWSCodeStarServiceRole); providers of SAML are asked for as such (AWSSSOServiceRolePolicy); `make` is new, which WellArchitectedConsoleFullAccess and eight others had unseen; `kms:CreateAlias` is a verb of T66.",
];
