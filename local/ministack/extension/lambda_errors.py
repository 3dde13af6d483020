"""
Function errors by their own name: `errorType` is the name of what the function threw, so that Retry and Catch match.

MiniStack answers `Runtime.HandlerError` for everything, since its worker sends the message alone.
"""

import contextvars

from ministack.core import lambda_runtime

from .patch import ExtensionError, expect, replace

LAMBDA = "ministack.services.lambda_svc"

_SENT = 'status: "error", error: String(err.message || err), trace: err.stack || ""'
_NAMED = f'{_SENT}, error_type: err instanceof Error ? err.name || "Error" : typeof err'
_THROWN = 'status: "error", error: e.message, trace: e.stack\n'
_THROWN_NAMED = (
    'status: "error", error: String(e && e.message !== undefined ? e.message : e), trace: e && e.stack || "",'
    ' error_type: e instanceof Error ? e.name || "Error" : typeof e\n'
)


def _name_errors() -> None:
    script = expect("ministack.core.lambda_runtime", "_NODEJS_WORKER_SCRIPT")
    for text in (_SENT, _THROWN):
        if script.count(text) != 1:
            raise ExtensionError(f"the Node worker of MiniStack has {script.count(text)} places {text!r}, expected 1")
    lambda_runtime._NODEJS_WORKER_SCRIPT = script.replace(_SENT, _NAMED).replace(_THROWN, _THROWN_NAMED)


_name_errors()

_answer: contextvars.ContextVar[dict | None] = contextvars.ContextVar("countersign_answer", default=None)

_invoke = lambda_runtime.Worker.invoke


def _remembering(self, *args, **kwargs):
    answer = _invoke(self, *args, **kwargs)
    _answer.set(answer)
    return answer


lambda_runtime.Worker.invoke = _remembering

# Waiting 50 ms for the log lines of a function that logs nothing is five times the call itself.
expect("ministack.core.lambda_runtime", "Worker")._drain_stderr_bounded.__defaults__  # fails the start if it is gone
lambda_runtime.Worker._drain_stderr_bounded.__defaults__ = (0.005, 0.005, 0.250)


@replace(LAMBDA, "_execute_function_warm", ("func", "event", "request_id"))
def execute_function_warm(original, func, event, request_id):
    _answer.set(None)
    result = original(func, event, request_id)
    answer = _answer.get() or {}
    body = result.get("body")
    if result.get("error") and isinstance(body, dict) and answer.get("error_type"):
        body["errorType"] = answer["error_type"]
        body["trace"] = [line for line in str(answer.get("trace") or "").split("\n") if line]
    return result
