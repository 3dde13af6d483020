import { createHash } from "node:crypto";

import type { ApiRequest } from "./api-request";
import type { Call } from "./operation";
import { type Refusal, refusal } from "./refusal";
import type { Signature } from "./sigv4";

const MISMATCH =
    "The request signature we calculated does not match the signature you provided. " +
    "Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

/** The forms in which S3 takes a body that the signature does not cover as one hash. */
const S3_UNHASHED = ["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"];

/**
 * Compares the body with x-amz-content-sha256, which the signature covers.
 *
 * MiniStack believes the header, so without this a swapped body would pass under the signature of another one.
 * Without the header it hashes the body itself.
 */
export function checkBody(request: ApiRequest, call: Call, signature: Signature | undefined): Refusal | undefined {
    const claimed = request.headers["x-amz-content-sha256"] ?? request.query.get("X-Amz-Content-Sha256") ?? undefined;
    const chunked = (request.headers["content-encoding"] ?? "").includes("aws-chunked");
    if (chunked && !claimed?.startsWith("STREAMING-")) {
        return refusal(
            "InvalidRequest",
            "content-encoding aws-chunked needs a STREAMING- value of x-amz-content-sha256",
            400,
        );
    }
    if (claimed === undefined || (!signature && call.service === "s3")) return undefined;
    if (/^[0-9a-f]{64}$/.test(claimed)) {
        const actual = createHash("sha256").update(request.body).digest("hex");
        if (actual === claimed) return undefined;
        return call.service === "s3"
            ? refusal(
                  "XAmzContentSHA256Mismatch",
                  "The provided 'x-amz-content-sha256' header does not match what was computed.",
                  400,
              )
            : refusal("SignatureDoesNotMatch", MISMATCH);
    }
    if (call.service === "s3" && S3_UNHASHED.includes(claimed)) return undefined;
    return call.service === "s3"
        ? refusal(
              "InvalidArgument",
              `x-amz-content-sha256 must be ${S3_UNHASHED.join(", ")}, or a valid sha256 value.`,
              400,
          )
        : refusal("SignatureDoesNotMatch", MISMATCH);
}
