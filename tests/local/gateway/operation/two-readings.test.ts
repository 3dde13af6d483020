/** Proves that a request which two readers would name differently is refused, and never guessed at. */
import { describe, expect, it } from "vitest";
import type { ApiRequest } from "../../../../local/gateway/api-request";
import { apiRequest, authorization } from "../requests";
import { named } from "./named";

describe("requests with two readings", () => {
    const json = "application/x-amz-json-1.1";
    const form = "application/x-www-form-urlencoded";
    const request = (service: string, part: Parameters<typeof apiRequest>[0]) =>
        apiRequest({ ...part, headers: { authorization: authorization(service), ...part.headers } });

    it.each<[string, ApiRequest, string]>([
        [
            "a target of another service",
            request("s3", { headers: { "x-amz-target": "TrentService.Sign" } }),
            "InvalidRequest",
        ],
        [
            "a KMS target under another scope",
            request("dynamodb", { headers: { "x-amz-target": "TrentService.Sign" } }),
            "UnknownOperationException",
        ],
        [
            "a target and an Action",
            request("dynamodb", { target: "/?Action=Get", headers: { "x-amz-target": "DynamoDB_20120810.GetItem" } }),
            "InvalidRequest",
        ],
        [
            "a target with a form",
            request("sqs", { headers: { "x-amz-target": "AmazonSQS.SendMessage", "content-type": form } }),
            "InvalidRequest",
        ],
        [
            "a target by GET",
            request("kms", { method: "GET", headers: { "x-amz-target": "TrentService.ListKeys" } }),
            "InvalidRequest",
        ],
        [
            "a target on a path",
            request("kms", {
                target: "/x",
                headers: { "x-amz-target": "TrentService.ListKeys", "content-type": json },
            }),
            "InvalidRequest",
        ],
        ["a bad target", request("kms", { headers: { "x-amz-target": "TrentService." } }), "UnknownOperationException"],
        ["an Action on S3", request("s3", { method: "GET", target: "/b/k?Action=ListAllMyBuckets" }), "InvalidRequest"],
        [
            "an Action on Lambda",
            request("lambda", { target: "/2015-03-31/functions/f/invocations?Action=GetFunction" }),
            "InvalidRequest",
        ],
        [
            "a form on S3",
            request("s3", { target: "/b", headers: { "content-type": form }, body: "Action=x" }),
            "InvalidRequest",
        ],
        [
            "two Actions",
            request("iam", { headers: { "content-type": form }, body: "Action=GetRole&Action=DeleteRole" }),
            "InvalidAction",
        ],
        [
            "an Action in body and query",
            request("iam", {
                target: "/?Action=GetRole",
                headers: { "content-type": form },
                body: "Action=DeleteRole",
            }),
            "InvalidAction",
        ],
        [
            "parameters in body and query",
            request("iam", {
                target: "/?RoleName=x",
                headers: { "content-type": form },
                body: "Action=GetRole&RoleName=y",
            }),
            "InvalidRequest",
        ],
        ["no Action", request("iam", { headers: { "content-type": form }, body: "RoleName=x" }), "InvalidAction"],
        ["two subresources", request("s3", { method: "GET", target: "/b?policy&acl" }), "UnknownOperationException"],
        [
            "an unknown subresource",
            request("s3", { method: "GET", target: "/b?inventory" }),
            "UnknownOperationException",
        ],
        ["a method that S3 lacks", request("s3", { method: "PATCH", target: "/b/k" }), "UnknownOperationException"],
        [
            "an unknown path of Lambda",
            request("lambda", { method: "GET", target: "/2016-08-19/account-settings" }),
            "UnknownOperationException",
        ],
        [
            "a service that is not emulated",
            request("sagemaker", { headers: { "x-amz-target": "SageMaker.CreateModel" } }),
            "UnknownService",
        ],
        [
            "an anonymous call of an unknown service",
            apiRequest({ headers: { "x-amz-target": "SageMaker.CreateModel" } }),
            "UnknownService",
        ],
    ])("refuses %s", (_name, ambiguous, code) => {
        expect(named(ambiguous).split(":")[0]).toBe(code);
    });

    it("accepts a query call by GET", () => {
        expect(named(request("sts", { method: "GET", target: "/?Action=GetCallerIdentity&Version=2011-06-15" }))).toBe(
            "sts:GetCallerIdentity",
        );
    });
});
