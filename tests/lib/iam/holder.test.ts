/** Documents read for a holder that may be one of many: an Allow stays if it may hold, a Deny only if it surely does. */
import { describe, expect, it } from "vitest";
import { type Context, parsePolicy } from "../../../lib/iam";
import { heldBy } from "../../../lib/iam/holder";

const ROLE = "arn:aws:iam::111122223333:role";
/** Any role of the account but one. */
const holder: Context = (key) => {
    if (key === "aws:principalarn") return { kind: "like", glob: `${ROLE}/*`, except: [`${ROLE}/signer`] };
    return key === "aws:principalaccount" ? { kind: "known", values: ["111122223333"] } : { kind: "unknown" };
};

/** Keys of the conditions that are left, or undefined if the statement is gone. */
function left(Effect: string, Condition: object): string[] | undefined {
    const text = JSON.stringify({
        Version: "2012-10-17",
        Statement: { Effect, Action: "*", Resource: "*", Condition },
    });
    const [statement] = heldBy(parsePolicy(text, "identity"), holder).document.statements;
    return statement?.conditions.map(({ key }) => key);
}

const arn = (value: string): object => ({ "aws:PrincipalArn": value });

describe("heldBy", () => {
    it("keeps an Allow that may hold, without what was decided", () => {
        expect(left("Allow", { ArnEquals: arn(`${ROLE}/x`) })).toEqual([]);
        expect(left("Allow", { ArnEquals: arn(`${ROLE}/x`), Bool: { "aws:SecureTransport": "true" } })).toEqual([
            "aws:securetransport",
        ]);
        expect(left("Allow", { StringEquals: { "aws:username": "u" } })).toEqual([]);
    });

    it("drops an Allow that surely misses every holder", () => {
        expect(left("Allow", { ArnEquals: arn(`${ROLE}/signer`) })).toBeUndefined();
        expect(left("Allow", { StringEquals: { "aws:PrincipalAccount": "444455556666" } })).toBeUndefined();
        expect(left("Allow", { StringLike: arn("arn:aws:iam::111122223333:user/*") })).toBeUndefined();
    });

    it("keeps a Deny only where it surely hits every holder", () => {
        expect(left("Deny", { ArnNotEquals: arn(`${ROLE}/signer`) })).toEqual([]);
        expect(left("Deny", { StringEquals: { "aws:PrincipalAccount": "111122223333" } })).toEqual([]);
        expect(left("Deny", { ArnNotEquals: arn(`${ROLE}/x`) })).toBeUndefined();
        expect(left("Deny", { ArnEquals: arn(`${ROLE}/x`) })).toBeUndefined();
    });

    it("leaves statements alone that do not ask who calls", () => {
        expect(left("Deny", { Bool: { "aws:SecureTransport": "false" } })).toEqual(["aws:securetransport"]);
        expect(left("Allow", {})).toEqual([]);
    });
});
