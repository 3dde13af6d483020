/** Proves how a claim is read. Proves nothing about signatures, which MiniStack checks. */
import { describe, expect, it } from "vitest";

import { readSignature } from "../../../local/gateway/sigv4";
import { apiRequest, authorization } from "./requests";

const read = (value: string) => readSignature(apiRequest({ headers: { authorization: value } }));

describe("readSignature", () => {
    it("reads the scope from the Authorization header", () => {
        expect(read(authorization("kms"))).toEqual({
            via: "header",
            accessKeyId: "AKIAEXAMPLE",
            region: "eu-west-1",
            service: "kms",
            signedHeaders: ["host", "x-amz-date"],
        });
    });

    it("reads the scope from a presigned query", () => {
        const query =
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAEXAMPLE%2F20261124%2Feu-west-1%2Fs3%2Faws4_request&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
        expect(readSignature(apiRequest({ method: "GET", target: `/b/k?${query}` }))).toMatchObject({
            via: "query",
            service: "s3",
            accessKeyId: "AKIAEXAMPLE",
        });
    });

    it("says undefined for an anonymous request", () => {
        expect(readSignature(apiRequest({ target: "/b/k?versionId=x" }))).toBeUndefined();
    });

    it.each([
        ["another scheme", "Bearer token"],
        ["SigV2", "AWS AKIAEXAMPLE:signature"],
        ["SigV4a", authorization("s3").replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")],
        ["no signature", authorization("s3").replace("Signature=00ff", "Signature=")],
        ["a part twice", `${authorization("s3")}, Signature=11`],
        ["a part without value", `${authorization("s3")}, x`],
        ["a short scope", authorization("s3").replace("/aws4_request", "")],
        ["a long scope", authorization("s3").replace("/aws4_request", "/x/aws4_request")],
        ["no host among the signed headers", authorization("s3", { signed: "x-amz-date" })],
    ])("refuses %s", (_name, value) => {
        expect(read(value)).toMatchObject({ code: "IncompleteSignature" });
    });

    it("refuses two ways to say who one is", () => {
        const both = apiRequest({ target: "/?X-Amz-Signature=00", headers: { authorization: authorization("s3") } });
        expect(readSignature(both)).toMatchObject({ code: "InvalidArgument" });
    });

    it.each([
        "X-Amz-Signature=00",
        "AWSAccessKeyId=AKIA&Signature=x",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "x-amz-credential=AKIAEXAMPLE",
    ])("refuses the incomplete query %s", (query) => {
        expect(readSignature(apiRequest({ target: `/b/k?${query}` }))).toMatchObject({ code: "IncompleteSignature" });
    });
});
