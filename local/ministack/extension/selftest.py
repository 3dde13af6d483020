"""Each replacement, tried at start: a start fails rather than a request being judged by the wrong rule."""

from .patch import ExtensionError

results: list[dict] = []
_tests = []


def test(function):
    _tests.append(function)
    return function


def run() -> None:
    """Throws ExtensionError, naming every test that failed."""
    for function in _tests:
        try:
            function()
            results.append({"name": function.__name__, "ok": True})
        except Exception as error:  # every failure counts, whatever it is
            results.append({"name": function.__name__, "ok": False, "error": f"{type(error).__name__}: {error}"})
    failed = [f"{item['name']} ({item['error']})" for item in results if not item["ok"]]
    if failed:
        raise ExtensionError("self-test failed: " + "; ".join(failed))
