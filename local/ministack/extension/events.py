"""
EventBridge: events of AWS's own sources from the gateway, and the three states of a rule.

`ENABLED` leaves out read-only management events, `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` has all, `DISABLED` none.
MiniStack never dispatches to the second.
"""

import json

from ministack.core.responses import request_scope

from .patch import expect, replace

EVENTS = "ministack.services.eventbridge"
ALL_EVENTS = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"
_CLOUDTRAIL = "AWS API Call via CloudTrail"

_put = expect(EVENTS, "_put_events", ("data", "allow_aws_source"))


def put_events(data: dict) -> dict:
    """
    Puts the entries of `data.entries`, each an EventBridge entry with optional `Account` and `Region`.

    Answers { failed, entries }. Throws KeyError, ValueError for what is no entry.
    """
    from .settings import settings

    answers = []
    for entry in data["entries"]:
        account, region = entry.get("Account"), entry.get("Region") or settings.region
        account = account or json.loads(entry["Detail"]).get("recipientAccountId")
        if not account:
            raise ValueError("entry without Account, and its detail has no recipientAccountId")
        with request_scope(str(account), str(region)):
            _status, _headers, body = _put({"Entries": [entry]}, allow_aws_source=True)
        answers += json.loads(body)["Entries"]
    return {"failed": sum("ErrorCode" in answer for answer in answers), "entries": answers}


def read_only_management_event(event: dict) -> bool:
    if event.get("DetailType") != _CLOUDTRAIL:
        return False
    try:
        detail = json.loads(event.get("Detail") or "{}")
    except ValueError:
        return False
    return isinstance(detail, dict) and detail.get("readOnly") is True and detail.get("managementEvent") is not False


def wants(rule: dict, event: dict) -> bool:
    """Whether a rule's state lets this event through."""
    state = rule.get("State")
    return state == ALL_EVENTS or (state == "ENABLED" and not read_only_management_event(event))


@replace(EVENTS, "_dispatch_event", ("event", "view"))
def dispatch_event(original, event, view=None):
    from ministack.services import eventbridge

    bus = event.get("EventBusName", "default")
    path = set(event.get("_DispatchPath") or [])
    view = view or eventbridge._pattern_event_view(event)
    for key, rule in eventbridge._rules.items():
        if rule.get("EventBusName", "default") != bus or key in path:
            continue
        if not rule.get("EventPattern") or not wants(rule, event):
            continue
        if eventbridge._matches_pattern_view(rule["EventPattern"], view, f"rule {key}"):
            for target in eventbridge._targets.get(key, []):
                eventbridge._invoke_target(target, event, rule, view)
