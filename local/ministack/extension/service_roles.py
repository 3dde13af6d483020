"""
Deciding as a role that an AWS service assumed: Step Functions, EventBridge and Lambda's pollers act in process, above
every policy.
"""

from ministack.core import iam_evaluator as evaluator
from ministack.core import responses

from . import decisions
from .trust import trusts_service


def stored_role(role_arn: str) -> dict | None:
    """The role of this whole ARN, None if there is none."""
    from ministack.services import iam

    account = evaluator._account_from_arn(role_arn or "")
    role = iam._roles.get_scoped(account, None, role_arn.rsplit("/", 1)[-1]) if account else None
    return role if role and role.get("Arn") == role_arn else None


def decide(
    role_arn: str,
    service: str,
    source_arn: str,
    session: str,
    action: str,
    resource: str,
    context: dict | None = None,
    policy_service: str = "",
    record_id: str = "",
):
    """
    The evaluator's decision about a session that `service` opened with the role, for `source_arn`.

    @param policy_service MiniStack's name of the service whose resource policy counts, empty for none
    @param record_id under which the decision can be read afterwards, empty for nowhere
    """
    role = stored_role(role_arn)
    account = evaluator._account_from_arn(role_arn or "") or responses.get_account_id()
    name = (role or {}).get("RoleName", "")
    arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
    if not trusts_service(role, service, source_arn):
        result = evaluator.EvalResult("ImplicitDeny", arn, "", f"{service} may not assume {role_arn}")
        result.statement = None
    else:
        keys = {"aws:userid": f"{role['RoleId']}:{session}"}
        keys.update({f"aws:principaltag/{tag['Key'].lower()}": tag["Value"] for tag in role.get("Tags") or []})
        from ministack.services import iam

        ctx = evaluator.EvalContext(
            principal_arn=arn,
            principal_type="AssumedRole",
            principal_account=account,
            action=action,
            resource_arn=resource,
            region=responses.get_region(),
            service_context={key.lower(): value for key, value in (context or {}).items()},
            principal_keys=keys,
            secure_transport=True,
        )
        limits = evaluator._permissions_boundary(iam._roles, name, account)
        result = evaluator.evaluate(ctx, evaluator._gather_role_policies(name, account), *limits)
        found = evaluator._resource_policy(policy_service, resource) if policy_service else None
        if found is None and evaluator._account_from_arn(resource) not in (None, account):
            found = (None, evaluator._account_from_arn(resource))
        if found is not None:
            result = evaluator.combine_resource_policy(result, ctx, *found, limits=limits)
    if record_id:
        record = decisions.Record()
        token = decisions.current.set(record)
        decisions.note(action, resource, arn, result)
        decisions.current.reset(token)
        decisions.keep(record_id, record)
    result.principal_arn = arn
    return result


def service_allowed(policy, service: str, source_arn: str, action: str, resource: str) -> bool:
    """Whether a resource's policy lets an AWS service act on it for `source_arn`."""
    if not policy:
        return False
    ctx = evaluator.EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action=action,
        resource_arn=resource,
        region=responses.get_region(),
        service_context={"aws:sourcearn": source_arn, "aws:sourceaccount": evaluator._account_from_arn(source_arn)},
    )
    return evaluator.evaluate_resource_policy(policy, ctx, service=service).decision == "Allow"
