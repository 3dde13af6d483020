"""
POST /_countersign/authorize: MiniStack's evaluator judges a request for a service that lives in the gateway (KMS,
CloudTrail).

The gateway passes the request as it was signed. Here the signature, the session token and the time are checked, then
identity policies, boundary, session policies and the resource's own policy are evaluated.
"""

import base64
from typing import Any
from urllib.parse import parse_qs

from ministack.core import iam_evaluator as evaluator
from ministack.core import iam_actions, responses, sigv4

from .decisions import Record, WORDS, current, describe_caller, describe_statement, note
from .statements import document_of

# A key policy must allow even the owner's own users and roles.
_POLICY_REQUIRED = ("kms",)
# A session of a role that was deleted since.
_WORTHLESS = "The security token included in the request is invalid."


def authorize(ask: dict) -> dict:
    """
    Answers { authenticated, allowed, decision, error?, caller, statement?, message } as the gateway's contract has it.

    Runs in the request's own context. Throws KeyError or ValueError for an ask that is not of the contract.
    """
    method, path, body = str(ask["method"]), str(ask["path"]), base64.b64decode(ask["bodyBase64"], validate=True)
    headers = {str(name).lower(): _text(value) for name, value in dict(ask["headers"]).items()}
    action, resource = str(ask["action"]), str(ask["resource"])
    context = {str(key).lower(): value for key, value in dict(ask.get("context") or {}).items()}
    policy = ask.get("resourcePolicy")

    record = Record()
    current.set(record)
    # The gateway stands for an endpoint that speaks TLS alone.
    evaluator.pin_request_origin("127.0.0.1", True)
    credential = authenticate(method, path, headers, body, action.partition(":")[0])
    if isinstance(credential, evaluator.AuthError):
        code, _status, message = iam_actions._auth_failure(
            "kms", credential.code, credential.message, {"x-amz-target": "any"}
        )
        who = "anonymous" if credential.code == "MissingAuthenticationToken" else "unknown"
        check = note(action, resource, who, None, (code, message))
        return {
            "authenticated": False,
            "allowed": False,
            "decision": check["decision"],
            "error": check["error"],
            "caller": {"type": "Unknown"},
            "message": message,
        }
    caller = describe_caller(credential)
    record.caller = caller
    result = evaluate(credential, action, resource, context, policy)
    note(action, resource, caller["arn"], result)
    decision = WORDS[result.decision]
    answer = {
        "authenticated": True,
        "allowed": decision == "allow",
        "decision": decision,
        "caller": caller,
        "message": denial_message(caller["arn"], action, resource, result),
    }
    statement = describe_statement(getattr(result, "statement", None))
    if statement:
        answer["statement"] = statement
    if result.reason == _WORTHLESS:
        answer.update(authenticated=False, error={"code": "UnrecognizedClientException", "message": result.reason})
        return answer
    if decision != "allow":
        answer["error"] = {"code": "AccessDeniedException", "message": answer["message"]}
    return answer


def authenticate(method: str, path: str, headers: dict, body: bytes, service: str):
    """The credential that signed this request, or the AuthError AWS would answer."""
    raw_path, _, query = path.partition("?")
    parameters = parse_qs(query, keep_blank_values=True)
    raw = [(name.encode("latin-1"), value.encode("utf-8")) for name, value in headers.items()]
    evaluator._signed_request.set(None)
    evaluator.pin_signed_request(method, raw_path, parameters, raw)
    evaluator.pin_signed_body(body)
    if evaluator._anonymous.get():
        return evaluator.AuthError("MissingAuthenticationToken", "Missing Authentication Token")
    pinned = evaluator._signed_request.get()
    if pinned is None or pinned.unverifiable or pinned.sigv2 or pinned.s3_scoped or not pinned.access_key_id:
        return evaluator.AuthError("UnsupportedSignature", "The request signature does not conform to AWS standards.")
    parse = (
        sigv4.parse_query_signature(parameters) if pinned.presigned else sigv4.parse_header_signature(pinned.headers)
    )
    if isinstance(parse, tuple):
        return evaluator.AuthError(*parse)
    if parse.service != service:
        return evaluator.AuthError(
            "SignatureDoesNotMatch", f"Credential should be scoped to correct service: '{service}'."
        )
    try:
        account = evaluator.find_iam_access_key_account(pinned.access_key_id) or pinned.access_key_id
    except evaluator.AmbiguousAccessKeyError:
        return evaluator.AuthError("InvalidClientTokenId", "The security token included in the request is invalid.")
    responses.set_request_account_id(account)
    responses.set_request_region(parse.region)
    credential = evaluator.authenticate(pinned.access_key_id, responses.get_account_id())
    if credential is None:
        return evaluator.AuthError("IncompleteSignature", "The request is not signed.")
    return credential


def evaluate(credential, action: str, resource: str, context: dict, policy: Any):
    """The evaluator's decision about an authenticated caller."""
    principal = evaluator.resolve_principal(credential.access_key_id, credential.account_id, credential)
    if isinstance(principal, evaluator.AuthError):
        return evaluator.EvalResult("ImplicitDeny", credential.principal_arn, "", _WORTHLESS)
    context.setdefault("aws:tagkeys", None)
    if action.startswith("kms:"):
        context.setdefault("kms:calleraccount", principal.account)
    ctx = evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
        service_context=context,
        principal_keys=principal.keys,
    )
    identity = evaluator.evaluate(ctx, principal.policies, *principal.limits)
    owner = evaluator._account_from_arn(resource)
    required = action.partition(":")[0] in _POLICY_REQUIRED and ":key/" in resource
    if policy is None and not required and owner in (None, principal.account):
        return identity
    if policy is not None and document_of(policy) is None:
        raise ValueError("resourcePolicy is not a JSON object")
    return evaluator.combine_resource_policy(identity, ctx, policy, owner, required=required, limits=principal.limits)


def denial_message(arn: str, action: str, resource: str, result) -> str:
    """As AWS words it: who, what, on what, and which kind of policy decided."""
    if result.decision == "Allow":
        return ""
    text = f"User: {arn} is not authorized to perform: {action} on resource: {resource}"
    if result.decision == "ImplicitDeny":
        return f"{text} because no identity-based policy or resource-based policy allows the {action} action"
    origin = getattr(getattr(result, "statement", None), "origin", "")
    identity = origin.startswith(("identity", "managed", "root"))
    kind = (
        "an identity-based policy"
        if identity
        else (
            "a permissions boundary"
            if origin.startswith("permissions")
            else "a session policy" if origin.startswith("session") else "a resource-based policy"
        )
    )
    return f"{text} with an explicit deny in {kind}"


def _text(value: Any) -> str:
    return ",".join(str(item) for item in value) if isinstance(value, list) else str(value)
