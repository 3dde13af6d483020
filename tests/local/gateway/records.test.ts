import { describe, expect, it } from "vitest";

import type { Call } from "../../../local/gateway/operation";
import { eventName, isDataEvent, isReadOnly } from "../../../local/gateway/trail/event-kind";
import { requestParameters, responseElements } from "../../../local/gateway/trail/parameters";
import { type FinishedCall, trailRecords } from "../../../local/gateway/trail/record";
import { userNameOf } from "../../../local/gateway/trail/user-identity";
import { CALLER } from "./fake-ministack";
import { apiRequest } from "./requests";

const HOME = "111122223333";
const KEY = "arn:aws:kms:eu-west-1:111122223333:key/k";
const finished: FinishedCall = {
    service: "kms",
    eventName: "Sign",
    region: "eu-west-1",
    caller: CALLER,
    accessKeyId: "ASIAEXAMPLE",
    anonymous: false,
    userAgent: "agent",
    requestId: "request",
    eventId: "event",
    requestParameters: { keyId: KEY },
    responseElements: null,
    readOnly: true,
    managementEvent: true,
    resources: [{ accountId: HOME, type: "AWS::KMS::Key", ARN: KEY }],
    at: new Date("2026-11-21T08:00:00.999Z"),
};

describe("trailRecords", () => {
    it("writes a Sign event as AWS does", () => {
        expect(trailRecords(finished, HOME)).toEqual([
            {
                eventVersion: "1.11",
                userIdentity: {
                    type: "AssumedRole",
                    principalId: "AROAEXAMPLE:session",
                    arn: "arn:aws:sts::111122223333:assumed-role/signer/session",
                    accountId: HOME,
                    accessKeyId: "ASIAEXAMPLE",
                    sessionContext: {
                        sessionIssuer: {
                            type: "Role",
                            principalId: "AROAEXAMPLE",
                            arn: "arn:aws:iam::111122223333:role/signing/signer",
                            accountId: HOME,
                            userName: "signer",
                        },
                        attributes: { mfaAuthenticated: "false" },
                    },
                },
                eventTime: "2026-11-21T08:00:00Z",
                eventSource: "kms.amazonaws.com",
                eventName: "Sign",
                awsRegion: "eu-west-1",
                sourceIPAddress: "127.0.0.1",
                userAgent: "agent",
                requestParameters: { keyId: KEY },
                responseElements: null,
                requestID: "request",
                eventID: "event",
                readOnly: true,
                resources: [{ accountId: HOME, type: "AWS::KMS::Key", ARN: KEY }],
                eventType: "AwsApiCall",
                managementEvent: true,
                recipientAccountId: HOME,
                eventCategory: "Management",
            },
        ]);
    });

    it("adds what failed", () => {
        expect(trailRecords({ ...finished, error: { code: "AccessDenied", message: "no" } }, HOME)[0]).toMatchObject({
            errorCode: "AccessDenied",
            errorMessage: "no",
        });
    });

    it("knows users, root, nobody and the unknown", () => {
        const identity = (part: Partial<FinishedCall>) => trailRecords({ ...finished, ...part }, HOME)[0]!.userIdentity;
        const user = {
            ...CALLER,
            type: "IAMUser",
            arn: "arn:aws:iam::111122223333:user/path/operator",
            principalId: "AIDAX",
        };
        expect(identity({ caller: user })).toEqual({
            type: "IAMUser",
            principalId: "AIDAX",
            arn: user.arn,
            accountId: HOME,
            accessKeyId: "ASIAEXAMPLE",
            userName: "operator",
        });
        const root = { ...CALLER, type: "Root", arn: "arn:aws:iam::111122223333:root", principalId: HOME };
        expect(identity({ caller: root })).toMatchObject({ type: "Root", arn: root.arn });
        expect(identity({ caller: undefined })).toEqual({
            type: "Unknown",
            principalId: "",
            accessKeyId: "ASIAEXAMPLE",
        });
        expect(identity({ caller: undefined, anonymous: true })).toEqual({
            type: "AWSAccount",
            principalId: "",
            accountId: "ANONYMOUS_PRINCIPAL",
        });
        expect(
            [identity({ caller: user }), identity({ caller: root }), identity({}), identity({ caller: undefined })].map(
                userNameOf,
            ),
        ).toEqual(["operator", "root", "session", undefined]);
    });
});

describe("kinds and names", () => {
    it.each([
        ["s3", "GetObject", true, true],
        ["s3", "PutObject", true, false],
        ["s3", "ListObjectsV2", true, true],
        ["s3", "PutBucketPolicy", false, false],
        ["s3", "GetBucketPolicy", false, true],
        ["dynamodb", "TransactWriteItems", true, false],
        ["dynamodb", "Query", true, true],
        ["dynamodb", "UpdateItem", true, false],
        ["dynamodb", "CreateTable", false, false],
        ["dynamodb", "UpdateTable", false, false],
        ["lambda", "Invoke", true, false],
        ["lambda", "CreateFunction", false, false],
        ["sqs", "SendMessage", true, false],
        ["sqs", "CreateQueue", false, false],
        ["sts", "AssumeRole", false, true],
        ["kms", "Sign", false, false], // the core says that it is read-only
        ["states", "StartExecution", false, false],
    ])("%s %s", (service, operation, data, reads) => {
        expect([isDataEvent(service, operation), isReadOnly(operation)]).toEqual([data, reads]);
    });

    it("uses CloudTrail's names", () => {
        expect(eventName("lambda", "UpdateFunctionCode")).toBe("UpdateFunctionCode20150331v2");
        expect(eventName("s3", "PutBucketLifecycleConfiguration")).toBe("PutBucketLifecycle");
        expect(eventName("iam", "CreateRole")).toBe("CreateRole");
    });
});

describe("what is recorded of a call", () => {
    const call = (service: string, operation: string, protocol: Call["protocol"]): Call => ({
        service,
        operation,
        protocol,
        region: "eu-west-1",
        accessKeyId: "A",
    });
    const json = (value: object) => apiRequest({ body: JSON.stringify(value) });

    it("keeps parameters, with a small first letter", () => {
        expect(
            requestParameters(
                call("events", "PutRule", "json"),
                json({ Name: "r", State: "ENABLED", Tags: [{ Key: "k" }] }),
            ),
        ).toEqual({ name: "r", state: "ENABLED", tags: [{ key: "k" }] });
        const form = new URLSearchParams({ Action: "CreateRole", Version: "2010-05-08", RoleName: "r" }).toString();
        expect(requestParameters(call("iam", "CreateRole", "query"), apiRequest({ body: form }))).toEqual({
            roleName: "r",
        });
        expect(
            requestParameters(
                call("lambda", "GetFunction", "rest-json"),
                apiRequest({ target: "/2015-03-31/functions/f%3A1" }),
            ),
        ).toEqual({ functionName: "f:1" });
        expect(
            requestParameters(
                call("cloudfront", "GetDistribution", "rest-xml"),
                apiRequest({ target: "/2020-05-31/distribution/E1" }),
            ),
        ).toEqual({ id: "E1" });
    });

    it("leaves code, environment, secrets and data out", () => {
        const made = requestParameters(
            call("lambda", "CreateFunction", "rest-json"),
            json({ FunctionName: "f", Code: { ZipFile: "AAAA" }, Environment: { Variables: { A: "secret" } } }),
        );
        expect(made).toEqual({ functionName: "f", code: {} });
        const put = requestParameters(
            call("dynamodb", "PutItem", "json"),
            json({ TableName: "t", Item: { id: { S: "secret" } } }),
        );
        expect(put).toEqual({ tableName: "t" });
        const sent = requestParameters(
            call("sqs", "SendMessage", "json"),
            json({ QueueUrl: "u", MessageBody: "secret" }),
        );
        expect(sent).toEqual({ queueUrl: "u" });
        expect(
            requestParameters(
                call("s3", "PutObject", "s3"),
                apiRequest({ target: "/b/a%20b?x-id=PutObject&X-Amz-Signature=00", body: "secret" }),
            ),
        ).toEqual({ bucketName: "b", key: "a b" });
    });

    it("survives what is no JSON, and names that mean something to JavaScript", () => {
        expect(requestParameters(call("events", "PutRule", "json"), apiRequest({ body: "{" }))).toEqual({});
        const made = requestParameters(
            call("events", "PutRule", "json"),
            apiRequest({ body: '{"__proto__":{"polluted":1}}' }),
        );
        expect(Object.getPrototypeOf(made)).toBe(Object.prototype);
        expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
    });

    it("keeps what a session was given, without its secrets", () => {
        const xml =
            "<AccessKeyId>ASIAX</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>e</Expiration><AssumedRoleId>AROA:s</AssumedRoleId><Arn>a</Arn>";
        const kept = responseElements(call("sts", "AssumeRole", "query"), true, Buffer.from(xml));
        expect(kept).toEqual({
            credentials: { accessKeyId: "ASIAX", expiration: "e", sessionToken: "HIDDEN_DUE_TO_SECURITY_REASONS" },
            assumedRoleUser: { assumedRoleId: "AROA:s", arn: "a" },
        });
        expect(responseElements(call("events", "PutRule", "json"), false, Buffer.from('{"RuleArn":"a"}'))).toEqual({
            ruleArn: "a",
        });
        expect(
            responseElements(call("events", "DescribeRule", "json"), true, Buffer.from('{"RuleArn":"a"}')),
        ).toBeNull();
        expect(responseElements(call("events", "DeleteRule", "json"), false, Buffer.from("{}"))).toBeNull();
    });
});
