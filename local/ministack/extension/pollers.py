"""
Event source mappings: the function's role must be able to read the source, as AWS checks at creation; and the poller
looks often enough that a delayed message or a stream record waits a fraction of a second.
"""

import threading
import time

from ministack.core import iam_evaluator as evaluator
from ministack.core.responses import error_response_json

from .patch import expect, replace
from .service_roles import decide

LAMBDA = "ministack.services.lambda_svc"
TICK_SECONDS = 0.1

# Service of the source -> what AWS needs of the role. ListStreams has no resource.
NEEDED = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"),
}


@replace(LAMBDA, "_create_esm", ("data",))
def create_esm(original, data):
    from ministack.services import lambda_svc

    source = str(data.get("EventSourceArn", ""))
    service = source.split(":")[2] if source.count(":") >= 5 else ""
    if service not in NEEDED:
        return error_response_json("InvalidParameterValueException", f"Unsupported source arn : {source}", 400)
    name, _qualifier, failure = lambda_svc._resolve_existing_esm_function(data.get("FunctionName", ""))
    if failure:
        return failure
    config = lambda_svc._functions[name]["config"]
    if evaluator._account_from_arn(source) != config["FunctionArn"].split(":")[4]:
        return error_response_json("InvalidParameterValueException", "The source is of another account.", 400)
    for action in NEEDED[service]:
        result = decide(
            config["Role"], "lambda.amazonaws.com", "", config["FunctionName"], action, source, policy_service=service
        )
        if result.decision != "Allow":
            operation = action.partition(":")[2]
            message = f"The function execution role does not have permissions to call {operation} on {service.upper()}"
            return error_response_json("InvalidParameterValueException", message, 400)
    return original(data)


def start() -> None:
    """A daemon thread that wakes the poller, which by itself looks once a second, and never when a delay ends."""
    from ministack.core.concurrency import esm_wake
    from ministack.services import lambda_svc

    mappings = expect(LAMBDA, "_esms")
    expect(LAMBDA, "_poll_loop", ())
    lambda_svc._ESM_IDLE_WAKE_GAP_SECONDS = 0.02
    # Pending, then Active, as AWS has it, but nobody waits half a second for what takes no time here.
    expect(LAMBDA, "_LAMBDA_STATE_TRANSITION_DELAY")
    lambda_svc._LAMBDA_STATE_TRANSITION_DELAY = 0.05

    def tick():
        while True:
            time.sleep(TICK_SECONDS)
            if mappings.has_any():
                esm_wake.set()

    threading.Thread(target=tick, daemon=True, name="countersign-pollers").start()
