import { expect, it } from "vitest";
import { decideExactly, parsePolicy } from "../../../lib/iam";
import { EVERYTHING, toPrincipal } from "./differential/asking";
import { decide, type Person, type RawPolicy } from "./oracle";
import { createRandom, type Random } from "./random";
import {
    ACCOUNT,
    ACTIONS,
    contexts,
    freeKeysOf,
    KEY_ARNS,
    PEOPLE,
    policy,
    ROLE_ID,
    spell,
    USER_ID,
    type World,
    world,
} from "./worlds";

/**
 * Compares the answers of lib/iam on complete requests with the oracle's. Proves agreement of two readings of AWS's documentation, both ours.
 *
 * Longer, by hand: as in differential.test.ts.
 */
const REQUESTS = Number(process.env["COUNTERSIGN_WORLDS"] ?? "6000");
const SEED = Number(process.env["COUNTERSIGN_SEED"] ?? "7");
const SLOW = 120_000 + 20 * REQUESTS;

it(
    `agrees with the oracle on ${REQUESTS} complete requests`,
    () => {
        const random = createRandom(SEED);
        const counts = { allow: 0, explicitDeny: 0, implicitDeny: 0 };
        for (let i = 0; i < REQUESTS; i++) {
            const { small, who, action, resource, context, session } = request(random);
            const identity = small.identity[who.arn] ?? (random.chance(0.5) ? [EVERYTHING] : []);
            const boundary = small.boundary[who.arn];
            const documents = {
                keyPolicy: small.keyPolicy,
                keyAccount: ACCOUNT,
                identity,
                ...(boundary && { boundary }),
                ...(session && { session }),
            };
            const expected = decide(documents, { who, action, resource, context });
            const answer = decideExactly({
                caller: { ...toPrincipal(who), ...(who.session !== undefined && { sessionName: who.session }) },
                action,
                resource,
                resourceAccount: ACCOUNT,
                resourcePolicy: parsePolicy(spell(small.keyPolicy, random), "key"),
                identity: identity.map((raw, n) => ({
                    name: `${n}`,
                    policy: parsePolicy(spell(raw, random), "identity"),
                })),
                ...(boundary && { boundary: parsePolicy(spell(boundary, random), "boundary") }),
                ...(session && { session: parsePolicy(spell(session, random), "session") }),
                context,
                requiresDelegation: true,
            });
            if (answer.decision !== expected) {
                expect.fail(
                    `${i}: ${answer.decision}, oracle ${expected}: ${JSON.stringify({ documents, who, action, resource, context })}`,
                );
            }
            counts[expected] += 1;
        }
        console.info(`exact: ${JSON.stringify(counts)}`);
        expect(Math.min(counts.allow, counts.explicitDeny, counts.implicitDeny)).toBeGreaterThan(600);
    },
    SLOW,
);

function request(random: Random): {
    small: World;
    who: Person;
    action: string;
    resource: string;
    context: Record<string, string | string[]>;
    session?: RawPolicy;
} {
    const small = world(random);
    const who = selfOf(random.pick(PEOPLE), random);
    const keys = freeKeysOf([small.keyPolicy, ...Object.values(small.identity).flat()]);
    const all = contexts(who, keys.slice(0, 3), true);
    const session = who.type === "AssumedRole" && random.chance(0.15) ? policy(random, false) : undefined;
    return {
        small,
        who,
        action: random.pick(ACTIONS),
        resource: random.pick(KEY_ARNS),
        context: random.pick(all),
        ...(session && { session }),
    };
}

/** One session of a role; now and then somebody whose unique id documents name. */
function selfOf(who: Person, random: Random): Person {
    const id = who.type === "AssumedRole" ? ROLE_ID : who.type === "User" ? USER_ID : undefined;
    return {
        ...who,
        ...(who.type === "AssumedRole" && { session: random.pick(["s1", "s2"]) }),
        ...(id !== undefined && random.chance(0.3) && { userId: id }),
    };
}
