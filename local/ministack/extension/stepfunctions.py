"""
Tasks of a state machine, evaluated as the machine's role: its identity policies, boundary, and the resource's policy.

Tasks whose resource is not worked out here are refused: a Deny on it could not be seen. KMS lives in the gateway, so
`aws-sdk:kms` is refused whole.
"""

import contextvars
import json
from dataclasses import dataclass

from ministack.core import responses

from .patch import expect, replace
from .service_roles import decide

STATES = "ministack.services.stepfunctions"
PRINCIPAL = "states.amazonaws.com"


@dataclass(frozen=True)
class Machine:
    arn: str
    role_arn: str
    execution_arn: str


_machine: contextvars.ContextVar[Machine | None] = contextvars.ContextVar("countersign_machine", default=None)

_error = expect(STATES, "_ExecutionError")
expect(STATES, "_AWS_SDK_SERVICE_MAP").pop("kms", None)


def _arn(service: str, resource: str) -> str:
    return f"arn:aws:{service}:{responses.get_region()}:{responses.get_account_id()}:{resource}"


def _function_arn(name: str) -> str:
    if name.startswith("arn:"):
        return name
    return _arn("lambda", f"function:{name.split(':function:')[-1]}")


def _queue_arn(url: str) -> str:
    account, name = url.rstrip("/").split("/")[-2:]
    return f"arn:aws:sqs:{responses.get_region()}:{account}:{name}"


def _table_arn(name: str) -> str:
    return name if name.startswith("arn:") else _arn("dynamodb", f"table/{name}")


# Optimized integrations: (action, the parameter that names the resource, how, service whose resource policy counts)
_OPTIMIZED = {
    "lambda:invoke": ("lambda:InvokeFunction", "FunctionName", _function_arn, "lambda"),
    "sqs:sendMessage": ("sqs:SendMessage", "QueueUrl", _queue_arn, "sqs"),
    "sns:publish": ("sns:Publish", "TopicArn", str, "sns"),
    "dynamodb:getItem": ("dynamodb:GetItem", "TableName", _table_arn, ""),
    "dynamodb:putItem": ("dynamodb:PutItem", "TableName", _table_arn, ""),
    "dynamodb:updateItem": ("dynamodb:UpdateItem", "TableName", _table_arn, ""),
    "dynamodb:deleteItem": ("dynamodb:DeleteItem", "TableName", _table_arn, ""),
    "states:startExecution": ("states:StartExecution", "StateMachineArn", str, ""),
}
_SDK_ACTIONS = {"lambda:invoke": "lambda:InvokeFunction"}


def _object_arn(task: dict) -> str:
    bucket, key = task["Bucket"], task.get("Key")
    return f"arn:aws:s3:::{bucket}/{key}" if key else f"arn:aws:s3:::{bucket}"


def required(resource: str, task: dict) -> tuple[str, str, str] | None:
    """(action, resource ARN, policy service) of a task; None for activities, which need none. Throws KeyError."""
    if ":activity:" in resource:
        return None
    parts = resource.split(".")[0].split(":")
    if parts[2] == "lambda":
        return "lambda:InvokeFunction", resource, "lambda"
    if parts[5:6] == ["aws-sdk"]:
        service, operation = parts[6].lower(), parts[7]
        name = operation[0].upper() + operation[1:]
        if service == "dynamodb" and not name.startswith(("Transact", "Batch", "Execute")):
            return f"dynamodb:{name}", _table_arn(task["TableName"]), ""
        if service == "s3" and name in ("GetObject", "PutObject", "DeleteObject", "HeadObject", "ListObjectsV2"):
            action = {"HeadObject": "GetObject", "ListObjectsV2": "ListBucket"}.get(name, name)
            versioned = {"GetObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}
            return f"s3:{versioned.get(action, action) if task.get('VersionId') else action}", _object_arn(task), "s3"
        if service == "lambda" and name == "Invoke":
            return "lambda:InvokeFunction", _function_arn(task["FunctionName"]), "lambda"
        if service == "sfn" and "StateMachineArn" in task:
            return f"states:{name}", task["StateMachineArn"], ""
        if service == "sqs":
            return f"sqs:{name}", _queue_arn(task["QueueUrl"]), "sqs"
        if service == "sns":
            return f"sns:{name}", task["TopicArn"], "sns"
        raise KeyError(f"aws-sdk:{service}:{operation}")
    integration = ":".join(parts[5:7])
    if integration == "events:putEvents":
        return "events:PutEvents", _arn("events", f"event-bus/{task['Entries'][0].get('EventBusName', 'default')}"), ""
    action, parameter, make, policy_service = _OPTIMIZED[integration]
    return action, make(str(task[parameter])), policy_service


def check(resource: str, task) -> None:
    """Throws the error that AWS's service would answer the machine's role."""
    machine = _machine.get()
    if machine is None:
        raise _error("States.Runtime", "a task outside of an execution has no role")
    task = task if isinstance(task, dict) else {}
    try:
        need = required(resource, task)
    except (KeyError, IndexError, ValueError) as error:
        raise _error(
            "States.Runtime", f"{resource} is not supported here: its permission cannot be judged ({error})"
        ) from error
    if need is None:
        return
    action, target, policy_service = need
    session = machine.execution_arn.rsplit(":", 1)[-1][:64]
    result = decide(
        machine.role_arn,
        PRINCIPAL,
        machine.arn,
        session,
        action,
        target,
        policy_service=policy_service,
        record_id=f"{machine.execution_arn}/{action}",
    )
    if result.decision != "Allow":
        reason = (
            result.reason
            if result.reason.startswith(PRINCIPAL)
            else (
                "with an explicit deny"
                if result.decision == "Deny"
                else f"because no identity-based policy allows the {action} action"
            )
        )
        service = action.partition(":")[0]
        code = "Lambda.AWSLambdaException" if service == "lambda" else f"{service.capitalize()}.AccessDeniedException"
        raise _error(
            code, f"User: {result.principal_arn} is not authorized to perform: {action} on resource: {target} {reason}"
        )


@replace(STATES, "_execute_task", ("state_def", "raw_input", "execution", "ctx"))
def execute_task(original, state_def, raw_input, execution, ctx):
    from ministack.services import stepfunctions

    arn = (execution or {}).get("stateMachineArn", "")
    stored = stepfunctions._state_machines.get(arn) or {}
    token = _machine.set(Machine(arn, stored.get("roleArn", ""), (execution or {}).get("executionArn", "")))
    try:
        return original(state_def, raw_input, execution, ctx)
    finally:
        _machine.reset(token)


@replace(STATES, "_invoke_resource", ("resource", "input_data"))
def invoke_resource(original, resource, input_data):
    check(resource, input_data)
    return original(resource, input_data)


@replace(STATES, "_invoke_with_callback", ("resource", "input_data", "token", "state_def"))
def invoke_with_callback(original, resource, input_data, token, state_def):
    check(resource, input_data)
    return original(resource, input_data, token, state_def)


@replace(STATES, "_invoke_aws_sdk_integration", ("resource", "input_data"))
def invoke_aws_sdk_integration(original, resource, input_data):
    if ":aws-sdk:kms:" in resource:
        raise _error("States.Runtime", "aws-sdk:kms is not served to state machines here")
    return original(resource, input_data)


@replace(STATES, "_call_lambda", ("func_ref", "event"))
def call_lambda(original, func_ref, event):
    """A throttled function by the name that Retry knows; MiniStack calls it Lambda.Unknown, which nothing retries."""
    try:
        return original(func_ref, event)
    except _error as error:
        if error.error == "Lambda.Unknown" and _is_throttle(error.cause):
            raise _error("Lambda.TooManyRequestsException", error.cause) from error
        raise


def _is_throttle(cause) -> bool:
    try:
        return json.loads(cause).get("__type") == "TooManyRequestsException"
    except (AttributeError, TypeError, ValueError):
        return False
