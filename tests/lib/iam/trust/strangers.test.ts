import { expect, it } from "vitest";
import { checkTrust, type TrustRules } from "../../../../lib/iam";
import { conditionHolds } from "../oracle/conditions";
import { createRandom } from "../random";
import { ACCOUNT, HOST, rules, SCOPE, trust } from "./ask";
import { condition, type Kind, MEANT, PARTNER, SERVICE, STRANGERS } from "./strangers";

/** Proves that no trust which is accepted admits a stranger, over random conditions. Proves nothing about strangers that are not listed. */

const PRINCIPALS: Readonly<Record<Kind, object>> = {
    service: { Service: SERVICE },
    partner: { AWS: PARTNER },
    token: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/${HOST}` },
};
const RULES: Readonly<Record<Kind, TrustRules>> = {
    service: rules({ services: [{ name: SERVICE, sendsSource: true }] }),
    partner: rules({ awsPrincipals: [PARTNER], scope: { ...SCOPE, orgId: "o-own" } }),
    token: rules(),
};

it.each<[Kind]>([["service"], ["partner"], ["token"]])("no stranger passes for a %s, over 8,000 trusts", (kind) => {
    const random = createRandom(29);
    let [accepted, useful, open] = [0, 0, 0];
    for (let i = 0; i < 8_000; i++) {
        const block = condition(kind, random);
        const policy = trust({
            Effect: "Allow",
            Principal: PRINCIPALS[kind],
            Action: kind === "token" ? "sts:AssumeRoleWithWebIdentity" : "sts:AssumeRole",
            Condition: block,
        });
        const isAccepted = checkTrust(policy, RULES[kind]).every(({ level }) => level === "notice");
        // Either way of what AWS leaves open.
        const admits = (context: (typeof MEANT)[Kind]): boolean =>
            [true, false].some((value) =>
                conditionHolds(block, { context: { ...context }, version: "2012-10-17", reading: { open: value } }),
            );
        const stranger = STRANGERS[kind].find(admits);
        if (isAccepted && stranger !== undefined)
            expect.fail(`${i}: ${JSON.stringify(block)} admits ${JSON.stringify(stranger)}`);
        accepted += isAccepted ? 1 : 0;
        useful += isAccepted && admits(MEANT[kind]) ? 1 : 0;
        open += stranger === undefined ? 0 : 1;
    }
    console.info(
        `${kind}: ${accepted} trusts accepted, ${useful} of them admit who is meant, ${open} admit a stranger`,
    );
    expect(Math.min(useful, open)).toBeGreaterThan(200);
});
