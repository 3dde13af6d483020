"""
Alarms look at the metric of their own dimensions, and go on looking without new data.

MiniStack mixes all dimensions of a metric, so the alarm of one stack fires for another, and evaluates only when a
datum is put.
"""

import threading
import time

from ministack.core.responses import request_scope

from .patch import expect, replace

CLOUDWATCH = "ministack.services.cloudwatch"
TICK_SECONDS = 1.0

_COMPARE = {
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}
_MISSING = {"breaching": "ALARM", "notBreaching": "OK", "missing": "INSUFFICIENT_DATA"}


def _dimensions(listed) -> frozenset:
    return frozenset((item["Name"], item["Value"]) for item in listed or [])


def _points(alarm: dict) -> list[dict]:
    """The data of exactly the alarm's namespace, name and dimensions."""
    from ministack.services import cloudwatch

    wanted = _dimensions(alarm.get("Dimensions"))
    return [
        point
        for (namespace, name, key), points in cloudwatch._metrics.items()
        if namespace == alarm.get("Namespace") and name == alarm.get("MetricName")
        for point in points
        if frozenset((point.get("Dimensions") or {}).items()) == wanted
    ]


def next_state(alarm: dict, points: list[dict], now: float) -> tuple[str, str] | None:
    """(state, reason) by period; None where missing data leave the state alone (`ignore`)."""
    from ministack.services import cloudwatch

    period, periods = int(alarm.get("Period", 60)), int(alarm.get("EvaluationPeriods", 1))
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic", "Average")
    operator, threshold = alarm.get("ComparisonOperator", ""), alarm.get("Threshold", 0)
    breaching, data = 0, 0
    for index in range(periods):
        recent = [
            p
            for p in points
            if now - period * (index + 1) <= p["Timestamp"] < now - period * index + (1 if index == 0 else 0)
        ]
        if not recent:
            continue
        data += 1
        value = cloudwatch._stat_value(cloudwatch._calc_stats(recent), statistic, recent)
        breaching += value is not None and _COMPARE[operator](value, threshold)
    missing = alarm.get("TreatMissingData") or "missing"
    if data == 0:
        return (
            (_MISSING[missing], f"no datapoints in {periods} periods of {period} s, treated as {missing}")
            if missing in _MISSING
            else None
        )
    breaching += (periods - data) if missing == "breaching" else 0
    if breaching >= int(alarm.get("DatapointsToAlarm") or periods):
        return "ALARM", f"Threshold Crossed: {breaching} datapoints of {statistic} {operator} {threshold}"
    return "OK", f"Threshold not crossed: {breaching} datapoints of {statistic} {operator} {threshold}"


@replace(CLOUDWATCH, "_evaluate_alarm", ("alarm",))
def evaluate_alarm(original, alarm):
    from ministack.services import cloudwatch

    if not alarm.get("Namespace") or not alarm.get("MetricName"):
        return
    found = next_state(alarm, _points(alarm), time.time())
    if found is None or found[0] == alarm["StateValue"]:
        return
    old, (state, reason) = alarm["StateValue"], found
    alarm["StateValue"], alarm["StateReason"], alarm["StateUpdatedTimestamp"] = state, reason, int(time.time())
    cloudwatch._record_history(alarm["AlarmName"], old, state, reason)
    cloudwatch._dispatch_alarm_actions(alarm, old, state, reason)
    cloudwatch._evaluate_parent_alarms(alarm)


expect(CLOUDWATCH, "_calc_stats")
expect(CLOUDWATCH, "_stat_value")
expect(CLOUDWATCH, "_record_history")
expect(CLOUDWATCH, "_evaluate_parent_alarms")


@replace(CLOUDWATCH, "_dispatch_alarm_actions", ("alarm", "old_state", "new_state", "reason"))
def dispatch_alarm_actions(original, alarm, old_state, new_state, reason):
    """Topics whose policy lets CloudWatch publish; MiniStack publishes regardless."""
    from ministack.services import sns

    def allowed(arn: str) -> bool:
        return sns.topic_policy_allows(
            arn, "cloudwatch.amazonaws.com", alarm.get("AlarmArn", ""), alarm["AlarmArn"].split(":")[4]
        )

    fields = ("AlarmActions", "OKActions", "InsufficientDataActions")
    return original(
        {**alarm, **{name: [a for a in alarm.get(name) or [] if allowed(a)] for name in fields}},
        old_state,
        new_state,
        reason,
    )


def start() -> None:
    alarms = expect(CLOUDWATCH, "_alarms")

    def tick():
        while True:
            time.sleep(TICK_SECONDS)
            for (account, region, _name), alarm in list(alarms._data.items()):
                with request_scope(account, region):
                    evaluate_alarm(alarm)

    threading.Thread(target=tick, daemon=True, name="countersign-alarms").start()
