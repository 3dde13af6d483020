"""Who a policy means, what it says, and what its conditions see."""

from ministack.core import iam_evaluator as evaluator

from .selftest import ACCOUNT, KEY, ROLE, ROOT, SESSION, allow, context, decide, deny, expect_equal, policy, role, test


@test
def principal_arn_is_the_role_with_its_path():
    with role():
        key = policy(
            deny(Principal="*", Condition={"StringNotEquals": {"aws:PrincipalArn": ROLE}}),
            allow(Principal={"AWS": ROLE}),
        )
        expect_equal(decide([], key), "Allow", "the role under a Deny for everyone else")
    expect_equal(decide([], key), "Deny", "a session whose role is gone")


@test
def principal_type_of_root_is_account():
    expect_equal(
        decide([allow(Condition={"StringEquals": {"aws:PrincipalType": "Account"}})], ctx=context(ROOT)),
        "Allow",
        "root",
    )


@test
def services_have_no_principal_arn():
    ctx = evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="kms:Sign",
        resource_arn=KEY,
        region="eu-west-1",
    )
    document = policy(
        allow(Principal="*"), deny(Principal="*", Condition={"StringNotEquals": {"aws:PrincipalArn": ROLE}})
    )
    expect_equal(
        evaluator.evaluate_resource_policy(document, ctx, service="lambda.amazonaws.com").decision, "Deny", "a service"
    )


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
    for condition in (
        "x",
        ["x"],
        {"StringEquals": {"a": "${aws:username}"}},
        {"StringEquals": "x"},
        {"NoSuchOperator": {"a": "b"}},
        {"Bool": {"a": "maybe"}},
    ):
        expect_equal(decide([allow(Condition=condition)]), "ImplicitDeny", f"Allow with {condition}")
        expect_equal(decide([allow(), deny(Condition=condition)]), "Deny", f"Deny with {condition}")
    expect_equal(decide([allow(), {"Effect": "deny", "Action": "*", "Resource": "*"}]), "Deny", "unknown Effect")
    expect_equal(evaluator.evaluate(context(), [evaluator.parse_policy_document("{")]).decision, "Deny", "no JSON")


@test
def arns_are_compared_field_by_field():
    with role():
        for pattern, wanted in (
            ("arn:*", "ImplicitDeny"),
            ("*tester", "ImplicitDeny"),
            ("arn:*:role/path/tester", "ImplicitDeny"),
            ("arn:aws:*:*:*:role/*", "Allow"),
            ("*", "Allow"),
        ):
            for operator in ("ArnLike", "ArnEquals"):
                statement = allow(Condition={operator: {"aws:PrincipalArn": pattern}})
                expect_equal(decide([statement]), wanted, f"{operator} {pattern}")
            negated = allow(Condition={"ArnNotLike": {"aws:PrincipalArn": pattern}})
            expect_equal(decide([negated]) == "Allow", wanted != "Allow", f"ArnNotLike {pattern}")


@test
def null_takes_any_of_its_values():
    for values, wanted in ((["false", "true"], "Allow"), (["false"], "ImplicitDeny"), (["true"], "Allow")):
        expect_equal(decide([allow(Condition={"Null": {"aws:SourceVpce": values}})]), wanted, f"Null {values}")


@test
def only_what_names_the_session_is_beyond_its_limits():
    nothing = evaluator.parse_policy_document(policy(allow(Action="s3:*")))

    def within(principal):
        ctx = context()
        result = evaluator.evaluate(ctx, [], [nothing])
        key = policy(allow(Principal=principal))
        return evaluator.combine_resource_policy(result, ctx, key, ACCOUNT, required=True, limits=([nothing],)).decision

    with role():
        expect_equal(within("*"), "Allow", "everyone")
        expect_equal(within({"AWS": "*"}), "Allow", "everyone, in a list")
        expect_equal(within({"AWS": SESSION}), "Allow", "the session")
        expect_equal(within({"AWS": [ROLE]}), "ImplicitDeny", "the role")


@test
def statements_are_named():
    with role(InlinePolicies={"own": policy(allow(Sid="All"))}):
        result = evaluator.evaluate(context(), evaluator._gather_role_policies("tester", ACCOUNT))
        expect_equal(
            (result.statement.sid, result.statement.origin), ("All", "identity policy own"), "deciding statement"
        )


@test
def source_function_is_for_identity_policies_only():
    ctx = context(principal_keys={"lambda:sourcefunctionarn": "arn:f"})
    condition = {"StringEquals": {"lambda:SourceFunctionArn": "arn:f"}}
    expect_equal(decide([allow(Condition=condition)], ctx=ctx), "Allow", "identity policy")
    with role():
        expect_equal(
            decide([], policy(allow(Principal={"AWS": ROLE}, Condition=condition)), ctx), "ImplicitDeny", "key policy"
        )


@test
def trust_policies_are_strict():
    trusted = evaluator.evaluate_trust_policy
    service = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}})
    expect_equal(trusted(service, ROOT), False, "a service's role for root")
    broken = policy(
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ROOT}, "Condition": {"StringEquals": "x"}}
    )
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
        return evaluator.combine_resource_policy(
            result, ctx, policy(deny(Principal="*", Action="s3:PutObject")), ACCOUNT
        ).decision

    expect_equal(root("s3:GetObject", "arn:aws:s3:::b/k"), "Allow", "root reads")
    expect_equal(root("s3:PutObject", "arn:aws:s3:::b/k"), "Deny", "a bucket policy's Deny for root")
    expect_equal(root("sts:AssumeRole", ROLE), "Deny", "root assumes a role")
