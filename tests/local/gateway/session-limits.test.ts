import { describe, expect, it } from "vitest";

import { createPrincipals } from "../../../local/gateway/principals";
import { checkSession } from "../../../local/gateway/session-limits";
import { apiRequest } from "./requests";

const RoleArn = "arn:aws:iam::111122223333:role/r";
const principals = createPrincipals();
const answer = `<Role><RoleId>AROA1</RoleId><Arn>${RoleArn}</Arn></Role>`;
principals.observe(
    "111122223333",
    "CreateRole",
    new URLSearchParams({ RoleName: "r", MaxSessionDuration: "7200" }),
    answer,
);

function check(values: Record<string, string>, accessKeyId = "AKIAUSER", operation = "AssumeRole") {
    const body = new URLSearchParams({ Action: operation, RoleArn, RoleSessionName: "session", ...values }).toString();
    return checkSession(
        { service: "sts", operation, protocol: "query", region: "eu-west-1", accessKeyId },
        apiRequest({ body }),
        principals,
    );
}

describe("checkSession", () => {
    it.each<Record<string, string>>([{}, { DurationSeconds: "900" }, { DurationSeconds: "7200" }])(
        "lets %j pass",
        (values) => {
            expect(check(values)).toBeUndefined();
        },
    );

    it.each<[Record<string, string>, RegExp]>([
        [{ DurationSeconds: "899" }, /greater than or equal to 900/],
        [{ DurationSeconds: "x" }, /greater than or equal to 900/],
        [{ DurationSeconds: "43201" }, /less than or equal to 43200/],
        [{ DurationSeconds: "7201" }, /exceeds the MaxSessionDuration/],
        [{ RoleSessionName: "a/b" }, /roleSessionName/],
        [{ RoleSessionName: "a" }, /roleSessionName/],
    ])("refuses %j", (values, message) => {
        expect(check(values)).toMatchObject({
            code: "ValidationError",
            status: 400,
            message: expect.stringMatching(message) as string,
        });
    });

    it("gives a session of a session an hour", () => {
        expect(check({ DurationSeconds: "3600" }, "ASIASESSION")).toBeUndefined();
        expect(check({ DurationSeconds: "3601" }, "ASIASESSION")).toMatchObject({
            message: expect.stringMatching(/role chaining/) as string,
        });
    });

    it("follows UpdateRole, and leaves other calls and unknown roles to MiniStack", () => {
        principals.observe("111122223333", "UpdateRole", new URLSearchParams({ RoleName: "r", Description: "d" }), "");
        expect(principals.maxSessionSeconds(RoleArn)).toBe(7200);
        principals.observe(
            "111122223333",
            "UpdateRole",
            new URLSearchParams({ RoleName: "r", MaxSessionDuration: "3600" }),
            "",
        );
        expect(check({ DurationSeconds: "7200" })).toMatchObject({ code: "ValidationError" });
        expect(check({ DurationSeconds: "7200", RoleArn: "arn:aws:iam::111122223333:role/none" })).toBeUndefined();
        expect(check({ DurationSeconds: "1" }, "AKIAUSER", "GetSessionToken")).toBeUndefined();
    });
});
