"""
EventBridge's deliveries need permission: a queue's or topic's policy, a function's permission, and for a state
machine the target's role. MiniStack delivers without.
"""

import contextvars
import logging

from ministack.core import responses

from .patch import replace
from .service_roles import decide, service_allowed

EVENTS = "ministack.services.eventbridge"
PRINCIPAL = "events.amazonaws.com"
_log = logging.getLogger("countersign")

_delivery: contextvars.ContextVar[tuple[dict, str] | None] = contextvars.ContextVar(
    "countersign_delivery", default=None
)


def refuse(target: str, why: str) -> None:
    _log.warning("EventBridge: %s not delivered: %s", target, why)


@replace(EVENTS, "_invoke_target", ("target", "event", "rule", "view"))
def invoke_target(original, target, event, rule, view=None):
    token = _delivery.set((target, rule.get("Arn", "")))
    try:
        return original(target, event, rule, view)
    finally:
        _delivery.reset(token)


def _source() -> tuple[dict, str]:
    return _delivery.get() or ({}, "")


@replace(EVENTS, "_dispatch_to_lambda", ("arn", "payload"))
def dispatch_to_lambda(original, arn, payload):
    from ministack.services import lambda_svc

    _target, rule = _source()
    found = lambda_svc.function_policy_for_arn(arn)
    if found and service_allowed(found[0], PRINCIPAL, rule, "lambda:InvokeFunction", arn):
        return original(arn, payload)
    return refuse(arn, f"the function's policy does not let {PRINCIPAL} invoke it for {rule}")


@replace(EVENTS, "_dispatch_to_sqs", ("spec", "payload", "sqs_parameters"))
def dispatch_to_sqs(original, spec, payload, sqs_parameters=None):
    from ministack.services import sqs

    _target, rule = _source()
    found = sqs.queue_policy_for_arn(str(spec))
    if found and service_allowed(found[0], PRINCIPAL, rule, "sqs:SendMessage", str(spec)):
        return original(spec, payload, sqs_parameters)
    return refuse(str(spec), f"the queue's policy does not let {PRINCIPAL} send to it for {rule}")


@replace(EVENTS, "_dispatch_to_sns", ("arn", "payload"))
def dispatch_to_sns(original, arn, payload):
    from ministack.services import sns

    _target, rule = _source()
    found = sns.topic_policy_for_arn(arn)
    if found and service_allowed(found[0], PRINCIPAL, rule, "sns:Publish", arn):
        return original(arn, payload)
    return refuse(arn, f"the topic's policy does not let {PRINCIPAL} publish to it for {rule}")


@replace(EVENTS, "_dispatch_to_stepfunctions", ("arn", "payload"))
def dispatch_to_stepfunctions(original, arn, payload):
    target, rule = _source()
    result = decide(
        target.get("RoleArn", ""),
        PRINCIPAL,
        rule,
        responses.new_uuid().replace("-", ""),
        "states:StartExecution",
        arn,
        record_id=f"{rule}/states:StartExecution",
    )
    if result.decision == "Allow":
        return original(arn, payload)
    return refuse(arn, f"role {target.get('RoleArn')!r} of the target may not start it: {result.reason}")
