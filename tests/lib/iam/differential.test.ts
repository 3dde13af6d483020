import { describe, expect, it } from "vitest";
import { keyPanel, keyQuestion, mayKey, waysToKey } from "../../../lib/iam";
import { contextOf as lookupOf } from "../../../lib/iam/principal";
import { mayByTrying, standsFor, toPrincipal, toWorld } from "./differential/asking";
import { createRandom } from "./random";
import { ACTIONS, contexts, DECLARED, PEOPLE, world } from "./worlds";

/**
 * Compares lib/iam with an oracle that tries every request of a small world, under every reading of what AWS leaves open.
 * Proves agreement of two readings of AWS's documentation, both ours. Proves nothing about AWS: the local cloud's evaluator, which
 * others wrote, is compared elsewhere.
 *
 * Longer, by hand: `COUNTERSIGN_WORLDS=200000 COUNTERSIGN_SEED=7 npx vitest run --project plain tests/lib/iam/differential`.
 */
const WORLDS = Number(process.env["COUNTERSIGN_WORLDS"] ?? "20000");
const SEED = Number(process.env["COUNTERSIGN_SEED"] ?? "20261124");
/** Seconds of work on an idle machine; a busy one gets time. */
const SLOW = 120_000 + 20 * WORLDS;

describe("who may, against trying every request", () => {
    it(
        `never says no where a request is allowed, over ${WORLDS} worlds`,
        () => {
            const random = createRandom(SEED);
            const spelling = createRandom(SEED + 1);
            let [allowed, loose] = [0, 0];
            let [wild, bounded, granted, shared] = [0, 0, 0, 0];
            for (let i = 0; i < WORLDS; i++) {
                const small = world(random, true);
                const [action, who] = [random.pick(ACTIONS), random.pick(PEOPLE)];
                const expected = mayByTrying(small, who, action);
                const person = toPrincipal(who, small.knowsOrg);
                // Everyone, only where the panel needs them: reading documents takes most of the time.
                const isPanel = i % 8 === 0;
                const declared = isPanel ? DECLARED : DECLARED.filter((arn) => arn === who.arn);
                const asWorld = toWorld(small, declared, spelling);
                const found = mayKey(keyQuestion(asWorld, action), person) !== undefined;
                if (expected && !found) expect.fail(`${i}: ${who.arn} may ${action}: ${JSON.stringify(small)}`);
                allowed += expected ? 1 : 0;
                loose += found && !expected ? 1 : 0;
                wild += small.isWild ? 1 : 0;
                bounded += small.boundary[who.arn] === undefined ? 0 : 1;
                granted += small.grants.some(({ grantee }) => grantee === who.arn) ? 1 : 0;
                if (!isPanel) continue;
                // The panel as a whole, for some: what it shares between questions and callers changes no answer.
                const panel = keyPanel(asWorld);
                const ways = waysToKey(asWorld, action, panel);
                if (ways[0]?.route !== "undecided") {
                    const question = keyQuestion(asWorld, action);
                    const alone = panel.members.flatMap((member) => mayKey(question, member) ?? []);
                    expect(ways.slice(0, alone.length)).toEqual(alone);
                    shared += 1;
                }
                // It must hold somebody who speaks for this person.
                const isThere = ways.some(
                    ({ principal, route }) => route === "undecided" || standsFor(principal, person, panel.members),
                );
                if (expected && !isThere)
                    expect.fail(`${i}: the panel misses ${who.arn} for ${action}: ${JSON.stringify(small)}`);
            }
            console.info(`who may: ${WORLDS} cases, ${allowed} allowed, ${loose} more said to be possible`);
            console.info(
                `of which ${wild} with wildcards in principals, ${bounded} with a boundary, ${granted} with a grant`,
            );
            expect(Math.min(wild, bounded, granted)).toBeGreaterThan(150);
            expect(shared).toBeGreaterThan(1_000);
            expect(allowed / WORLDS).toBeGreaterThan(0.3);
            expect(allowed / WORLDS).toBeLessThan(0.7);
            expect(loose / WORLDS).toBeLessThan(0.1);
        },
        SLOW,
    );
});

it("binds the same keys to a caller as the oracle does", () => {
    for (const who of PEOPLE) {
        const [context] = contexts({ ...who, ...(who.type === "AssumedRole" && { session: "s1" }) }, [], false);
        for (const key of [
            "aws:principalarn",
            "aws:principalaccount",
            "kms:calleraccount",
            "aws:principaltype",
            "aws:principalisawsservice",
            "aws:username",
        ]) {
            const value = lookupOf(toPrincipal(who))(key);
            const expected = context?.[key];
            if (value.kind === "known") expect(value.values).toEqual([expected]);
            if (value.kind === "absent") expect(expected).toBeUndefined();
        }
    }
});
