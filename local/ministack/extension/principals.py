"""
Callers: their condition keys, and which policies apply to them, by name.

`aws:PrincipalArn` of a role session is the role's ARN with its path, as on AWS; MiniStack has the session's ARN
there, so that a Deny for everyone but the signer denies the signer.
"""

from ministack.core import iam_evaluator as evaluator

from .patch import expect, replace
from .sources import function_arn_of
from .statements import EVALUATOR, parse_tagged
from .trust import role_arn_of_session, role_of_session

_SERVICE_CALLER = ("", "*")


def principal_arn(arn: str) -> str | None:
    """`aws:PrincipalArn`: absent for services and for nobody."""
    if arn in _SERVICE_CALLER:
        return None
    if ":assumed-role/" not in arn:
        return arn
    # The role is gone: no policy can name it, and the session's own ARN is not the role's.
    return role_arn_of_session(arn)


def principal_type(arn: str) -> str | None:
    """`aws:PrincipalType`, by AWS's words: the root user is `Account`."""
    for mark, word in ((":assumed-role/", "AssumedRole"), (":federated-user/", "FederatedUser"), (":user/", "User")):
        if mark in arn:
            return word
    if arn.endswith(":root"):
        return "Account"
    return "Anonymous" if arn == "*" else None


@replace(EVALUATOR, "_resolve_condition_key", ("key", "ctx"))
def resolve_condition_key(original, key, ctx):
    name = key.lower()
    if name == "aws:principalarn":
        return principal_arn(ctx.principal_arn)
    if name == "aws:principalaccount":
        return ctx.principal_account or None
    if name == "aws:principaltype":
        return None if ctx.principal_type == "Service" else principal_type(ctx.principal_arn)
    if name == "aws:principalisawsservice":
        return "true" if ctx.principal_type == "Service" else "false"
    if name == "aws:securetransport" and ctx.principal_type == "Service":
        return "true"
    if name == "aws:viaawsservice":
        return ctx.service_context.get(name, "false")
    return original(key, ctx)


@replace(EVALUATOR, "_principal_keys", ("credential",))
def principal_keys(original, credential):
    keys = original(credential)
    arn = function_arn_of(credential.access_key_id)
    if arn:
        keys["lambda:sourcefunctionarn"] = arn
    return keys


def _tagged_policies(inline: dict, attached: list, account_id: str) -> list:
    policies = [parse_tagged(doc, f"identity policy {name}") for name, doc in (inline or {}).items()]
    for arn in attached or []:
        doc = evaluator._resolve_managed_policy_document(arn, account_id)
        if doc:
            policies.append(parse_tagged(doc, f"managed policy {arn}"))
    return policies


@replace(EVALUATOR, "_gather_role_policies", ("role_name", "account_id"))
def gather_role_policies(original, role_name, account_id):
    from ministack.services import iam

    role = iam._roles.get_scoped(account_id, None, role_name)
    return _tagged_policies(role.get("InlinePolicies"), role.get("AttachedPolicies"), account_id) if role else []


@replace(EVALUATOR, "_gather_user_policies", ("user_name", "account_id"))
def gather_user_policies(original, user_name, account_id):
    from ministack.services import iam

    user = iam._users.get_scoped(account_id, None, user_name)
    if user is None:
        return []
    inline = iam._user_inline_policies.get_scoped(account_id, None, user_name)
    policies = _tagged_policies(inline, user.get("AttachedPolicies"), account_id)
    for (owner, name), group in iam._groups.to_dict().items():
        if owner == account_id and user_name in group.get("Users", []):
            inline = iam._group_inline_policies.get_scoped(account_id, None, name)
            policies += _tagged_policies(inline, group.get("AttachedPolicies"), account_id)
    return policies


@replace(EVALUATOR, "_permissions_boundary", ("store", "name", "account_id"))
def permissions_boundary(original, store, name, account_id):
    arn = (store.get_scoped(account_id, None, name) or {}).get("PermissionsBoundary")
    if isinstance(arn, dict):
        arn = arn.get("PermissionsBoundaryArn")
    if not arn:
        return []
    doc = evaluator._resolve_managed_policy_document(arn, account_id)
    return [[parse_tagged(doc, f"permissions boundary {arn}") if doc else []]]


@replace(EVALUATOR, "_session_policy_limits", ("session", "account_id"))
def session_policy_limits(original, session, account_id):
    limits = original(session, account_id)
    for statement in (s for layer in limits for policy in layer for s in policy):
        statement.origin = "session policy"
    return limits


@replace(EVALUATOR, "resolve_principal", ("access_key_id", "account_id", "credential"))
def resolve_principal(original, access_key_id, account_id, credential=None):
    principal = original(access_key_id, account_id, credential)
    if isinstance(principal, evaluator.AuthError):
        return principal
    if principal.type == "AssumedRole" and not _session_is_of_role(access_key_id, principal.arn):
        # A session binds to the role's unique id: of a deleted, or deleted and re-created, role it is worth nothing.
        return evaluator.AuthError("InvalidClientTokenId", "The security token included in the request is invalid.")
    if principal.policies is None:
        principal.policies = [_ROOT_POLICY]
    return principal


def _session_is_of_role(access_key_id: str, arn: str) -> bool:
    from ministack.services import sts

    session = sts._sessions.get(access_key_id) or {}
    role = role_of_session(arn)
    return role is not None and str(session.get("UserId", "")).split(":")[0] == role.get("RoleId")


# The root user is an ordinary caller with every permission but these, so resource policies and key policies bind it.
_ROOT_POLICY = parse_tagged(
    {
        "Statement": [
            {"Sid": "RootUser", "Effect": "Allow", "Action": "*", "Resource": "*"},
            {
                "Sid": "RootMayNotAssumeRoles",
                "Effect": "Deny",
                "Resource": "*",
                "Action": ["sts:AssumeRole", "sts:AssumeRoot", "sts:GetFederationToken", "sts:TagSession"],
            },
        ]
    },
    "root user",
)

expect(EVALUATOR, "PrincipalInfo", ("arn", "type", "account", "policies", "keys", "limits"))
