"""
What the evaluator decided, request by request: the gateway shows it, and makes CloudTrail identities from it.
"""

import contextvars
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any

from ministack.core import iam_evaluator as evaluator

from .actions import request_keys
from .patch import expect, replace
from .principals import principal_arn
from .sources import function_arn_of
from .statements import EVALUATOR
from .trust import role_of_session

KEPT = 20_000
WORDS = {"Allow": "allow", "Deny": "explicitDeny", "ImplicitDeny": "implicitDeny"}


@dataclass
class Record:
    """Every check of one request, in order."""

    checks: list[dict] = field(default_factory=list)
    caller: dict | None = None

    def summary(self) -> dict:
        """The check that refused, else the first: the request's own action."""
        refused = next((check for check in self.checks if check["decision"] != "allow"), None)
        chosen = refused or (
            self.checks[0]
            if self.checks
            else {
                "decision": "implicitDeny",
                "error": {"code": "NotEvaluated", "message": "the request was refused before any policy was evaluated"},
            }
        )
        return {**chosen, **({"caller": self.caller} if self.caller else {})}


current: contextvars.ContextVar[Record | None] = contextvars.ContextVar("countersign_record", default=None)
_latest: contextvars.ContextVar[Any] = contextvars.ContextVar("countersign_latest", default=None)
_by_request: OrderedDict[str, Record] = OrderedDict()


def keep(request_id: str, record: Record) -> None:
    _by_request[request_id] = record
    while len(_by_request) > KEPT:
        _by_request.popitem(last=False)


def find(request_id: str) -> dict | None:
    record = _by_request.get(request_id)
    return record.summary() if record else None


def describe_statement(statement) -> dict | None:
    if statement is None:
        return None
    sid = {"sid": statement.sid} if statement.sid else {}
    return {**sid, "effect": statement.effect, "policy": getattr(statement, "origin", "policy")}


def describe_caller(credential) -> dict:
    """A CloudTrail userIdentity, and what policies see beside it (principalArn, sourceFunctionArn)."""
    from ministack.services import sts

    arn = credential.principal_arn
    kind = {"User": "IAMUser"}.get(credential.principal_type, credential.principal_type)
    caller = {
        "type": kind,
        "principalId": credential.principal_id,
        "arn": arn,
        "accountId": credential.account_id,
        "accessKeyId": credential.access_key_id,
        "principalArn": principal_arn(arn) or arn,
    }
    session = sts._sessions.get(credential.access_key_id)
    role = role_of_session(arn)
    if session is not None:
        caller["sessionContext"] = {
            "attributes": {"creationDate": _iso(session.get("IssuedAt")), "mfaAuthenticated": "false"}
        }
    if role is not None and session is not None:
        caller["sessionContext"]["sessionIssuer"] = {
            "type": "Role",
            "principalId": role.get("RoleId"),
            "arn": role.get("Arn"),
            "accountId": credential.account_id,
            "userName": role.get("RoleName"),
        }
    if kind == "IAMUser":
        caller["userName"] = credential.principal_name
    function_arn = function_arn_of(credential.access_key_id)
    return {**caller, "sourceFunctionArn": function_arn} if function_arn else caller


def _iso(seconds: Any) -> str:
    from datetime import datetime, timezone

    return datetime.fromtimestamp(float(seconds or 0), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def note(action: str, resource: str, principal: str, result, error: tuple[str, str] | None = None) -> dict:
    """Adds one check to the request at hand and returns it."""
    decision = WORDS.get(getattr(result, "decision", ""), "implicitDeny")
    check = {"decision": decision, "action": action, "resource": resource, "principal": principal}
    statement = describe_statement(getattr(result, "statement", None))
    if statement:
        check["statement"] = statement
    if error:
        check["error"] = {"code": error[0], "message": error[1]}
    record = current.get()
    if record is not None:
        record.checks.append(check)
    return check


@replace(EVALUATOR, "evaluate", ("ctx", "policies", "limits"))
def evaluate(original, ctx, policies, *limits):
    result = original(ctx, policies, *limits)
    _latest.set(result)
    return result


@replace(EVALUATOR, "combine_resource_policy", ("identity", "ctx", "policy", "owner_account", "required", "limits"))
def combine_resource_policy(original, identity, ctx, policy, owner_account, required=False, limits=()):
    result = original(identity, ctx, policy, owner_account, required, limits)
    if result.decision == "Allow" and required:
        # Where the resource's policy must allow, it is the statement that names the caller which counts.
        named = evaluator.evaluate_resource_policy(policy, ctx, named_only=True)
        result = named if named.decision == "Allow" else result
    _latest.set(result)
    return result


_UNSIGNED = evaluator.AuthError("MissingAuthenticationToken", "Request is missing Authentication Token")
_ALLOWED = evaluator.EvalResult("Allow")


@replace(EVALUATOR, "enforce", ("access_key_id", "iam_action", "service", "region", "resource_arn", "service_context"))
def enforce(original, access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    """
    The original decision, recorded; after two checks that the original leaves out: whoever sends no credentials gets
    nothing but the unsigned operations (web identity), and a key id counts only after its signature was checked.
    """
    if evaluator._anonymous.get():
        if evaluator._served_unsigned(service, iam_action):
            note(iam_action, resource_arn, "anonymous", _ALLOWED)
            return None
        note(iam_action, resource_arn, "anonymous", None, (_UNSIGNED.code, _UNSIGNED.message))
        return _UNSIGNED
    pinned = evaluator._signed_request.get()
    if pinned is None and evaluator._verified_key.get() != access_key_id:
        failure = evaluator.AuthError(
            "UnrecognizedClientException", "The security token included in the request is invalid."
        )
        note(iam_action, resource_arn, "unknown", None, (failure.code, failure.message))
        return failure
    _latest.set(None)
    context = {**(service_context or {}), **request_keys.get()}
    denied = original(access_key_id, iam_action, service, region, resource_arn, context)
    if isinstance(denied, evaluator.AuthError):
        note(iam_action, resource_arn, "unknown", None, (denied.code, denied.message))
        return denied
    caller = _caller_of(access_key_id)
    principal = caller["arn"] if caller else "unknown"
    # GetCallerIdentity and GetSessionToken are allowed to everyone, before any policy.
    result = denied or _latest.get() or _ALLOWED
    note(iam_action, resource_arn, principal, result)
    return denied


def _caller_of(access_key_id: str) -> dict | None:
    from ministack.core.responses import get_account_id

    credential = evaluator.resolve_credential(access_key_id, get_account_id())
    if isinstance(credential, evaluator.CredentialResolutionError):
        return None
    caller = describe_caller(credential)
    record = current.get()
    if record is not None:
        record.caller = caller
    return caller


expect(EVALUATOR, "_served_unsigned", ("service", "iam_action"))


@replace(EVALUATOR, "check_credentials", ("access_key_id", "service"))
def check_credentials(original, access_key_id, service=None):
    """Called for operations that no IAM action is known for. AWS has none such, so they are refused."""
    failure = original(access_key_id, service)
    if failure is None:
        failure = evaluator.AuthError("AccessDenied", "no IAM action is known for this operation")
    note(f"{service}:Unknown", "*", "unknown", None, (failure.code, failure.message))
    return failure
