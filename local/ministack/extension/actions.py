"""
Which action on which resource a request is.

MiniStack reads an `Action` parameter or an `X-Amz-Target` header also on services that have neither, so a caller
could name a harmless action and perform another; leaves calls on event source mappings and aliases of functions
without the right action; and drops the path of a role and the name of a function, rule or log stream from the resource.
"""

import contextvars
import json
from typing import Any

from ministack.core import iam_actions as actions

from .patch import expect, replace

ACTIONS = "ministack.core.iam_actions"
_REST = ("s3", "lambda", "cloudfront")
_TARGET = ("cloudtrail", "dynamodb", "dynamodbstreams", "events", "logs", "ssm", "states")
# Operation names of the Lambda API that differ from the action they need.
_LAMBDA_ACTIONS = {
    "Invoke": "InvokeFunction",
    "InvokeAsync": "InvokeFunction",
    "InvokeWithResponseStream": "InvokeFunction",
}

expect(ACTIONS, "_BOTOCORE_SERVICE_MAP")["lambda"] = ["lambda"]

# The condition keys of the request at hand that MiniStack does not know.
request_keys: contextvars.ContextVar[dict] = contextvars.ContextVar("countersign_request_keys", default={})
# The JSON body of the request at hand, empty for other protocols.
request_data: contextvars.ContextVar[dict] = contextvars.ContextVar("countersign_request_data", default={})


def json_object(body: bytes) -> dict:
    try:
        data = json.loads(body or b"{}")
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}


def _first(params: dict, name: str) -> str:
    value = params.get(name, "")
    return (value[0] if value else "") if isinstance(value, list) else str(value)


@replace(ACTIONS, "extract_iam_action", ("service", "method", "path", "headers", "body", "query_params"))
def extract_iam_action(original, service, method, path, headers, body, query_params):
    """Throws nothing; None (refused in check_credentials) for what has no one action."""
    action = _action(original, service, method, path, headers, body, query_params)
    data = json_object(body) if body[:1] == b"{" else {}
    request_data.set(data)
    request_keys.set(_keys(action or "", data, query_params))
    return action


def _action(original, service, method, path, headers, body, query_params):
    if service == "lambda":
        operation = actions._match_rest_action(service, method, path, query_params)
        return f"lambda:{_LAMBDA_ACTIONS.get(operation, operation)}" if operation else None
    if service in _REST:
        query = {name: value for name, value in query_params.items() if name != "Action"}
        return original(service, method, path, {"content-type": ""}, body, query)
    if service in _TARGET:
        named = actions._action_from_target(headers)
        return f"{actions.SERVICE_TO_IAM_NAMESPACE[service]}:{named}" if named else None
    if headers.get("x-amz-target") and actions._action_from_query(query_params, body, headers.get("content-type", "")):
        return None
    return original(service, method, path, headers, body, query_params)


def _keys(action: str, data: dict, query_params: dict) -> dict[str, Any]:
    if action == "cloudwatch:PutMetricData":
        namespace = data.get("Namespace") or _first(query_params, "Namespace")
        return {"cloudwatch:namespace": namespace} if namespace else {}
    if action in ("lambda:CreateEventSourceMapping", "lambda:UpdateEventSourceMapping"):
        return (
            {"lambda:functionarn": data["FunctionName"]} if str(data.get("FunctionName", "")).startswith("arn:") else {}
        )
    return {}


@replace(
    ACTIONS,
    "extract_resource_arn",
    ("service", "method", "path", "headers", "body", "query_params", "region", "account_id"),
)
def extract_resource_arn(original, service, method, path, headers, body, query_params, region, account_id):
    arn = original(service, method, path, headers, body, query_params, region, account_id)
    if service == "iam":
        return _iam_arn(arn, query_params, account_id)
    if service == "lambda" and arn == "*" and method == "POST" and path.rstrip("/").endswith("/functions"):
        name = json_object(body).get("FunctionName")
        return f"arn:aws:lambda:{region}:{account_id}:function:{name}" if name else arn
    if service == "events":
        return _rule_arn(arn, body, region, account_id)
    stream = json_object(body).get("logStreamName") if service == "logs" else None
    return f"{arn}:log-stream:{stream}" if stream and arn != "*" else arn


def _iam_arn(arn: str, params: dict, account_id: str) -> str:
    """With the path: of the stored role, user or policy, else the one that the request gives it."""
    from ministack.services import iam

    for kind, name_key, store in (("role", "RoleName", iam._roles), ("user", "UserName", iam._users)):
        name = _first(params, name_key)
        if name:
            stored = store.get_scoped(account_id, None, name)
            if stored and _first(params, "Action") != f"Create{kind.capitalize()}":
                return stored.get("Arn") or arn
            return f"arn:aws:iam::{account_id}:{kind}{_first(params, 'Path') or '/'}{name}"
    name = _first(params, "PolicyName")
    if arn == "*" and _first(params, "Action") == "CreatePolicy" and name:
        return f"arn:aws:iam::{account_id}:policy{_first(params, 'Path') or '/'}{name}"
    return arn


def _rule_arn(arn: str, body: bytes, region: str, account_id: str) -> str:
    """A rule of the default bus has no bus in its ARN; PutTargets names its rule as `Rule`."""
    data = json_object(body)
    name = data.get("Name") or data.get("Rule") or data.get("RuleName")
    if not isinstance(name, str) or not name or "Entries" in data:
        return data["ResourceARN"] if isinstance(data.get("ResourceARN"), str) else arn
    bus = str(data.get("EventBusName") or "default").rsplit("/", 1)[-1]
    prefix = f"arn:aws:events:{region}:{account_id}:rule/"
    return f"{prefix}{name}" if bus == "default" else f"{prefix}{bus}/{name}"


@replace(ACTIONS, "s3_service_context", ("iam_action", "query_params", "path", "headers"))
def s3_service_context(original, iam_action, query_params, path="", headers=None):
    """`s3:if-none-match` and `s3:if-match` from the headers, and whether this operation creates the object."""
    context = original(iam_action, query_params, path, headers)
    headers, query = headers or {}, query_params or {}
    if iam_action == "s3:PutObject":
        for header in ("if-none-match", "if-match"):
            if header in headers:
                context[f"s3:{header}"] = headers[header]
        starts = "uploads" in query
        part = "partNumber" in query
        context["s3:ObjectCreationOperation"] = "false" if starts or part else "true"
        for header in (
            "x-amz-server-side-encryption-aws-kms-key-id",
            "x-amz-storage-class",
            "x-amz-metadata-directive",
        ):
            if headers.get(header):
                context[f"s3:{header}"] = headers[header]
        for header, key in (
            ("x-amz-object-lock-mode", "s3:object-lock-mode"),
            ("x-amz-object-lock-retain-until-date", "s3:object-lock-retain-until-date"),
        ):
            if headers.get(header):
                context[key] = headers[header]
    if query.get("versionId"):
        context["s3:VersionId"] = _first(query, "versionId")
    return context
