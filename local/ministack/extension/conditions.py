"""
Condition operators that MiniStack reads otherwise than AWS documents them (IAM User Guide, "Condition operators"). Found by
asking it and lib/iam the same questions: docs/iam-agreement.md.
"""

from ministack.core import iam_evaluator as evaluator

from .patch import expect, replace
from .statements import EVALUATOR

_FIELDS = 6


def arn_like(actual: str, wanted: str) -> bool:
    """Each of the six fields by itself: a wildcard never spans a colon of the first five. AWS takes a bare `*` too."""
    if wanted == "*":
        return True
    seen, patterns = actual.split(":", _FIELDS - 1), wanted.split(":", _FIELDS - 1)
    return len(seen) == len(patterns) == _FIELDS and all(map(evaluator.fnmatch_iam_cs, seen, patterns))


# The table holds the functions themselves, so replacing them by name would change nothing.
for _name in ("arnequals", "arnlike"):
    expect(EVALUATOR, "_CONDITION_OPS")[_name] = arn_like
for _name in ("arnnotequals", "arnnotlike"):
    expect(EVALUATOR, "_CONDITION_OPS")[_name] = lambda actual, wanted: not arn_like(actual, wanted)


@replace(EVALUATOR, "_evaluate_single_condition", ("operator", "actual", "expected_values"))
def evaluate_single_condition(original, operator, actual, expected_values):
    """Null with several values: any of them, as everywhere. MiniStack reads the first."""
    if operator.lower() == "null" and len(expected_values) > 1:
        return any(original(operator, actual, [value]) for value in expected_values)
    return original(operator, actual, expected_values)
