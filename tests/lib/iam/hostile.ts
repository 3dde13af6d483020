import { identityPolicies } from "./hostile/identities";
import { keyPolicies } from "./hostile/keys";
import type { Hostile } from "./hostile/make";
import { trustPolicies } from "./hostile/trusts";

export type { Hostile } from "./hostile/make";

export const HOSTILE: readonly Hostile[] = [
    ...keyPolicies().map((one): Hostile => ({ ...one, kind: "key" })),
    ...identityPolicies().map(({ name, text, others }): Hostile => ({
        name,
        text,
        kind: "identity",
        ...(others && { others }),
    })),
    ...trustPolicies().map((one): Hostile => ({ ...one, kind: "trust" })),
];
