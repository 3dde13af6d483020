import { describe, expect, it, vi } from "vitest";
import { endpointOf, found, isNotFound, whileRoleSpreads } from "../../../local/provider/aws";

const LOCAL = { AWS_ENDPOINT_URL: "http://127.0.0.1:4566", AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "x" };
const notLocal = expect.objectContaining({ code: "NotLocal" }) as Error;

describe("endpointOf", () => {
    it("takes endpoint and credentials of the environment", () => {
        expect(endpointOf({ ...LOCAL, AWS_SESSION_TOKEN: "t" })).toEqual({
            endpoint: "http://127.0.0.1:4566",
            credentials: { accessKeyId: "local", secretAccessKey: "x", sessionToken: "t" },
        });
    });

    it.each([
        undefined,
        "",
        "https://127.0.0.1:4566",
        "http://localhost:4566",
        "http://127.0.0.1.example.org:4566",
        "http://127.0.0.1@example.org:80",
        "http://127.0.0.1:4566/path",
        "https://kms.eu-west-1.amazonaws.com",
    ])("refuses the endpoint %j", (url) => {
        expect(() => endpointOf({ ...LOCAL, AWS_ENDPOINT_URL: url })).toThrow(notLocal);
    });

    it.each([
        "AWS_PROFILE",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
        "AWS_USE_FIPS_ENDPOINT",
    ])("refuses to run beside %s", (name) => {
        expect(() => endpointOf({ ...LOCAL, [name]: "true" })).toThrow(notLocal);
    });

    it("refuses to run without credentials", () => {
        expect(() => endpointOf({ AWS_ENDPOINT_URL: LOCAL.AWS_ENDPOINT_URL })).toThrow(notLocal);
    });

    it.each(["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE"])(
        "takes a key like AWS's only from whoever vouches for it: %s",
        (id) => {
            const env = { ...LOCAL, AWS_ACCESS_KEY_ID: id };
            expect(() => endpointOf(env)).toThrow(notLocal);
            expect(() => endpointOf({ ...env, COUNTERSIGN_LOCAL_KEY_ID: "AKIAOTHER" })).toThrow(notLocal);
            expect(endpointOf({ ...env, COUNTERSIGN_LOCAL_KEY_ID: id }).credentials.accessKeyId).toBe(id);
        },
    );

    it("does not print a secret", () => {
        const env = { ...LOCAL, AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE", AWS_SECRET_ACCESS_KEY: "canary" };
        expect(() => endpointOf(env)).toThrow(
            expect.not.objectContaining({ message: expect.stringMatching(/canary|IOSFODNN7/) as string }) as Error,
        );
    });
});

const awsError = (name: string, httpStatusCode = 400) =>
    Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

describe("isNotFound", () => {
    it.each([
        "NoSuchEntityException",
        "NotFoundException",
        "ResourceNotFoundException",
        "ParameterNotFound",
        "NoSuchBucket",
        "QueueDoesNotExist",
        "TrailNotFoundException",
    ])("is true for %s", (name) => expect(isNotFound(awsError(name))).toBe(true));

    it("is true for a bare 404, false for a call that does not exist and for a denial", () => {
        expect(isNotFound(awsError("Unknown", 404))).toBe(true);
        expect(isNotFound(awsError("UnknownOperationException", 404))).toBe(false);
        expect(isNotFound(awsError("AccessDenied", 403))).toBe(false);
    });

    it("turns into undefined, and nothing else does", async () => {
        expect(await found(Promise.reject(awsError("NoSuchBucket")))).toBeUndefined();
        await expect(found(Promise.reject(awsError("AccessDenied", 403)))).rejects.toThrow("AccessDenied");
    });
});

describe("whileRoleSpreads", () => {
    const early = awsError("MalformedPolicyDocumentException");

    it("repeats until AWS knows the role", async () => {
        const action = vi.fn().mockRejectedValueOnce(early).mockRejectedValueOnce(early).mockResolvedValue("made");
        expect(await whileRoleSpreads(action)).toBe("made");
        expect(action).toHaveBeenCalledTimes(3);
    });

    it("gives up after six times", async () => {
        const action = vi.fn().mockRejectedValue(
            Object.assign(new Error("The role defined for the function cannot be assumed by Lambda."), {
                name: "InvalidParameterValueException",
            }),
        );
        await expect(whileRoleSpreads(action)).rejects.toThrow("cannot be assumed");
        expect(action).toHaveBeenCalledTimes(6);
    });

    it("does not repeat any other failure", async () => {
        const action = vi.fn().mockRejectedValue(awsError("AccessDenied", 403));
        await expect(whileRoleSpreads(action)).rejects.toThrow("AccessDenied");
        expect(action).toHaveBeenCalledTimes(1);
    });
});
