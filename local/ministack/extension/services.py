"""
Which services answer at all. KMS is the gateway's, and what could act above the policies (CloudFormation, Cloud
Control) or is not used by the program is switched off: MiniStack's own KMS holds no key and nobody can reach it.
"""

from ministack.core import iam_evaluator as evaluator

from .patch import ExtensionError, expect, replace

# MiniStack's names.
SERVED = (
    "cloudfront",
    "cloudtrail",
    "dynamodb",
    "dynamodbstreams",
    "events",
    "iam",
    "lambda",
    "logs",
    "monitoring",
    "s3",
    "sns",
    "sqs",
    "ssm",
    "states",
    "sts",
)


def restrict() -> None:
    """Throws ExtensionError if a service of ours is gone."""
    from ministack import app

    handlers = expect("ministack.app", "SERVICE_HANDLERS")
    missing = [name for name in SERVED if name not in handlers]
    if missing:
        raise ExtensionError(f"MiniStack has no services {missing}")
    app.SERVICE_HANDLERS = {name: handlers[name] for name in SERVED}


@replace(
    "ministack.app",
    "_handle_special_data_plane_request",
    ("method", "path", "headers", "body", "query_params", "request_id", "raw_path", "raw_query_string", "client_ip"),
)
async def handle_special_data_plane_request(
    original,
    method,
    path,
    headers,
    body,
    query_params,
    request_id,
    raw_path=None,
    raw_query_string="",
    client_ip="127.0.0.1",
):
    """Of what is reached by host or path before any service is known, CloudFront alone; buckets come by path."""
    from ministack import app

    host = headers.get("host", "")
    if app._parse_cloudfront_dataplane_host(host) is None:
        return None
    # CloudFront asks its origin over TLS, however the viewer came.
    evaluator.pin_request_origin(client_ip, True)
    return await app._handle_cloudfront_dataplane_request(
        host,
        path,
        raw_path if raw_path is not None else path,
        raw_query_string,
        method,
        headers,
        body,
        query_params,
        client_ip,
    )


@replace("ministack.app", "_handle_pre_body_request", ("method", "path", "headers", "query_params", "request_id"))
async def handle_pre_body_request(original, method, path, headers, query_params, request_id):
    """Health alone: MiniStack's own inspection, reset and download paths need no credentials."""
    from ministack import app

    return app._handle_health_request(path, request_id)


@replace(
    "ministack.app", "_handle_post_body_shortcuts", ("method", "path", "headers", "body", "query_params", "request_id")
)
async def handle_post_body_shortcuts(original, method, path, headers, body, query_params, request_id):
    return None
