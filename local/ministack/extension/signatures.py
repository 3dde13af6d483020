"""The signed body: MiniStack believes `x-amz-content-sha256`, so a body swapped after signing passes. Compare it."""

import hashlib
import re

from .patch import replace

_HEX = re.compile(r"[0-9a-f]{64}")


@replace(
    "ministack.core.sigv4",
    "header_signature_failure",
    ("signature", "secret", "method", "raw_path", "query_params", "headers", "body", "presigned", "explain"),
)
def header_signature_failure(
    original, signature, secret, method, raw_path, query_params, headers, body, *, presigned=False, explain=False
):
    claimed = headers.get("x-amz-content-sha256", "")
    # Only S3 may leave its body unsigned, or sign it in chunks.
    if claimed and (signature.service != "s3" or _HEX.fullmatch(claimed)):
        if claimed != hashlib.sha256(body).hexdigest():
            if signature.service == "s3":
                return (
                    "SignatureDoesNotMatch",
                    "The provided 'x-amz-content-sha256' header does not match what was computed.",
                )
            return "SignatureDoesNotMatch", (
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method."
            )
    return original(
        signature, secret, method, raw_path, query_params, headers, body, presigned=presigned, explain=explain
    )
