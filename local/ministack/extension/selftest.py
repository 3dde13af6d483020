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
    return evaluator.EvalContext(principal_arn=arn, principal_type=kind, principal_account=ACCOUNT, action=action,
                                 resource_arn=resource, region="eu-west-1", **more)


def policy(*statements) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(**more) -> dict:
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **more}


def deny(**more) -> dict:
    return {**allow(**more), "Effect": "Deny"}


@contextlib.contextmanager
def role(trust=None, **more):
    from ministack.services import iam

    document = trust or policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
    record = {"RoleName": "tester", "Arn": ROLE, "RoleId": "AROATESTER", "AssumeRolePolicyDocument": document,
              "InlinePolicies": {}, "AttachedPolicies": [], "Tags": [], **more}
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


@test
def principal_arn_is_the_role_with_its_path():
    with role():
        key = policy(deny(Principal="*", Condition={"StringNotEquals": {"aws:PrincipalArn": ROLE}}), allow(Principal={"AWS": ROLE}))
        expect_equal(decide([], key), "Allow", "the role under a Deny for everyone else")
    expect_equal(decide([], key), "Deny", "a session whose role is gone")


@test
def principal_type_of_root_is_account():
    expect_equal(decide([allow(Condition={"StringEquals": {"aws:PrincipalType": "Account"}})], ctx=context(ROOT)), "Allow", "root")


@test
def services_have_no_principal_arn():
    ctx = evaluator.EvalContext(principal_arn="*", principal_type="Service", principal_account="", action="kms:Sign",
                                resource_arn=KEY, region="eu-west-1")
    document = policy(allow(Principal="*"), deny(Principal="*", Condition={"StringNotEquals": {"aws:PrincipalArn": ROLE}}))
    expect_equal(evaluator.evaluate_resource_policy(document, ctx, service="lambda.amazonaws.com").decision, "Deny", "a service")


@test
def principals_match_whole():
    with role():
        matches = evaluator._principal_matches
        other = f"arn:aws:iam::{ACCOUNT}:role/other/tester"
        expect_equal(matches({"AWS": ROLE}, SESSION), True, "its role")
        expect_equal(matches({"AWS": other}, SESSION), False, "a role of the same name and another path")
        expect_equal(matches({"AWS": f"arn:aws:iam::{ACCOUNT}:role/*"}, SESSION), False, "a wildcard inside an ARN")
        expect_equal(matches({"AWS": ACCOUNT}, SESSION), True, "its account")
        expect_equal(matches({"Service": "lambda.amazonaws.com"}, ROOT), False, "root for a service")


@test
def statements_without_action_or_resource_do_nothing():
    expect_equal(decide([{"Effect": "Allow", "Resource": "*"}]), "ImplicitDeny", "no Action")
    expect_equal(decide([{"Effect": "Allow", "Action": "*"}]), "ImplicitDeny", "no Resource")
    expect_equal(decide([{"Effect": "Allow", "Action": [], "Resource": "*"}]), "ImplicitDeny", "empty Action")


@test
def unreadable_conditions_never_help():
    for condition in ("x", ["x"], {"StringEquals": {"a": "${aws:username}"}}, {"StringEquals": "x"}, {"NoSuchOperator": {"a": "b"}}, {"Bool": {"a": "maybe"}}):
        expect_equal(decide([allow(Condition=condition)]), "ImplicitDeny", f"Allow with {condition}")
        expect_equal(decide([allow(), deny(Condition=condition)]), "Deny", f"Deny with {condition}")
    expect_equal(decide([allow(), {"Effect": "deny", "Action": "*", "Resource": "*"}]), "Deny", "unknown Effect")
    expect_equal(evaluator.evaluate(context(), [evaluator.parse_policy_document("{")]).decision, "Deny", "no JSON")


@test
def statements_are_named():
    with role(InlinePolicies={"own": policy(allow(Sid="All"))}):
        result = evaluator.evaluate(context(), evaluator._gather_role_policies("tester", ACCOUNT))
        expect_equal((result.statement.sid, result.statement.origin), ("All", "identity policy own"), "deciding statement")


@test
def source_function_is_for_identity_policies_only():
    ctx = context(principal_keys={"lambda:sourcefunctionarn": "arn:f"})
    condition = {"StringEquals": {"lambda:SourceFunctionArn": "arn:f"}}
    expect_equal(decide([allow(Condition=condition)], ctx=ctx), "Allow", "identity policy")
    with role():
        expect_equal(decide([], policy(allow(Principal={"AWS": ROLE}, Condition=condition)), ctx), "ImplicitDeny", "key policy")


@test
def trust_policies_are_strict():
    trusted = evaluator.evaluate_trust_policy
    service = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
    expect_equal(trusted(service, ROOT), False, "a service's role for root")
    broken = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}, "Condition": {"StringEquals": "x"}})
    expect_equal(trusted(broken, f"arn:aws:iam::{ACCOUNT}:user/u"), False, "an unreadable condition")


@test
def root_is_one_key_and_bound_by_policies():
    expect_equal(evaluator.is_root_access_key("test"), False, "test")
    for key in ("", "test", "123456789012"):
        expect_equal(type(evaluator.resolve_credential(key, ACCOUNT)).__name__, "CredentialResolutionError", repr(key))
    from .principals import _ROOT_POLICY

    def root(action, resource):
        ctx = context(ROOT, action, resource)
        result = evaluator.evaluate(ctx, [_ROOT_POLICY])
        return evaluator.combine_resource_policy(result, ctx, policy(deny(Principal="*", Action="s3:PutObject")), ACCOUNT).decision

    expect_equal(root("s3:GetObject", "arn:aws:s3:::b/k"), "Allow", "root reads")
    expect_equal(root("s3:PutObject", "arn:aws:s3:::b/k"), "Deny", "a bucket policy's Deny for root")
    expect_equal(root("sts:AssumeRole", ROLE), "Deny", "root assumes a role")


@test
def functions_get_random_sessions_of_their_own():
    from ministack.core import lambda_runtime
    from ministack.services import sts

    config = {"FunctionName": "f", "Role": ROLE, "FunctionArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f:$LATEST"}
    with role():
        first, second = lambda_runtime.execution_credentials(config), lambda_runtime.execution_credentials(config)
        expect_equal(first["AWS_ACCESS_KEY_ID"] == second["AWS_ACCESS_KEY_ID"], False, "two sessions of one key")
        credential = evaluator.resolve_credential(first["AWS_ACCESS_KEY_ID"], ACCOUNT)
        found = evaluator._principal_keys(credential).get("lambda:sourcefunctionarn")
        expect_equal(found, f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f", "source function")
    with role(RoleId="AROAANOTHER"):
        principal = evaluator.resolve_principal(first["AWS_ACCESS_KEY_ID"], ACCOUNT)
        expect_equal(isinstance(principal, evaluator.AuthError), True, "a session of a role that was made again")
    for item in (first, second):
        sts._sessions.pop(item["AWS_ACCESS_KEY_ID"])
    with role(trust=policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}})):
        try:
            lambda_runtime.execution_credentials(config)
        except Exception as error:
            expect_equal(type(error).__name__, "CannotAssume", "a role that Lambda may not assume")
        else:
            raise AssertionError("a function got a role that does not trust Lambda")


@test
def actions_come_from_the_service_alone():
    from ministack.core import iam_actions as actions

    invoke = "/2015-03-31/functions/f/invocations"
    target = {"x-amz-target": "X.ListFunctions"}
    expect_equal(actions.extract_iam_action("lambda", "POST", invoke, target, b"", {"Action": ["ListFunctions"]}),
                 "lambda:InvokeFunction", "Invoke that names another action")
    expect_equal(actions.extract_iam_action("s3", "PUT", "/b/k", target, b"", {"Action": ["GetObject"]}), "s3:PutObject", "PutObject")
    expect_equal(actions.extract_iam_action("lambda", "DELETE", "/2015-03-31/event-source-mappings/u", {}, b"", {}),
                 "lambda:DeleteEventSourceMapping", "DeleteEventSourceMapping")


@test
def conditional_writes_are_seen():
    from ministack.core import iam_actions as actions

    seen = actions.s3_service_context("s3:PutObject", {}, "/b/k", {"if-none-match": "*"})
    expect_equal((seen.get("s3:if-none-match"), seen.get("s3:if-match")), ("*", None), "If-None-Match")


@test
def swapped_bodies_are_refused():
    from ministack.core import sigv4

    signature = sigv4.HeaderSignature("k", "20260101", "eu-west-1", "s3", "host", "", "20260101T000000Z")
    headers = {"x-amz-content-sha256": "0" * 64}
    failure = sigv4.header_signature_failure(signature, "secret", "PUT", "/b/k", {}, headers, b"x")
    expect_equal(failure and failure[1].startswith("The provided 'x-amz-content-sha256'"), True, "another body's hash")


@test
def machine_tasks_need_their_role():
    from . import service_roles, stepfunctions

    machine = f"arn:aws:states:eu-west-1:{ACCOUNT}:stateMachine:m"
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f"
    expect_equal(stepfunctions.required("arn:aws:states:::lambda:invoke", {"FunctionName": function}),
                 ("lambda:InvokeFunction", function, "lambda"), "what an invocation needs")
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}})
    for inline, wanted in (({}, "ImplicitDeny"), ({"own": policy(allow(Action="lambda:InvokeFunction"))}, "Allow")):
        with role(trust=trust, InlinePolicies=inline):
            result = service_roles.decide(ROLE, "states.amazonaws.com", machine, "x", "lambda:InvokeFunction", function)
            expect_equal(result.decision, wanted, f"with {inline}")
    with role(InlinePolicies={"own": policy(allow())}):
        result = service_roles.decide(ROLE, "states.amazonaws.com", machine, "x", "lambda:InvokeFunction", function)
        expect_equal(result.decision, "ImplicitDeny", "a role that trusts Lambda alone")


@test
def roles_are_handed_over_with_permission():
    from . import pass_role

    def refused(*statements):
        principal = evaluator.PrincipalInfo(ROOT, "User", ACCOUNT, [evaluator.parse_policy_document(policy(*statements))])
        found = pass_role.refusal(principal, ROLE, "lambda.amazonaws.com", "")
        return found.code if found else None

    expect_equal(pass_role.handed_over("lambda:CreateFunction", {"Role": ROLE}), [(ROLE, "lambda.amazonaws.com")], "CreateFunction")
    with role():
        expect_equal(refused(allow(Action="lambda:*")), "AccessDenied", "without iam:PassRole")
        expect_equal(refused(allow(Action="iam:PassRole")), None, "with iam:PassRole")
    with role(trust=policy()):
        expect_equal(refused(allow(Action="iam:PassRole")), "InvalidParameterValueException", "a role that Lambda may not assume")


@test
def upload_events_name_the_version():
    from . import events

    token = events._version.set("v1")
    event = events.with_version({"Source": "aws.s3", "Detail": json.dumps({"object": {"key": "k"}})})
    events._version.reset(token)
    expect_equal(json.loads(event["Detail"])["object"], {"key": "k", "version-id": "v1"}, "detail.object")


@test
def services_come_over_tls():
    ctx = evaluator.EvalContext(principal_arn="*", principal_type="Service", principal_account="", action="sqs:SendMessage",
                                resource_arn="arn:q", region="eu-west-1")
    document = policy(allow(Principal="*"), deny(Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}))
    expect_equal(evaluator.evaluate_resource_policy(document, ctx).decision, "Allow", "a service under a Deny of plain HTTP")


@test
def kms_is_out_of_reach():
    from ministack import app
    from ministack.services import stepfunctions

    expect_equal("kms" in app.SERVICE_HANDLERS, False, "MiniStack's KMS")
    expect_equal("kms" in stepfunctions._AWS_SDK_SERVICE_MAP, False, "aws-sdk:kms")


@test
def rule_states():
    from .events import ALL_EVENTS, wants

    def event(read_only):
        detail = {"readOnly": read_only, "managementEvent": True}
        return {"DetailType": "AWS API Call via CloudTrail", "Detail": json.dumps(detail)}

    seen = [[wants({"State": state}, event(read_only)) for read_only in (True, False)] for state in (ALL_EVENTS, "ENABLED", "DISABLED")]
    expect_equal(seen, [[True, True], [False, True], [False, False]], "ALL, ENABLED, DISABLED for read-only and writing events")


@test
def alarms_keep_to_their_dimensions():
    from .alarms import next_state

    alarm = {"Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold",
             "TreatMissingData": "notBreaching"}
    now = time.time()
    expect_equal(next_state(alarm, [], now)[0], "OK", "no data")
    expect_equal(next_state(alarm, [{"Timestamp": now, "Value": 1.0, "Unit": "Count"}], now)[0], "ALARM", "one datum")
