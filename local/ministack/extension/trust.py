"""
Who a Principal element means.

MiniStack matches a role by its last path segment, a wildcard inside an ARN, and lets any Service principal admit the
root user. AWS knows `*`, an account, and whole ARNs.
"""

import re

from ministack.core import iam_evaluator as evaluator

from .patch import replace
from .statements import EVALUATOR, condition_flaw, document_of, statements_of

_ACCOUNT = re.compile(r"\d{12}")
_ACCOUNT_ROOT = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):root")
_SESSION = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/(.+)")


def role_of_session(arn: str) -> dict | None:
    """The stored role behind a session ARN, in the account the ARN names; None if the role is gone."""
    from ministack.services import iam

    session = _SESSION.fullmatch(arn or "")
    return iam._roles.get_scoped(session[2], None, session[3]) if session else None


def role_arn_of_session(arn: str) -> str | None:
    """The role's whole ARN, with its path, which the session's ARN drops."""
    role = role_of_session(arn)
    return role.get("Arn") if role else None


def names(principal: str, caller_arn: str) -> bool:
    """Whether one AWS principal means the caller."""
    if principal == "*":
        return True
    account = principal if _ACCOUNT.fullmatch(principal) else None
    root = _ACCOUNT_ROOT.fullmatch(principal)
    if account or root:
        return evaluator._account_from_arn(caller_arn) == (account or root[1])
    return principal in (caller_arn, role_arn_of_session(caller_arn))


@replace(EVALUATOR, "_principal_matches", ("principal", "caller_arn"))
def principal_matches(original, principal, caller_arn):
    if principal == "*":
        return True
    listed = principal.get("AWS", []) if isinstance(principal, dict) else []
    listed = listed if isinstance(listed, list) else [listed]
    return any(isinstance(item, str) and names(item, caller_arn) for item in listed)


@replace(EVALUATOR, "evaluate_trust_policy", ("trust_doc", "caller_arn", "ctx"))
def evaluate_trust_policy(original, trust_doc, caller_arn, ctx=None):
    document = document_of(trust_doc)
    if document is None or any(
        not isinstance(s, dict)
        or s.get("Effect") not in ("Allow", "Deny")
        or "NotPrincipal" in s
        or condition_flaw(s.get("Condition"))
        for s in statements_of(document)
    ):
        return False
    return original(document, caller_arn, ctx)


def trusts_service(role: dict | None, service: str, source_arn: str = "") -> bool:
    """
    Whether a role may be assumed by an AWS service, such as `states.amazonaws.com`.

    @param source_arn the resource it acts for, `aws:SourceArn` in the trust policy; empty where AWS supplies none
    """
    document = document_of(role.get("AssumeRolePolicyDocument")) if role else None
    if document is None:
        return False
    source = {"aws:sourcearn": source_arn, "aws:sourceaccount": source_arn.split(":")[4]} if source_arn else {}
    context = evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sts:AssumeRole",
        resource_arn=role.get("Arn", ""),
        region="",
        service_context=source,
    )
    allowed = False
    for statement in statements_of(document):
        if not isinstance(statement, dict) or condition_flaw(statement.get("Condition")):
            return False
        actions = statement.get("Action", [])
        actions = actions if isinstance(actions, list) else [actions]
        if not any(isinstance(action, str) and evaluator.fnmatch_iam(context.action, action) for action in actions):
            continue
        principal = statement.get("Principal")
        named = principal == "*" or evaluator._service_principal_matches(principal, service)
        if not named or not evaluator._conditions_met(statement.get("Condition", {}), context):
            continue
        if statement.get("Effect") != "Allow":
            return False
        allowed = True
    return allowed
