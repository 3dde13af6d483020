import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { type Entitlement, entitlementOf, type Subject } from "../../lib/iam";

/**
 * The role of `pulumi preview` on a pull request, as documents: pure functions, known in a preview, tested by lib/iam.
 *
 * A preview runs the request's code with these credentials. So the role reads state and configuration, and is denied
 * everything else, whatever is attached to it later.
 */

interface Named {
    readonly owner: string;
    readonly ownerId: string;
    readonly repo: string;
    readonly repoId: string;
    /** One subject is trusted, so there is no "both". @default "immutable" where the forge has it */
    readonly form?: "immutable" | "legacy";
}

/**
 * Whose pull requests. How each forge marks forks, which must get no credentials:
 *
 * - GitHub: a fork's request has the same subject, since its workflow runs in the target repository. It gets no token
 *   (`id-token: write` is taken away) unless the setting "Send write tokens to workflows from fork pull requests" is on: leave
 *   it off. In the event, `pull_request.head.repo.full_name` differs from `github.repository`.
 * - Forgejo: a fork's request gets no token, but under `pull_request_target`, whose subject is the target branch's and not this one.
 *   The event marks it as GitHub's does.
 * - GitLab: a fork's pipeline runs in the fork, whose path its subject holds. A member can run it in the parent
 *   project too: turn off "Run pipelines in the parent project for merge requests from a forked project".
 *   `CI_MERGE_REQUEST_SOURCE_PROJECT_ID` then differs from `CI_PROJECT_ID`.
 */
export type PullRequests =
    | ({ readonly forge: "github"; readonly instance?: string } & Named)
    | ({ readonly forge: "forgejo"; readonly instance: string } & Named)
    /**
     * GitLab has no subject of merge requests, but the source branch's. So one branch is named, from which requests that want a preview
     * come. It must not be one that a deploy or submitter role trusts.
     */
    | {
          readonly forge: "gitlab";
          readonly instance?: string;
          readonly version?: string;
          readonly project: string;
          readonly branch: string;
      };

export interface StateOf {
    /** Of a self-managed backend: `pulumi login s3://BUCKET`. Encrypted by S3's own keys, since this role decrypts nothing. */
    readonly bucket: string;
    readonly project: string;
    readonly stack: string;
    /**
     * ARNs of the stack's keys, the log's too: the program reads their public halves once they exist. A new key's ARN is added when
     * it is deployed, or the next preview fails. @default none, for a stack not yet deployed
     */
    readonly keyArns?: readonly string[];
    /** @default "aws" */
    readonly partition?: string;
}

const AUDIENCE = "sts.amazonaws.com";
const BRANCH = "refs/heads/pull";

/**
 * What a token of a pull request proves: exactly one subject.
 *
 * @throws BadConfig for anything that is not one literal repository
 */
export function previewEntitlement(from: PullRequests): Entitlement {
    if (from.forge === "gitlab") {
        const { branch, ...scope } = from;
        return entitlementOf({ ...scope, ref: `refs/heads/${branch}`, protectedRef: true }, AUDIENCE);
    }
    if ((from.form as string | undefined) === "both")
        throw codedError("BadConfig", 'form "both" of a preview role, expected "immutable" or "legacy": one subject');
    // Names and ids are checked where every subject is: the request's differs from a branch's in its end alone.
    const isShared = from.forge === "github" && from.instance === undefined;
    const branch = { ref: BRANCH, protectedRef: true as const };
    const workflow = isShared ? { workflow: `${from.owner}/${from.repo}/.github/workflows/preview.yml@${BRANCH}` } : {};
    const { provider, claims } = entitlementOf({ ...from, ...branch, ...workflow } as Subject, AUDIENCE);
    const sub = (claims["sub"] ?? []).map((one) => one.replace(/:ref:refs\/heads\/pull$/, ":pull_request"));
    // The workflow's ref is `refs/pull/NUMBER/merge`, another for each request: it cannot be pinned. The ids can, on github.com.
    const ids: Entitlement["claims"] = isShared
        ? { repository_id: [from.repoId], repository_owner_id: [from.ownerId] }
        : {};
    return { provider, claims: { aud: [AUDIENCE], sub, ...ids } };
}

/** @param accountId of the OpenID Connect provider; its client list holds `sts.amazonaws.com` and nothing else */
export function previewTrust(from: PullRequests, accountId: string, partition = "aws"): object {
    if (!/^[0-9]{12}$/.test(accountId))
        throw codedError("BadConfig", `account ${quote(accountId)}, expected twelve digits`);
    const { provider, claims } = previewEntitlement(from);
    const conditions = Object.entries(claims).map(([claim, [value]]) => [`${provider}:${claim}`, value]);
    return {
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "PullRequest",
                Effect: "Allow",
                Principal: { Federated: `arn:${partition}:iam::${accountId}:oidc-provider/${provider}` },
                Action: "sts:AssumeRoleWithWebIdentity",
                Condition: { StringEquals: Object.fromEntries(conditions) },
            },
        ],
    };
}

/** By each of these a request's code would sign, or become or command someone who can. */
export const NEVER = [
    "kms:Sign",
    "kms:CreateGrant",
    "kms:PutKeyPolicy",
    "lambda:InvokeFunction",
    "sts:AssumeRole",
    "iam:PassRole",
] as const;

/**
 * The stack's state, and public keys. No kms:Decrypt: the stack's secrets provider is a passphrase, which is empty because the
 * configuration holds no secret. `pulumi preview` takes no lock, so nothing is written.
 *
 * @throws BadConfig for a name that holds a wildcard or variable of IAM
 */
export function previewPermissions({ bucket, project, stack, keyArns = [], partition = "aws" }: StateOf): object {
    if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket))
        throw codedError("BadConfig", `state bucket ${quote(bucket)}, expected a bucket's name`);
    for (const name of [project, stack]) {
        if (!/^[A-Za-z0-9_.-]{1,100}$/.test(name))
            throw codedError("BadConfig", `project or stack ${quote(name)}, expected letters, digits, "_", ".", "-"`);
    }
    for (const arn of keyArns) {
        if (!/^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key\/[A-Za-z0-9-]+$/.test(arn))
            throw codedError("BadConfig", `key ${quote(arn)}, expected the ARN of one key`);
    }
    const backend = `arn:${partition}:s3:::${bucket}`;
    const checkpoint = `.pulumi/stacks/${project}/${stack}.json`;
    const tags = `.pulumi/stacks/${project}/${stack}.pulumi-tags`;
    const publicKeys = keyArns.length === 0 ? [] : ["kms:GetPublicKey"];
    const reads = ["s3:GetObject", "s3:ListBucket", "sts:GetCallerIdentity", ...publicKeys];
    return {
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "State",
                Effect: "Allow",
                Action: "s3:GetObject",
                // Plain or compressed, the stack's tags, and the version of the backend's layout. Tags are read even if there are none:
                // S3 says so only to whoever may list the name.
                Resource: [checkpoint, `${checkpoint}.gz`, `${checkpoint}.zst`, tags, ".pulumi/meta.yaml"].map(
                    (key) => `${backend}/${key}`,
                ),
            },
            {
                Sid: "StateNames",
                Effect: "Allow",
                Action: "s3:ListBucket",
                Resource: backend,
                Condition: { StringLike: { "s3:prefix": `.pulumi/stacks/${project}/*` } },
            },
            { Sid: "Account", Effect: "Allow", Action: "sts:GetCallerIdentity", Resource: "*" },
            ...publicKeys.map((Action) => ({ Sid: "PublicKeys", Effect: "Allow", Action, Resource: [...keyArns] })),
            { Sid: "DenyWhatSigns", Effect: "Deny", Action: [...NEVER], Resource: "*" },
            // Also against what somebody attaches later.
            { Sid: "DenyAllButReads", Effect: "Deny", NotAction: reads, Resource: "*" },
        ],
    };
}
