"""
A function whose role is changed starts anew, with the new role: MiniStack keeps running environments of the old one.
"""

from ministack.core import lambda_runtime
from ministack.core.responses import get_account_id, get_region

from .patch import expect, replace

expect("ministack.core.lambda_runtime", "invalidate_worker", ("func_name", "qualifier", "account", "region"))


@replace("ministack.services.lambda_svc", "_update_config", ("name", "data"))
def update_config(original, name, data):
    answer = original(name, data)
    if "Role" in data and answer[0] < 300:
        lambda_runtime.invalidate_worker(name, qualifier="$LATEST", account=get_account_id(), region=get_region())
    return answer
