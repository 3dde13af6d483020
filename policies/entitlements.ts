import { type Entitlement, entitlementOf } from "../lib/iam/subjects";
import type { Settings } from "./settings";

/**
 * What the settings' subjects have to prove, each with the audiences of its own issuer only: another issuer's audience is nothing
 * that a token of this one should be asked for.
 *
 * @throws BadConfig for a subject that admits more than one place
 */
export function entitlementsOf({
    subjects,
    oidcProviders,
}: Pick<Settings, "subjects" | "oidcProviders">): Entitlement[] {
    return subjects.flatMap((subject) =>
        oidcProviders.flatMap(({ url, audiences }) =>
            audiences
                .map((audience) => entitlementOf(subject, audience))
                .filter(({ provider }) => url === `https://${provider}`),
        ),
    );
}
