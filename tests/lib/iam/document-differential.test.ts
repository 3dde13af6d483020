import { expect, it } from "vitest";
import {
    contextOf,
    documentMay,
    excessOf,
    keyTarget,
    type ParsedPolicy,
    parsePolicy,
    type Principal,
} from "../../../lib/iam";
import { heldBy } from "../../../lib/iam/holder";
import { readingsOf, SCOPE, toPrincipal } from "./differential/asking";
import { decide, type Person, type RawPolicy } from "./oracle";
import { createRandom, type Random } from "./random";
import {
    ACCOUNT,
    ACTIONS,
    contexts,
    DEFAULT_POLICY,
    freeKeysOf,
    KEY_ARNS,
    PEOPLE,
    policy,
    SIGNER,
    spell,
} from "./worlds";

/**
 * Identity documents whose holder is not known, or is one of a class, against an oracle that tries holders. Proves that no request is allowed
 * which the document is said not to allow. Proves nothing about AWS.
 */
const DOCUMENTS = 4_000;
const SLOW = 120_000;

const HOLDERS = PEOPLE.filter(
    ({ type, account }) => account === ACCOUNT && (type === "AssumedRole" || type === "User"),
);
const ROLES = HOLDERS.filter(({ type }) => type === "AssumedRole");
/** Any role of the account but the signer. */
const CLASS: Principal = {
    ...toPrincipal(ROLES[0] as Person),
    arn: `arn:aws:iam::${ACCOUNT}:role/*`,
    name: `arn:aws:iam::${ACCOUNT}:role/*`,
    isClass: true,
    except: [SIGNER],
};

function allowed(raw: RawPolicy, holders: readonly Person[], action: string): Person | undefined {
    const documents = { keyPolicy: DEFAULT_POLICY, keyAccount: ACCOUNT, identity: [raw] };
    const keys = freeKeysOf([raw]);
    return holders.find((who) =>
        contexts(who, keys, true).some((context) =>
            KEY_ARNS.some((resource) =>
                readingsOf(false, [raw]).some(
                    (reading) => decide(documents, { who, action, resource, context }, reading) === "allow",
                ),
            ),
        ),
    );
}

function compare(random: Random, holders: readonly Person[], read: (policy: ParsedPolicy) => ParsedPolicy): void {
    let [yes, loose] = [0, 0];
    for (let i = 0; i < DOCUMENTS; i++) {
        const raw = policy(random, false);
        const action = random.pick(ACTIONS);
        const parsed = read(parsePolicy(spell(raw, random), "identity"));
        const found = documentMay({ name: "document", policy: parsed }, keyTarget(action, SCOPE), SCOPE);
        const who = allowed(raw, holders, action);
        if (who !== undefined && found === undefined)
            expect.fail(`${i}: ${who.arn} may ${action} by ${JSON.stringify(raw)}`);
        yes += who === undefined ? 0 : 1;
        loose += who === undefined && found !== undefined ? 1 : 0;
    }
    console.info(`documents: ${DOCUMENTS} cases, ${yes} allowed, ${loose} more said to be possible`);
    expect(yes / DOCUMENTS).toBeGreaterThan(0.2);
    expect(yes / DOCUMENTS).toBeLessThan(0.7);
    expect(loose / DOCUMENTS).toBeLessThan(0.1);
}

it(
    "a document never says no where some holder's request is allowed",
    () => compare(createRandom(41), HOLDERS, (one) => one),
    SLOW,
);

it(
    "a document read for a class never says no where one of the class is allowed",
    () =>
        compare(
            createRandom(43),
            ROLES.filter(({ arn }) => arn !== SIGNER),
            (one) => heldBy(one, contextOf(CLASS)),
        ),
    SLOW,
);

it(
    "a document without excess allows nothing but what was allowed for",
    () => {
        const random = createRandom(47);
        let within = 0;
        for (let i = 0; i < DOCUMENTS; i++) {
            const raw = policy(random, false);
            const granted = random.some(ACTIONS, 2);
            const resources = [random.pick(["*", KEY_ARNS[0] as string, "arn:aws:kms:*:*:key/*"])];
            if (excessOf(parsePolicy(spell(raw, random), "identity"), [{ actions: granted, resources }]).length > 0)
                continue;
            within += 1;
            for (const action of ACTIONS.filter((one) => !granted.includes(one))) {
                const who = allowed(raw, HOLDERS.slice(0, 2), action);
                if (who !== undefined)
                    expect.fail(`${i}: ${action} beyond ${granted.join()} by ${JSON.stringify(raw)}`);
            }
        }
        expect(within).toBeGreaterThan(200);
    },
    SLOW,
);
