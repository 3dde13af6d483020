"""
Credentials of functions: random, bound to the role's unique id, and known to belong to their function.

MiniStack derives them from names, so anyone could compute them. The access key id is the evidence for
`lambda:SourceFunctionArn`; a session name is chosen by its caller and proves nothing.
"""

import secrets

from ministack.core import lambda_runtime

from .patch import replace
from .trust import trusts_service


class CannotAssume(Exception):
    """Lambda may not assume the function's role."""


def function_arn_of(access_key_id: str) -> str | None:
    """The function that was given this session, None for every other credential."""
    from ministack.services import sts

    return (sts._sessions.get(access_key_id) or {}).get("SourceFunctionArn")


def unqualified(function_arn: str) -> str:
    """The function's ARN without version or alias."""
    return ":".join(function_arn.split(":")[:7])


@replace("ministack.core.lambda_runtime", "execution_credentials", ("config",))
def execution_credentials(original, config):
    from ministack.services import iam, sts

    account_id, _region = lambda_runtime._account_region_from_function_config(config)
    role_arn = config.get("Role", "")
    name = role_arn.rsplit("/", 1)[-1]
    role = iam._roles.get_scoped(account_id, None, name)
    if role is None or role.get("Arn") != role_arn or not trusts_service(role, "lambda.amazonaws.com"):
        raise CannotAssume(f"The role {role_arn} cannot be assumed by Lambda.")
    access_key = f"ASIA{secrets.token_hex(8).upper()}"
    session = {
        "Arn": f"arn:aws:sts::{account_id}:assumed-role/{name}/{config['FunctionName'][:64]}",
        "UserId": f"{role['RoleId']}:{config['FunctionName'][:64]}",
        "SecretAccessKey": secrets.token_hex(32),
        "SessionToken": secrets.token_hex(64),
        "AccountId": account_id,
        "PrincipalType": "AssumedRole",
        "SourceFunctionArn": unqualified(config["FunctionArn"]),
    }
    sts.register_session(access_key, session)
    return {
        "AWS_ACCESS_KEY_ID": access_key,
        "AWS_SECRET_ACCESS_KEY": session["SecretAccessKey"],
        "AWS_SESSION_TOKEN": session["SessionToken"],
    }
