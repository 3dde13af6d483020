"""
The root user: one configured key an account, its signature checked like any other.

MiniStack takes `test`, any twelve digits and a missing key for root, unsigned, and above every Deny.
"""

from ministack.core import iam_evaluator as evaluator

from .patch import replace
from .settings import settings
from .statements import EVALUATOR


@replace(EVALUATOR, "is_root_access_key", ("access_key_id",))
def is_root_access_key(original, access_key_id):
    """Never: what is root by this function is not checked at all. Root resolves as a credential below."""
    return False


@replace(EVALUATOR, "resolve_credential", ("access_key_id", "account_id", "session_token"))
def resolve_credential(original, access_key_id, account_id=None, session_token=evaluator._SESSION_TOKEN_NOT_CHECKED):
    root = settings.root_users.get(access_key_id)
    if root is None:
        if not access_key_id:
            return evaluator._unknown_access_key()
        return original(access_key_id, account_id, session_token)
    failure = evaluator._validate_session_token(None, session_token)
    if failure:
        return failure
    return evaluator.ResolvedCredential(
        access_key_id=access_key_id,
        secret_access_key=root.secret_access_key,
        account_id=root.account_id,
        principal_arn=f"arn:aws:iam::{root.account_id}:root",
        principal_id=root.account_id,
        principal_type="Root",
        source_access_key_id=access_key_id,
    )


@replace(EVALUATOR, "find_iam_access_key_account", ("access_key_id",))
def find_iam_access_key_account(original, access_key_id):
    root = settings.root_users.get(access_key_id)
    return root.account_id if root else original(access_key_id)


@replace(EVALUATOR, "resolve_caller_identity", ("access_key_id",))
def resolve_caller_identity(original, access_key_id):
    root = settings.root_users.get(access_key_id)
    if root is None:
        return original(access_key_id)
    return {
        "accessKey": access_key_id,
        "accountId": root.account_id,
        "userArn": f"arn:aws:iam::{root.account_id}:root",
        "userId": root.account_id,
        "principalOrgId": None,
        "session": None,
    }
