"""
The front of the server: only the gateway is let in, decisions get a request id, and /_countersign/ is answered here.

Requests: header `x-countersign-extension: SECRET` on every one (functions can find the port, not the secret), and
`x-countersign-decision: wanted` for the decision as response header of the same name (JSON, ASCII).
"""

import hmac
import json
import uuid

from . import decisions
from .authorize import authorize
from .patch import replaced
from .settings import settings

EXTENSION = b"x-countersign-extension"
DECISION = b"x-countersign-decision"
BODY_LIMIT = 2_000_000


def wrap(app):
    """The ASGI application in front of MiniStack's own."""

    async def front(scope, receive, send):
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await app(scope, receive, send)
            elif scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": 1008})
            return
        given = next((value for name, value in scope["headers"] if name.lower() == EXTENSION), b"")
        if not settings.secret or not hmac.compare_digest(given, settings.secret.encode()):
            await _answer(
                send,
                403,
                {"error": "only the gateway is served here: header x-countersign-extension is missing or wrong"},
            )
        elif scope["path"].startswith("/_countersign/"):
            await _control(scope, receive, send)
        elif scope["path"].startswith("/_") and scope["path"] != "/_ministack/health":
            await _answer(send, 403, {"error": "not served"})
        else:
            await _serve(app, scope, receive, send)

    return front


async def _serve(app, scope, receive, send):
    wanted = any(name.lower() == DECISION for name, _ in scope["headers"])
    ours = (EXTENSION, DECISION)
    scope = {**scope, "headers": [(name, value) for name, value in scope["headers"] if name.lower() not in ours]}
    record = decisions.Record()
    decisions.current.set(record)

    async def watched(message):
        if message["type"] == "http.response.start":
            headers = list(message.get("headers", []))
            ids = [
                value.decode("latin-1")
                for name, value in headers
                if name.lower() in (b"x-amzn-requestid", b"x-amz-request-id") and value
            ]
            if not ids:
                # MiniStack's denials carry none; AWS's do, and CloudTrail joins on it.
                ids = [str(uuid.uuid4())]
                headers += [(b"x-amzn-requestid", ids[0].encode()), (b"x-amz-request-id", ids[0].encode())]
            for request_id in ids:
                decisions.keep(request_id, record)
            if wanted:
                headers.append((DECISION, json.dumps({"requestId": ids[0], **record.summary()}).encode("ascii")))
            message = {**message, "headers": headers}
        await send(message)

    await app(scope, receive, watched)


async def _control(scope, receive, send):
    method, path = scope["method"], scope["path"].removeprefix("/_countersign/")
    try:
        if method == "GET" and path == "health":
            from .selftest import results

            await _answer(
                send, 200, {"ok": all(item["ok"] for item in results), "replaced": replaced, "tests": results}
            )
        elif method == "GET" and path.startswith("decision/"):
            found = decisions.find(path.removeprefix("decision/"))
            await _answer(send, 200 if found else 404, found or {"error": "no such request"})
        elif method == "POST" and path == "authorize":
            await _answer(send, 200, authorize(await _json(receive)))
        elif method == "POST" and path == "events":
            from .events import put_events

            await _answer(send, 200, put_events(await _json(receive)))
        else:
            await _answer(send, 404, {"error": f"no such endpoint: {method} {scope['path']}"})
    except (KeyError, TypeError, ValueError) as error:
        await _answer(send, 400, {"error": f"{type(error).__name__}: {error}"})


async def _json(receive) -> dict:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > BODY_LIMIT:
            raise ValueError("body too large")
        if not message.get("more_body"):
            break
    data = json.loads(body)
    if not isinstance(data, dict):
        raise ValueError("expected a JSON object")
    return data


async def _answer(send, status: int, body: dict):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
