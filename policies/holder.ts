import { heldBy } from "../lib/iam/holder";
import { contextOf, principalOfArn } from "../lib/iam/principal";
import type { Context, Scope } from "../lib/iam/types";
import type { IdentityDocument } from "./documents";
import { arnOfRole, signerArn } from "./place";
import type { Settings } from "./settings";

/**
 * A document as whoever may have it. Only signers have an ARN that is known from a name: of another role the path is not, nor the case that it
 * was made in, so it may be any principal of the account but a signer. What is attached by others may be a user's, too.
 */
export function held(document: IdentityDocument, settings: Settings, scope: Scope): IdentityDocument {
    const { owner, policy } = document;
    const isSigner = owner.kind === "known" && settings.signers.some(({ role }) => role === owner.value);
    if (isSigner) return document;
    const role = contextOf(principalOfArn(arnOfRole(scope, "holder", settings), scope));
    const except = settings.signers.map((signer) => signerArn(scope, signer));
    const holder: Context = (key) => {
        if (key === "aws:principalarn")
            return { kind: "like", glob: `arn:${scope.partition}:*::${scope.accountId}:*`, except };
        const isOfRole = ["aws:principaltype", "aws:username", "aws:userid"].includes(key);
        return isOfRole && owner.kind !== "known" ? { kind: "unknown" } : role(key);
    };
    return { ...document, policy: heldBy(policy, holder) };
}
