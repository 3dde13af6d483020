import { describe, expect, it } from "vitest";
import { contextOf as lookupOf } from "../../../lib/iam/principal";
import {
    decideExactly,
    type DeclaredPrincipal,
    type KeyWorld,
    keyPanel,
    keyQuestion,
    mayKey,
    parsePolicy,
    type Principal,
    principalOfArn,
    principalWithoutArn,
    waysToKey,
} from "../../../lib/iam";
import { decide, type Person, type RawPolicy } from "./oracle";
import { createRandom, type Random } from "./random";
import {
    ACCOUNT,
    ACTIONS,
    contexts,
    DECLARED,
    freeKeysOf,
    KEY_ARNS,
    PEOPLE,
    policy,
    type World,
    world,
} from "./worlds";

/**
 * Compares lib/iam with an oracle that tries every request of a small world.
 * Proves agreement of two readings of AWS's documentation, both ours. Proves nothing about AWS: the local cloud's evaluator, which
 * others wrote, is compared elsewhere.
 */

const SCOPE = { partition: "aws", region: "eu-west-1", accountId: ACCOUNT, orgId: "o-own" };
/** Seconds of work on an idle machine; a busy one gets time. */
const SLOW = 120_000;

const EVERYTHING: RawPolicy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };

function toWorld({ keyPolicy, identity, boundary, grants, isWild }: World, declared: readonly string[]): KeyWorld {
    const read = (raw: RawPolicy, kind: "key" | "identity"): ReturnType<typeof parsePolicy> => {
        const parsed = parsePolicy(JSON.stringify(raw), kind);
        // `arn:aws:kms:*` and wildcards in principals are refused, and read as the globs that they are.
        if (parsed.problems.some(({ code }) => code !== "BadResource" && !(isWild && code === "PrincipalWildcard")))
            throw new Error(`${JSON.stringify(raw)}: ${JSON.stringify(parsed.problems)}`);
        return parsed;
    };
    const principals = declared.map((arn): DeclaredPrincipal => {
        const edge = boundary[arn];
        return {
            arn,
            policies: (identity[arn] ?? []).map((raw, i) => ({ name: `document ${i}`, policy: read(raw, "identity") })),
            complete: true,
            ...(edge !== undefined && { boundary: { name: "boundary", policy: read(edge, "identity") } }),
        };
    });
    return {
        scope: SCOPE,
        keyPolicy: read(keyPolicy, "key"),
        principals,
        grants: grants.map((grant, i) => ({ name: `${i}`, ...grant })),
    };
}

function toPrincipal({ type, arn }: Person): Principal {
    if (type === "Service") return principalWithoutArn("service", arn);
    return type === "Anonymous" ? principalWithoutArn("anonymous", arn) : principalOfArn(arn, SCOPE);
}

/** Whether some request of this person is allowed, whatever key id the key gets and whatever identity an undeclared person has. */
function mayByTrying(small: World, who: Person, action: string, documents: readonly RawPolicy[]): boolean {
    const needsOrg = JSON.stringify(documents).toLowerCase().includes("principalorgid");
    const keys = freeKeysOf(documents);
    const sessions = who.type === "AssumedRole" ? ["s1", "s2"] : [undefined];
    const boundary = small.boundary[who.arn];
    return sessions.some((session) => {
        const person = session === undefined ? who : { ...who, session };
        return contexts(person, keys, needsOrg).some((context) =>
            KEY_ARNS.some((resource) => {
                const identity = small.identity[who.arn] ?? [EVERYTHING];
                const all = {
                    keyPolicy: small.keyPolicy,
                    keyAccount: ACCOUNT,
                    identity,
                    grants: small.grants,
                    ...(boundary && { boundary }),
                };
                const readings = small.isWild ? (["glob", "text"] as const) : ([undefined] as const);
                return readings.some(
                    (wildcards) =>
                        decide(
                            { ...all, ...(wildcards && { wildcards }) },
                            { who: person, action, resource, context },
                        ) === "allow",
                );
            }),
        );
    });
}

/** Whether a member of the panel speaks for a person. */
function standsFor(member: Principal, person: Principal): boolean {
    if (member.kind !== person.kind) return false;
    if (person.kind === "anonymous") return true;
    if (member.name === person.name || member.name === "unnamed.amazonaws.com") return true;
    if (member.arn === undefined || person.arn === undefined) return false;
    const account = member.accountId ?? "";
    const sameAccount = account === person.accountId || account.includes("?") || /^9{6}/.test(account);
    // Of a pattern over accounts: the caller of that name in an account that nobody mentions.
    const sameName = member.arn.split(":")[5] === person.arn.split(":")[5];
    return sameAccount && (member.isClass || member.name.endsWith("/*") || member.kind === "root" || sameName);
}

describe("who may, against trying every request", () => {
    it(
        "never says no where a request is allowed, over 20,000 worlds",
        () => {
            const random = createRandom(20_261_124);
            let [allowed, loose, asked] = [0, 0, 0];
            let [wild, bounded, granted, shared] = [0, 0, 0, 0];
            for (let i = 0; i < 20_000; i++) {
                const small = world(random, true);
                const [action, who] = [random.pick(ACTIONS), random.pick(PEOPLE)];
                const documents = [
                    small.keyPolicy,
                    ...(small.identity[who.arn] ?? []),
                    ...(small.boundary[who.arn] ? [small.boundary[who.arn] as RawPolicy] : []),
                ];
                const expected = mayByTrying(small, who, action, documents);
                // Everyone, only where the panel needs them: reading documents takes most of the time.
                const asWorld = toWorld(small, i % 16 === 0 ? DECLARED : DECLARED.filter((arn) => arn === who.arn));
                const found = mayKey(keyQuestion(asWorld, action), toPrincipal(who)) !== undefined;
                if (expected && !found) expect.fail(`${i}: ${who.arn} may ${action}: ${JSON.stringify(small)}`);
                asked += 1;
                allowed += expected ? 1 : 0;
                loose += found && !expected ? 1 : 0;
                wild += small.isWild ? 1 : 0;
                bounded += small.boundary[who.arn] === undefined ? 0 : 1;
                granted += small.grants.some(({ grantee }) => grantee === who.arn) ? 1 : 0;
                // The panel as a whole, for some: what it shares between questions and callers changes no answer.
                const panel = i % 16 === 0 ? keyPanel(asWorld) : undefined;
                const ways = panel === undefined ? [] : waysToKey(asWorld, action, panel);
                if (panel !== undefined && ways[0]?.route !== "undecided") {
                    const question = keyQuestion(asWorld, action);
                    const alone = panel.members.flatMap((member) => mayKey(question, member) ?? []);
                    expect(ways.slice(0, alone.length)).toEqual(alone);
                    shared += 1;
                }
                // It must hold somebody who speaks for this person.
                if (expected && panel !== undefined) {
                    const person = toPrincipal(who);
                    if (!ways.some(({ principal, route }) => route === "undecided" || standsFor(principal, person))) {
                        expect.fail(`${i}: the panel misses ${who.arn} for ${action}: ${JSON.stringify(small)}`);
                    }
                }
            }
            console.info(`who may: ${asked} cases, ${allowed} allowed, ${loose} more said to be possible`);
            console.info(
                `of which ${wild} with wildcards in principals, ${bounded} with a boundary, ${granted} with a grant`,
            );
            expect(Math.min(wild, bounded, granted)).toBeGreaterThan(150);
            expect(shared).toBeGreaterThan(1_000);
            expect(allowed / asked).toBeGreaterThan(0.3);
            expect(allowed / asked).toBeLessThan(0.7);
            expect(loose / asked).toBeLessThan(0.1);
        },
        SLOW,
    );
});

describe("exact answers, against the oracle", () => {
    it(
        "agree on 6,000 complete requests",
        () => {
            const random = createRandom(7);
            const counts = { allow: 0, explicitDeny: 0, implicitDeny: 0 };
            for (let i = 0; i < 6_000; i++) {
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
                    resourcePolicy: parsePolicy(JSON.stringify(small.keyPolicy), "key"),
                    identity: identity.map((raw, n) => ({
                        name: `${n}`,
                        policy: parsePolicy(JSON.stringify(raw), "identity"),
                    })),
                    ...(boundary && { boundary: parsePolicy(JSON.stringify(boundary), "boundary") }),
                    ...(session && { session: parsePolicy(JSON.stringify(session), "session") }),
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
});

function request(random: Random): {
    small: World;
    who: Person;
    action: string;
    resource: string;
    context: Record<string, string | string[]>;
    session?: RawPolicy;
} {
    const small = world(random);
    const picked = random.pick(PEOPLE);
    const who = picked.type === "AssumedRole" ? { ...picked, session: random.pick(["s1", "s2"]) } : picked;
    const keys = freeKeysOf([small.keyPolicy, ...Object.values(small.identity).flat()]);
    const all = contexts(who, keys.slice(0, 3), true);
    const session = picked.type === "AssumedRole" && random.chance(0.15) ? policy(random, false) : undefined;
    return {
        small,
        who,
        action: random.pick(ACTIONS),
        resource: random.pick(KEY_ARNS),
        context: random.pick(all),
        ...(session && { session }),
    };
}

it("binds the same keys to a caller as the oracle does", () => {
    for (const who of PEOPLE) {
        const [context] = contexts({ ...who, ...(who.type === "AssumedRole" && { session: "s1" }) }, [], false);
        for (const key of [
            "aws:principalarn",
            "aws:principalaccount",
            "kms:calleraccount",
            "aws:principaltype",
            "aws:username",
        ]) {
            const value = lookupOf(toPrincipal(who))(key);
            const expected = context?.[key];
            if (value.kind === "known") expect(value.values).toEqual([expected]);
            if (value.kind === "absent") expect(expected).toBeUndefined();
        }
    }
});
