"""
EventBridge: events of AWS's own sources from the gateway, the version in S3's events, and the three states of a rule.

`ENABLED` leaves out read-only management events, `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` has all, `DISABLED`
none. MiniStack never dispatches to the second.
"""

import contextvars
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


# The version that the S3 event at hand is about.
_version: contextvars.ContextVar[str | None] = contextvars.ContextVar("countersign_object_version", default=None)


@replace(
    "ministack.services.s3",
    "_fire_s3_event",
    (
        "bucket_name",
        "key",
        "event_name",
        "size",
        "etag",
        "deletion_type",
        "restore_event_data",
        "version_id",
        "sequencer",
        "object_extra",
        "record_extra",
    ),
)
def fire_s3_event(original, *args, version_id=None, **kwargs):
    token = _version.set(version_id)
    try:
        return original(*args, version_id=version_id, **kwargs)
    finally:
        _version.reset(token)


def with_version(event: dict) -> dict:
    """
    An S3 event with `detail.object.version-id`, as S3 sends it for versioned buckets and MiniStack does not.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
    """
    version = _version.get()
    if event.get("Source") != "aws.s3" or not version:
        return event
    detail = json.loads(event["Detail"])
    detail["object"]["version-id"] = version
    return {**event, "Detail": json.dumps(detail)}


@replace(EVENTS, "_dispatch_event", ("event", "view"))
def dispatch_event(original, event, view=None):
    from ministack.services import eventbridge

    event = with_version(event)
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
