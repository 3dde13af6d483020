"""
iam:PassRole: whoever hands a role to a service needs the permission for that role, and the service must be trusted by
it.

Checked where this program's services take a role. MiniStack never asks.
"""

import json

from ministack.core import iam_evaluator as evaluator
from ministack.core import responses

from . import decisions
from .actions import request_data
from .patch import replace
from .service_roles import stored_role
from .statements import EVALUATOR
from .trust import trusts_service

# Action -> (the service that gets the role, where the roles stand in the request)
_ROLES = {
    "lambda:CreateFunction": ("lambda.amazonaws.com", lambda data: [data.get("Role")]),
    "lambda:UpdateFunctionConfiguration": ("lambda.amazonaws.com", lambda data: [data.get("Role")]),
    "states:CreateStateMachine": ("states.amazonaws.com", lambda data: [data.get("roleArn")]),
    "states:UpdateStateMachine": ("states.amazonaws.com", lambda data: [data.get("roleArn")]),
    "events:PutRule": ("events.amazonaws.com", lambda data: [data.get("RoleArn")]),
    "events:PutTargets": ("events.amazonaws.com", lambda data: [t.get("RoleArn") for t in data.get("Targets") or []]),
    "logs:PutDestination": ("logs.amazonaws.com", lambda data: [data.get("roleArn")]),
    "logs:PutSubscriptionFilter": ("logs.amazonaws.com", lambda data: [data.get("roleArn")]),
}
# Where a call without a role would get a default one.
_REQUIRED = ("lambda:CreateFunction", "states:CreateStateMachine")


def handed_over(action: str, data: dict) -> list[tuple[str, str]]:
    """(role ARN, service) of each role that a request hands over."""
    service, find = _ROLES.get(action, ("", lambda _data: []))
    roles = [(role, service) for role in find(data) if role]
    return roles or ([("", service)] if action in _REQUIRED else [])


def refusal(principal, role_arn: str, service: str, source_arn: str) -> evaluator.AuthError | None:
    """
    Why the caller may not hand this role to this service, None if it may.

    @param source_arn what will act with the role, for conditions of its trust policy; empty where AWS supplies none
    """
    if not isinstance(role_arn, str) or evaluator._account_from_arn(role_arn) != principal.account:
        return evaluator.AuthError("AccessDenied", f"Cross-account pass role is not allowed: {json.dumps(role_arn)}")
    ctx = evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action="iam:PassRole",
        resource_arn=role_arn,
        region=responses.get_region(),
        service_context={"iam:passedtoservice": service},
        principal_keys=principal.keys,
    )
    result = evaluator.evaluate(ctx, principal.policies, *principal.limits)
    decisions.note("iam:PassRole", role_arn, principal.arn, result)
    if result.decision != "Allow":
        why = (
            "with an explicit deny in an identity-based policy"
            if result.decision == "Deny"
            else "because no identity-based policy allows the iam:PassRole action"
        )
        message = f"User: {principal.arn} is not authorized to perform: iam:PassRole on resource: {role_arn} {why}"
        return evaluator.AuthError("AccessDenied", message)
    if not trusts_service(stored_role(role_arn), service, source_arn):
        code = "InvalidParameterValueException" if service.startswith("lambda") else "AccessDenied"
        return evaluator.AuthError(code, f"The role {role_arn} cannot be assumed by {service}.")
    return None


@replace(EVALUATOR, "enforce", ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"))
def enforce(original, access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    denied = original(access_key_id, iam_action, service, region, resource_arn, service_context)
    if denied is not None or iam_action not in _ROLES:
        return denied
    principal = evaluator.resolve_principal(access_key_id, responses.get_account_id())
    if isinstance(principal, evaluator.AuthError):
        return principal
    source = resource_arn if service in ("states", "events") else ""
    refusals = (refusal(principal, role, to, source) for role, to in handed_over(iam_action, request_data.get()))
    return next((found for found in refusals if found is not None), None)
