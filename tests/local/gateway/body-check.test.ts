import { createHash } from "node:crypto";

import { describe, expect, it } from "vitest";

import { checkBody } from "../../../local/gateway/body-check";
import type { Call } from "../../../local/gateway/operation";
import { apiRequest } from "./requests";

const kms: Call = { service: "kms", operation: "Sign", protocol: "json", region: "eu-west-1", accessKeyId: "A" };
const s3: Call = { service: "s3", operation: "PutObject", protocol: "s3", region: "eu-west-1", accessKeyId: "A" };
const signature = {
    via: "header",
    accessKeyId: "A",
    region: "eu-west-1",
    service: "kms",
    signedHeaders: ["host"],
} as const;
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");
const check = (call: Call, claimed: string | undefined, body: string, more: Record<string, string> = {}) =>
    checkBody(
        apiRequest({
            headers: { ...(claimed === undefined ? {} : { "x-amz-content-sha256": claimed }), ...more },
            body,
        }),
        call,
        signature,
    );

describe("checkBody", () => {
    it("passes the body that was signed", () => {
        expect(check(kms, hashOf("body"), "body")).toBeUndefined();
        expect(check(s3, hashOf("body"), "body")).toBeUndefined();
    });

    it("leaves a body without the header to the signature check", () => {
        expect(check(kms, undefined, "body")).toBeUndefined();
    });

    it("refuses a swapped body in the words of the protocol", () => {
        expect(check(kms, hashOf("body"), "bodY")).toMatchObject({ code: "SignatureDoesNotMatch" });
        expect(check(s3, hashOf("body"), "bodY")).toMatchObject({ code: "XAmzContentSHA256Mismatch", status: 400 });
    });

    it.each(["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])(
        "takes %s from S3 alone",
        (value) => {
            expect(check(s3, value, "body")).toBeUndefined();
            expect(check(kms, value, "body")).toMatchObject({ code: "SignatureDoesNotMatch" });
        },
    );

    it.each(["", "x", hashOf("body").toUpperCase(), "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"])(
        "refuses %j as a hash",
        (value) => {
            expect(check(s3, value, "body")).toMatchObject({ code: "InvalidArgument" });
            expect(check(kms, value, "body")).toMatchObject({ code: "SignatureDoesNotMatch" });
        },
    );

    it("refuses chunks that the hash does not announce", () => {
        expect(check(s3, hashOf("0\r\n\r\n"), "0\r\n\r\n", { "content-encoding": "aws-chunked" })).toMatchObject({
            code: "InvalidRequest",
        });
        expect(check(s3, undefined, "0\r\n\r\n", { "content-encoding": "gzip,aws-chunked" })).toMatchObject({
            code: "InvalidRequest",
        });
    });
});
