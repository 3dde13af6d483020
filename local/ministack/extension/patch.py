"""
Replacing private functions of MiniStack. A name or parameter list that changed fails the start, never a request.
"""

import functools
import importlib
import inspect
from collections.abc import Callable
from typing import Any


class ExtensionError(Exception):
    """MiniStack is not the one this extension was written for. The message says what is missing."""


# "module.function" of everything replaced, for /_countersign/health.
replaced: list[str] = []


def expect(module_name: str, name: str, parameters: tuple[str, ...] | None = None) -> Any:
    """The named member of a MiniStack module. Throws ExtensionError if it is gone or takes other parameters."""
    module = importlib.import_module(module_name)
    if not hasattr(module, name):
        raise ExtensionError(f"{module_name}.{name} is gone: the extension needs the pinned version of MiniStack")
    member = getattr(module, name)
    if parameters is not None:
        seen = tuple(inspect.signature(member).parameters)
        if seen != parameters:
            raise ExtensionError(f"{module_name}.{name} takes {seen}, expected {parameters}")
    return member


def replace(module_name: str, name: str, parameters: tuple[str, ...]) -> Callable[[Callable], Callable]:
    """Decorator: the replacement gets the original as its first argument, then the call's own arguments."""

    def decorate(function: Callable) -> Callable:
        original = expect(module_name, name, parameters)

        @functools.wraps(original)
        def replacement(*args, **kwargs):
            return function(original, *args, **kwargs)

        setattr(importlib.import_module(module_name), name, replacement)
        replaced.append(f"{module_name.removeprefix('ministack.')}.{name}")
        return replacement

    return decorate
