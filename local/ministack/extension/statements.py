"""
Policy statements, read strictly.

MiniStack lets an Allow without Action or Resource allow, and skips a condition that it cannot read. On AWS the first
does nothing and the second cannot be stored: so the first is inert here, and an unreadable condition makes an Allow
inert and a Deny unconditional.
"""

import contextvars
import json
from typing import Any

from ministack.core import iam_evaluator as evaluator

from .patch import expect, replace

EVALUATOR = "ministack.core.iam_evaluator"

# Every statement that matched since the list was set, in order: how a decision is traced to its statement.
matched: contextvars.ContextVar[list | None] = contextvars.ContextVar("countersign_matched", default=None)

OPERATORS = frozenset(expect(EVALUATOR, "_CONDITION_OPS")) | {"null"}


def document_of(doc: Any) -> dict | None:
    """The parsed document, or None if it is no JSON object."""
    if isinstance(doc, (str, bytes)):
        try:
            doc = json.loads(doc)
        except ValueError:
            return None
    return doc if isinstance(doc, dict) else None


def statements_of(document: dict) -> list:
    statements = document.get("Statement", [])
    return statements if isinstance(statements, list) else [statements]


def condition_flaw(condition: Any) -> str:
    """What is wrong with a Condition element, empty if nothing is."""
    if condition is None:
        return ""
    if "${" in json.dumps(condition):
        return "policy variables are not substituted here"
    if not isinstance(condition, dict):
        return "Condition is not an object"
    for operator, block in condition.items():
        name = operator.lower().removeprefix("forallvalues:").removeprefix("foranyvalue:").removesuffix("ifexists")
        if name not in OPERATORS:
            return f"unknown operator {operator!r}"
        if not isinstance(block, dict):
            return f"{operator} is not an object"
        for key, values in block.items():
            values = values if isinstance(values, list) else [values]
            if not values or not all(isinstance(value, (str, int, float, bool)) for value in values):
                return f"{operator} {key} is not a list of values"
            if name in ("bool", "null") and not all(str(value).lower() in ("true", "false") for value in values):
                return f"{operator} {key} is neither true nor false"
    return ""


def _names_one(statement: dict, element: str) -> bool:
    """Exactly one of ELEMENT and NotELEMENT, as a string or a list of strings, not empty."""
    present = [statement[name] for name in (element, f"Not{element}") if name in statement]
    if len(present) != 1:
        return False
    values = present[0] if isinstance(present[0], list) else [present[0]]
    return bool(values) and all(isinstance(value, str) and value for value in values)


def _parse_statement(parse, statement: Any, origin: str):
    """One parsed statement with `flaw` ("", "inert" or "malformed") and `origin` (which policy it stands in)."""
    readable = isinstance(statement, dict) and statement.get("Effect") in ("Allow", "Deny")
    parsed = parse({"Statement": [statement]}) if readable else []
    if parsed:
        result = parsed[0]
        inert = not (_names_one(statement, "Action") and _names_one(statement, "Resource"))
        result.flaw = "inert" if inert else "malformed" if condition_flaw(statement.get("Condition")) else ""
        if not inert and any("${" in resource for resource in result.resources + result.not_resources):
            # A variable is not substituted here: an Allow names nothing by it, a Deny everything.
            result.flaw, result.resources, result.not_resources = "malformed", ["*"], []
    else:
        result = evaluator.ParsedStatement(sid="Unreadable", effect="Deny", actions=["*"], resources=["*"])
        result.flaw = "malformed"
    result.origin = origin
    return result


def parse_tagged(doc: Any, origin: str) -> list:
    """The statements of a document, each knowing `origin`. A document that cannot be read denies everything."""
    document = document_of(doc)
    if document is None:
        return [_parse_statement(_original_parse, None, origin)]
    return [_parse_statement(_original_parse, statement, origin) for statement in statements_of(document)]


_original_parse = expect(EVALUATOR, "parse_policy_document", ("doc",))


@replace(EVALUATOR, "parse_policy_document", ("doc",))
def parse_policy_document(original, doc):
    return parse_tagged(doc, "policy")


@replace(EVALUATOR, "_first_match", ("ctx", "stmts", "effect"))
def first_match(original, ctx, stmts, effect):
    for statement in stmts:
        if statement.effect != effect or getattr(statement, "flaw", "") == "inert":
            continue
        if statement.flaw == "malformed":
            if effect == "Allow" or not _covers(ctx, statement):
                continue
            found = statement
        else:
            found = original(ctx, [statement], effect)
        if found is not None:
            seen = matched.get()
            if seen is not None:
                seen.append(found)
            return found
    return None


def _covers(ctx, statement) -> bool:
    return evaluator._action_matches(
        ctx.action, statement.actions, statement.not_actions
    ) and evaluator._resource_matches(ctx.resource_arn, statement.resources, statement.not_resources)


@replace(EVALUATOR, "evaluate", ("ctx", "policies", "limits"))
def evaluate(original, ctx, policies, *limits):
    """The original decision, which carries the deciding statement as `statement`."""
    seen: list = []
    token = matched.set(seen)
    try:
        result = original(ctx, policies, *limits)
    finally:
        matched.reset(token)
    deciding = {"Deny": "Deny", "Allow": "Allow"}.get(result.decision)
    result.statement = next((s for s in seen if s.effect == deciding), None)
    return result
