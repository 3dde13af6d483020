"""Each replacement, tried at start: a start fails rather than a request being judged by the wrong rule."""

import contextlib
import json
import time

from ministack.core import iam_evaluator as evaluator

from .patch import ExtensionError

results: list[dict] = []
_tests = []

# An account that exists during these tests alone.
ACCOUNT = "000000000001"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/path/tester"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/tester/session"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/test"


def test(function):
    _tests.append(function)
    return function


def run() -> None:
    """Throws ExtensionError, naming every test that failed."""
    from . import selftest_policies, selftest_services  # noqa: F401  (each registers its tests)

    for function in _tests:
        started = time.perf_counter()
        try:
            function()
            outcome = {"ok": True}
        except Exception as error:  # every failure counts, whatever it is
            outcome = {"ok": False, "error": f"{type(error).__name__}: {error}"}
        results.append({"name": function.__name__, **outcome, "ms": round((time.perf_counter() - started) * 1000, 2)})
    failed = [f"{item['name']} ({item['error']})" for item in results if not item["ok"]]
    if failed:
        raise ExtensionError("self-test failed: " + "; ".join(failed))


def expect_equal(seen, wanted, what: str) -> None:
    if seen != wanted:
        raise AssertionError(f"{what}: {seen!r}, expected {wanted!r}")


def context(arn=SESSION, action="kms:Sign", resource=KEY, **more) -> evaluator.EvalContext:
    kind = "Root" if arn.endswith(":root") else "AssumedRole"
    return evaluator.EvalContext(
        principal_arn=arn,
        principal_type=kind,
        principal_account=ACCOUNT,
        action=action,
        resource_arn=resource,
        region="eu-west-1",
        **more,
    )


def policy(*statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**more) -> dict:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **more}


def deny(**more) -> dict:
    return {**allow(**more), "Effect": "Deny"}


@contextlib.contextmanager
def role(trust=None, **more):
    from ministack.services import iam

    document = trust or policy(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
    )
    record = {
        "RoleName": "tester",
        "Arn": ROLE,
        "RoleId": "AROATESTER",
        "AssumeRolePolicyDocument": document,
        "InlinePolicies": {},
        "AttachedPolicies": [],
        "Tags": [],
        **more,
    }
    iam._roles.set_scoped(ACCOUNT, None, "tester", record)
    try:
        yield record
    finally:
        iam._roles.pop_scoped(ACCOUNT, None, "tester", None)


def decide(identity: list, resource: str | None = None, ctx=None) -> str:
    ctx = ctx or context()
    result = evaluator.evaluate(ctx, [evaluator.parse_policy_document(policy(*identity))])
    if resource is not None:
        result = evaluator.combine_resource_policy(result, ctx, resource, ACCOUNT, required=True)
    return result.decision
