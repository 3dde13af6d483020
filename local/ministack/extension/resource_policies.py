"""
Policies of resources: which statements apply to a caller, and which policy a deciding statement stands in.
"""

import dataclasses

from ministack.core import iam_evaluator as evaluator
from ministack.core import responses

from .patch import replace
from .statements import EVALUATOR, document_of, statements_of

# What AWS's messages call the policy of each service's resources.
_NAMES = {
    "kms": "key policy",
    "s3": "bucket policy",
    "sqs": "queue policy",
    "sns": "topic policy",
    "sts": "trust policy",
    "lambda": "function policy",
    "events": "event bus policy",
}

# Condition keys that exist in identity policies and SCPs only.
_IDENTITY_ONLY = ("lambda:sourcefunctionarn",)


def _for_everyone(statement):
    """A Deny whose Principal cannot be matched (NotPrincipal, or none) denies everyone: never fewer than AWS would."""
    if isinstance(statement, dict) and statement.get("Effect") != "Allow" and "Principal" not in statement:
        return {**{k: v for k, v in statement.items() if k != "NotPrincipal"}, "Principal": "*"}
    return statement


@replace(EVALUATOR, "evaluate_resource_policy", ("doc", "ctx", "service", "named_only", "direct_only"))
def evaluate_resource_policy(original, doc, ctx, service=None, named_only=False, direct_only=False):
    name = _NAMES.get(ctx.action.partition(":")[0], "resource policy")
    document = document_of(doc) if doc else {}
    if document is None:
        unreadable = evaluator.ParsedStatement(sid="Unreadable", effect="Deny")
        unreadable.origin = name
        result = evaluator.EvalResult("Deny", ctx.principal_arn, "Unreadable", f"the {name} cannot be read")
        result.statement = unreadable
        return result
    keys = {key: value for key, value in ctx.principal_keys.items() if key not in _IDENTITY_ONLY}
    statements = [_for_everyone(statement) for statement in statements_of(document)]
    result = original(
        {"Statement": statements}, dataclasses.replace(ctx, principal_keys=keys), service, named_only, direct_only
    )
    if result.statement is not None:
        result.statement.origin = name
    return result


@replace(EVALUATOR, "_names_caller_directly", ("principal", "caller_arn"))
def names_caller_directly(original, principal, caller_arn):
    """
    Everyone, too: boundary and session policy do not limit what a resource's policy gives to `*` (IAM User Guide, "AWS
    JSON policy elements: Principal", on `aws:PrincipalArn` with a wildcard).
    """
    listed = principal.get("AWS", []) if isinstance(principal, dict) else principal
    if listed == "*" or (isinstance(listed, list) and "*" in listed):
        return True
    return original(principal, caller_arn)


@replace(EVALUATOR, "_resource_policy", ("service", "resource_arn"))
def resource_policy(original, service, resource_arn):
    """A role's trust policy is its resource policy: naming a principal of the same account suffices, as on AWS."""
    if service != "sts" or ":role/" not in resource_arn:
        found = original(service, resource_arn)
        owner = evaluator._account_from_arn(resource_arn)
        if owner not in (None, responses.get_account_id()) and (found is None or found[1] != owner):
            # Another account's resource, which MiniStack looks up in the caller's: without a policy it is closed.
            return None, owner
        return found
    from ministack.services import iam

    account = evaluator._account_from_arn(resource_arn)
    role = iam._roles.get_scoped(account, None, resource_arn.rsplit("/", 1)[-1])
    document = document_of(role.get("AssumeRolePolicyDocument")) if role and role.get("Arn") == resource_arn else None
    # Only what allows: the handler evaluates the whole document afterwards, with external id and session name.
    allows = [
        {**s, "Resource": "*"}
        for s in statements_of(document or {})
        if isinstance(s, dict) and s.get("Effect") == "Allow"
    ]
    return {"Statement": allows}, account
