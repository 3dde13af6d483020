"""
Starts MiniStack with our extension. The starter writes one line of JSON to standard input (extension/settings.py).

Order matters: MiniStack's modules copy names from the evaluator when they are imported, so the evaluator is repaired
first.
"""

import importlib.metadata
import os
import signal
import sys
import threading

VERSION = "1.5.33"


def main() -> None:
    seen = importlib.metadata.version("ministack")
    if seen != VERSION:
        raise SystemExit(f"ministack {seen} is installed, expected {VERSION}: the extension replaces private names")
    from extension import settings

    settings.load(sys.stdin.readline())

    from extension import patch

    try:
        # The evaluator and what copies from it, in this order.
        import extension.signatures  # noqa: F401
        import extension.root_user  # noqa: F401
        import extension.principals  # noqa: F401
        import extension.conditions  # noqa: F401
        import extension.resource_policies  # noqa: F401
        import extension.actions  # noqa: F401
        import extension.decisions  # noqa: F401
        import extension.pass_role  # noqa: F401
        import extension.lambda_errors  # noqa: F401
        import extension.function_roles  # noqa: F401
        import extension.stepfunctions  # noqa: F401
        import extension.events  # noqa: F401
        import extension.missing_objects  # noqa: F401
        import extension.targets  # noqa: F401
        from extension import alarms, endpoints, pollers, selftest, services
        from ministack import app

        # Waiting three seconds for kept connections serves nobody: the gateway has ended before.
        patch.expect("hypercorn.config", "Config").graceful_timeout = 0.2
        services.restrict()
        selftest.run()
    except patch.ExtensionError as error:
        raise SystemExit(f"the MiniStack extension cannot start: {error}") from error
    threading.Thread(target=_end_with_starter, daemon=True).start()
    pollers.start()
    alarms.start()
    app.app = endpoints.wrap(app.app)
    app.main()


def _end_with_starter() -> None:
    """Standard input closes when the starter ends, however it ends; nothing may stay behind."""
    while sys.stdin.read(1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


main()
