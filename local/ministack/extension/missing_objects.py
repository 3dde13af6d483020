"""
What S3 says of an object that is not there: 404 to whoever may list its name, 403 to everyone else, who is not to learn which names
exist (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html). The question is ListBucket with `s3:prefix` the whole
name, so a permission that is conditioned on a prefix counts for the names below it.
"""

from .patch import expect, replace

S3 = "ministack.services.s3"

expect("ministack.app", "_enforce_data_plane")


@replace(S3, "_get_object", ("bucket_name", "key", "headers", "query_params"))
def get_object(original, bucket_name, key, headers, query_params=None):
    return _as_seen(original(bucket_name, key, headers, query_params), bucket_name, key, headers, query_params)


@replace(S3, "_head_object", ("bucket_name", "key", "headers", "query_params"))
def head_object(original, bucket_name, key, headers=None, query_params=None):
    return _as_seen(original(bucket_name, key, headers, query_params), bucket_name, key, headers, query_params)


def _as_seen(answer, bucket, key, headers, query):
    from ministack.app import _enforce_data_plane

    status, _headers, body = answer
    signed = "authorization" in (headers or {}) or "X-Amz-Signature" in (query or {})
    # Without a signature it is a part of MiniStack that reads, or the public, whom the bucket's policy may let read but not list.
    if status != 404 or not signed or (body and b"NoSuchBucket" in body):
        return answer
    context = {"s3:prefix": key}
    denied = _enforce_data_plane(
        "s3", "s3:ListBucket", headers, query or {}, "", resource_arn=f"arn:aws:s3:::{bucket}", service_context=context
    )
    return denied or answer
