import { describe, expect, it } from "vitest";
import { keyPanel, waysToKey } from "../../../../lib/iam";
import { ACCOUNT, ADMIN, canonicalStatements, DEPLOYER, ROOT, SIGNER } from "../canonical";
import { RUNNER, world, who, without, rootStar } from "./ask";

/** Proves who may do what under the canonical key policy, and under one without a protection. Proves nothing about AWS's own evaluation. */

describe("the canonical key policy", () => {
    it("has no problems", () => expect(world(canonicalStatements()).keyPolicy?.problems).toEqual([]));

    it("lets the signer alone sign, over the whole panel", () => {
        const value = world(canonicalStatements());
        expect(who(value)).toEqual([`direct ${SIGNER}`]);
        const kinds = new Set(keyPanel(value).members.map(({ kind }) => kind));
        expect([...kinds].sort()).toEqual(["anonymous", "federated-user", "role", "root", "service", "user"]);
    });

    it("names the statement that decides", () => {
        expect(waysToKey(world(canonicalStatements()), "kms:Sign")[0]?.causes).toEqual([
            { policy: "key policy", at: "Statement[4].Action[0]", sid: "Signer", effect: "Allow", certain: false },
        ]);
    });

    it.each([
        ["kms:CreateGrant"],
        ["kms:ReplicateKey"],
        ["kms:ImportKeyMaterial"],
        ["kms:UpdatePrimaryRegion"],
        ["kms:UpdateAlias"],
    ])("lets nobody do %s", (action) => expect(who(world([...canonicalStatements(), rootStar]), action)).toEqual([]));

    it("lets administrators, deployer and root user change the policy, nobody else", () => {
        expect(who(world(canonicalStatements()), "kms:PutKeyPolicy").sort()).toEqual(
            [`delegated ${ROOT}`, `direct ${ADMIN}`, `direct ${DEPLOYER}`].sort(),
        );
    });

    it("delegates reading to the account", () => {
        expect(who(world(canonicalStatements()), "kms:GetPublicKey")).toContain(
            `delegated arn:aws:iam::${ACCOUNT}:role/*`,
        );
        expect(who(world(canonicalStatements()), "kms:GetPublicKey")).not.toContain(`delegated ${RUNNER}`);
    });
});

describe("one protection less", () => {
    it("still lets nobody else sign without the Deny, since nothing delegates Sign", () =>
        expect(who(world(without("DenySignOthers")))).toEqual([`direct ${SIGNER}`]));

    it("lets everyone sign whose identity policy allows it once the account is given kms:*", () => {
        const names = who(world([...without("DenySignOthers"), rootStar]));
        expect(names).toEqual(
            expect.arrayContaining([
                `delegated ${ADMIN}`,
                `delegated arn:aws:iam::${ACCOUNT}:user/*`,
                `delegated ${ROOT}`,
            ]),
        );
        expect(names).not.toContain(`delegated ${RUNNER}`);
    });

    it("holds against kms:* for the account by the Deny alone", () =>
        expect(who(world([...canonicalStatements(), rootStar]))).toEqual([`direct ${SIGNER}`]));

    it("takes a missing policy as AWS's default", () => {
        const names = who({ ...world([]), keyPolicy: undefined });
        expect(names).toContain(`delegated ${ADMIN}`);
        expect(names).not.toContain(`direct ${SIGNER}`);
    });
});
