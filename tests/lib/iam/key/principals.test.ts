import { describe, expect, it } from "vitest";
import { ACCOUNT, ADMIN, type Json, ROOT, SIGNER } from "../canonical";
import { RUNNER, world, who, allowSign, without } from "./ask";

/** Proves whom a Principal or NotPrincipal means. Proves nothing about AWS's own evaluation. */

describe("principals", () => {
    const others = (principal: unknown, more: readonly Json[] = []): string[] =>
        who(world([...without("DenySignOthers", "DenyCrossAccount"), allowSign(principal), ...more])).filter(
            (name) => name !== `direct ${SIGNER}`,
        );

    it.each<[string, unknown, string]>([
        ["a role", { AWS: RUNNER }, `direct ${RUNNER}`],
        ["a user", { AWS: `arn:aws:iam::${ACCOUNT}:user/eve` }, `direct arn:aws:iam::${ACCOUNT}:user/eve`],
        ["a unique id", { AWS: "AROAEXAMPLEEXAMPLE12" }, "direct AROAEXAMPLEEXAMPLE12"],
        ["a service", { Service: "dnssec-route53.amazonaws.com" }, "direct dnssec-route53.amazonaws.com"],
        ["another account", { AWS: "444455556666" }, "cross-account arn:aws:iam::444455556666:role/*"],
        [
            "a role elsewhere",
            { AWS: "arn:aws:iam::444455556666:role/x" },
            "cross-account arn:aws:iam::444455556666:role/x",
        ],
        [
            "a session of a declared role",
            { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/runner/eve` },
            `direct ${RUNNER}`,
        ],
        [
            "a session of a foreign role",
            { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/stranger/eve` },
            `direct arn:aws:sts::${ACCOUNT}:assumed-role/stranger/eve`,
        ],
        ["a federation", { Federated: "cognito-identity.amazonaws.com" }, "direct cognito-identity.amazonaws.com"],
        ["everyone", { AWS: "*" }, "direct anonymous"],
    ])("finds %s", (_, principal, expected) => expect(others(principal)).toContain(expected));

    it("accepts the signer's own session", () =>
        expect(others({ AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/countersign-dev-files-v1-signer/x` })).toEqual([]));

    it("reads Allow with NotPrincipal as everyone but who is listed by all its names, which a role's sessions never are", () => {
        const { Principal: _, ...rest } = allowSign("*");
        const user = `arn:aws:iam::${ACCOUNT}:user/eve`;
        const names = who(
            world([...without("DenySignOthers"), { ...rest, NotPrincipal: { AWS: [RUNNER, user, ACCOUNT] } }]),
        );
        expect(names).toContain(`direct ${ADMIN}`);
        expect(names).toContain(`direct ${RUNNER}`);
        expect(names).not.toContain(`direct ${user}`);
    });

    it("counts Deny with NotPrincipal for those alone who are neither listed nor in a listed account", () => {
        const notSigner = { Effect: "Deny", NotPrincipal: { AWS: [SIGNER, ROOT] }, Action: "kms:Sign", Resource: "*" };
        const names = others("*", [notSigner]);
        expect(names).toContain(`direct ${RUNNER}`);
        expect(names.filter((name) => name.startsWith("cross-account"))).toEqual([]);
    });

    it("lets a unique id pass a Deny by pattern, and stops it by a Deny that names the signer", () => {
        const by = (condition: Json): Json => ({
            Effect: "Deny",
            Principal: "*",
            Action: "kms:Sign",
            Resource: "*",
            Condition: condition,
        });
        const id = { AWS: "AROAEXAMPLEEXAMPLE12" };
        expect(others(id, [by({ ArnNotLike: { "aws:PrincipalArn": `${SIGNER}*` } })])).toEqual([
            "direct AROAEXAMPLEEXAMPLE12",
        ]);
        expect(others(id, [by({ ArnNotEquals: { "aws:PrincipalArn": SIGNER } })])).toEqual([]);
    });
});
