"""What services do for a caller, and in the name of a role."""

import json
import time

from ministack.core import iam_evaluator as evaluator

from .selftest import ACCOUNT, ROLE, ROOT, allow, deny, expect_equal, policy, role, test


@test
def functions_get_random_sessions_of_their_own():
    from ministack.core import lambda_runtime
    from ministack.services import sts

    config = {
        "FunctionName": "f",
        "Role": ROLE,
        "FunctionArn": f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:f:$LATEST",
    }
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
    expect_equal(
        actions.extract_iam_action("lambda", "POST", invoke, target, b"", {"Action": ["ListFunctions"]}),
        "lambda:InvokeFunction",
        "Invoke that names another action",
    )
    expect_equal(
        actions.extract_iam_action("s3", "PUT", "/b/k", target, b"", {"Action": ["GetObject"]}),
        "s3:PutObject",
        "PutObject",
    )
    expect_equal(
        actions.extract_iam_action("lambda", "DELETE", "/2015-03-31/event-source-mappings/u", {}, b"", {}),
        "lambda:DeleteEventSourceMapping",
        "DeleteEventSourceMapping",
    )


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
    expect_equal(
        stepfunctions.required("arn:aws:states:::lambda:invoke", {"FunctionName": function}),
        ("lambda:InvokeFunction", function, "lambda"),
        "what an invocation needs",
    )
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
        principal = evaluator.PrincipalInfo(
            ROOT, "User", ACCOUNT, [evaluator.parse_policy_document(policy(*statements))]
        )
        found = pass_role.refusal(principal, ROLE, "lambda.amazonaws.com", "")
        return found.code if found else None

    expect_equal(
        pass_role.handed_over("lambda:CreateFunction", {"Role": ROLE}),
        [(ROLE, "lambda.amazonaws.com")],
        "CreateFunction",
    )
    with role():
        expect_equal(refused(allow(Action="lambda:*")), "AccessDenied", "without iam:PassRole")
        expect_equal(refused(allow(Action="iam:PassRole")), None, "with iam:PassRole")
    with role(trust=policy()):
        expect_equal(
            refused(allow(Action="iam:PassRole")), "InvalidParameterValueException", "a role that Lambda may not assume"
        )


@test
def upload_events_name_the_version():
    from . import events

    token = events._version.set("v1")
    event = events.with_version({"Source": "aws.s3", "Detail": json.dumps({"object": {"key": "k"}})})
    events._version.reset(token)
    expect_equal(json.loads(event["Detail"])["object"], {"key": "k", "version-id": "v1"}, "detail.object")


@test
def services_come_over_tls():
    ctx = evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="sqs:SendMessage",
        resource_arn="arn:q",
        region="eu-west-1",
    )
    document = policy(allow(Principal="*"), deny(Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}}))
    expect_equal(
        evaluator.evaluate_resource_policy(document, ctx).decision, "Allow", "a service under a Deny of plain HTTP"
    )


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

    seen = [
        [wants({"State": state}, event(read_only)) for read_only in (True, False)]
        for state in (ALL_EVENTS, "ENABLED", "DISABLED")
    ]
    expect_equal(
        seen, [[True, True], [False, True], [False, False]], "ALL, ENABLED, DISABLED for read-only and writing events"
    )


@test
def alarms_keep_to_their_dimensions():
    from .alarms import next_state

    alarm = {
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 0,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    now = time.time()
    expect_equal(next_state(alarm, [], now)[0], "OK", "no data")
    expect_equal(next_state(alarm, [{"Timestamp": now, "Value": 1.0, "Unit": "Count"}], now)[0], "ALARM", "one datum")
