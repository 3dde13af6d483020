import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { type Entitlement, entitlementOf, type Subject } from "../../lib/iam";

/**
 * Whom the deploy role trusts: the one workflow that runs `pulumi up` under the policy pack, on the branch that is merged to. A pure
 * function, tested by lib/iam. The role may change key policies, so whoever becomes it elsewhere needs no pack at all.
 *
 * On github.com the token names the workflow's file. GitLab and Forgejo name the branch only: there, whoever may push to it may change
 * what the job runs.
 */

const AUDIENCE = "sts.amazonaws.com";

/**
 * @param from a protected branch, full name; on github.com with its `workflow`, at the same branch
 * @throws BadConfig for a tag, an environment, two subjects, or a workflow from another place
 */
export function deployEntitlement(from: Subject): Entitlement {
    if (!("ref" in from) || !from.ref.startsWith("refs/heads/"))
        throw codedError("BadConfig", "a tag or environment as subject of a deploy role, expected a protected branch");
    const expected = "owner" in from ? `${from.owner}/${from.repo}/` : "";
    if (from.workflow !== undefined && !(from.workflow.startsWith(expected) && from.workflow.endsWith(`@${from.ref}`)))
        throw codedError(
            "BadConfig",
            `workflow ${quote(from.workflow)}, expected a file of the repository itself, at ${quote(from.ref)}`,
        );
    const entitlement = entitlementOf(from, AUDIENCE);
    if (entitlement.claims["sub"]?.length !== 1)
        throw codedError("BadConfig", 'form "both" of a deploy role, expected "immutable" or "legacy": one subject');
    return entitlement;
}

/** @param accountId of the OpenID Connect provider; its client list holds `sts.amazonaws.com` and nothing else */
export function deployTrust(from: Subject, accountId: string, partition = "aws"): object {
    if (!/^[0-9]{12}$/.test(accountId))
        throw codedError("BadConfig", `account ${quote(accountId)}, expected twelve digits`);
    const { provider, claims } = deployEntitlement(from);
    const conditions = Object.entries(claims).map(([claim, [value]]) => [`${provider}:${claim}`, value]);
    return {
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "DeployWorkflow",
                Effect: "Allow",
                Principal: { Federated: `arn:${partition}:iam::${accountId}:oidc-provider/${provider}` },
                Action: "sts:AssumeRoleWithWebIdentity",
                Condition: { StringEquals: Object.fromEntries(conditions) },
            },
        ],
    };
}
