import { contextOf, known, principalOfArn, principalWithoutArn } from "./principal";
import { identityRoute } from "./identity";
import { type KeyQuestion, keyQuestion, mayKey } from "./key";
import { hitsOf, judge, mayAllow, mustDeny, targetOf } from "./statement";
import type { Move, Step, TakeoverWorld, Threat } from "./takeover";
import {
    COMPUTE_VERBS,
    FUNCTION_VERBS,
    KEY_VERBS,
    MAPPING_VERBS,
    PASSED_TO,
    POLICY_VERBS,
    PROVIDER_VERBS,
    ROLE_VERBS,
    SUPPLY_VERBS,
    TABLE_VERBS,
    USER_VERBS,
} from "./takeover-catalogue";
import type { Cause, ContextValue, DeclaredPrincipal, Principal } from "./types";

/** Whether the principal's documents may allow an action; the statement that does. */
type May = (action: string, resource?: string, facts?: Readonly<Record<string, ContextValue>>) => Cause | undefined;

/** What key policies say of an action, by signer and action: the same for every principal, so one search shares it. */
export type KeyQuestions = Map<string, KeyQuestion>;

/** All moves that a principal's documents may allow it, one a target and threat. */
export function capabilitiesOf(
    principal: DeclaredPrincipal,
    world: TakeoverWorld,
    questions: KeyQuestions = new Map(),
): Move[] {
    const caller = principalOfArn(principal.arn, world.scope);
    const may = mayOf(principal, caller);
    return [
        ...world.principals
            .filter(({ arn }) => arn !== principal.arn)
            .flatMap((role) => roleMoves(principal, role, caller, may, world)),
        ...providerMoves(principal, may, world),
        ...computeMoves(principal, may, world),
        ...signerMoves(principal, caller, may, world, questions),
        ...ownPolicyMoves(principal, may, world),
    ];
}

function mayOf(principal: DeclaredPrincipal, caller: Principal): May {
    const context = contextOf(caller);
    // Most principals may do few of the catalogue's actions on anything: asked once an action, not once a target.
    const anywhere = new Map<string, boolean>();
    const mayAnywhere = (action: string): boolean => {
        const found = anywhere.get(action);
        if (found !== undefined) return found;
        const target = targetOf(action, "*");
        const may =
            !principal.complete ||
            principal.policies.some(({ policy }) =>
                hitsOf(policy, target).some(({ statement }) => statement.effect === "Allow"),
            );
        anywhere.set(action, may);
        return may;
    };
    return (action, resource, facts = {}) => {
        if (!mayAnywhere(action)) return undefined;
        const answer = identityRoute(
            principal,
            targetOf(action, resource),
            { context: (key) => (Object.hasOwn(facts, key) ? facts[key] : undefined) ?? context(key), exact: false },
            caller,
        );
        if (answer.denied || answer.way === undefined) return undefined;
        return answer.way[0] ?? { policy: "an unknown document", at: "", effect: "Allow", certain: false };
    };
}

function firstOf(
    may: May,
    actions: readonly string[],
    resource?: string,
): { action: string; cause: Cause } | undefined {
    for (const action of actions) {
        const cause = may(action, resource);
        if (cause !== undefined) return { action, cause };
    }
    return undefined;
}

/** Some resource of the action's service, where the catalogue knows no better. */
function anyResource(action: string): string {
    return `arn:*:${action.slice(0, action.indexOf(":"))}:*:*:*`;
}

/** The first of the actions that is allowed on some resource of its service. */
function firstAnywhere(may: May, actions: readonly string[]): { action: string; cause: Cause } | undefined {
    return firstOf((action) => may(action, anyResource(action)), actions);
}

/** Who may rewrite its own policies holds every right, and so every move of the catalogue. */
function ownPolicyMoves(principal: DeclaredPrincipal, may: May, { signers }: TakeoverWorld): Move[] {
    const self = [...ROLE_VERBS, ...USER_VERBS].filter((verb) => verb.self).map(({ action }) => action);
    const held = principal.policies.flatMap(({ arn }) => (arn === undefined ? [] : [arn]));
    const found =
        firstOf(may, self, principal.arn) ??
        held.map((arn) => firstOf(may, POLICY_VERBS, arn)).find((one) => one !== undefined);
    if (found === undefined) return [];
    return signers
        .filter(({ roleArn }) => roleArn !== principal.arn)
        .map(({ roleArn }) => ({ step: move("T60", principal, found, principal.arn, roleArn) }));
}

function move(
    threat: Threat,
    { arn }: DeclaredPrincipal,
    { action, cause }: { action: string; cause: Cause },
    target: string,
    becomes?: string,
): Step {
    return { threat, from: arn, action, target, cause, ...(becomes !== undefined && { becomes }) };
}

/** T60, T62, T63: ways to become a role. */
function roleMoves(
    principal: DeclaredPrincipal,
    role: DeclaredPrincipal,
    caller: Principal,
    may: May,
    world: TakeoverWorld,
): Move[] {
    const isSigner = world.signers.some(({ roleArn }) => roleArn === role.arn);
    // Another role's policies make that role stronger, not the principal; for the signer each of them matters.
    const roleVerbs = ROLE_VERBS.filter(({ action }) => isSigner || action === "iam:UpdateAssumeRolePolicy");
    const verbs = role.arn.includes(":user/") ? USER_VERBS.filter(({ self }) => !self) : roleVerbs;
    const held = isSigner ? role.policies.flatMap(({ arn }) => (arn === undefined ? [] : [arn])) : [];
    const rewrites =
        firstOf(
            may,
            verbs.map(({ action }) => action),
            role.arn,
        ) ?? held.map((arn) => firstOf(may, POLICY_VERBS, arn)).find((one) => one !== undefined);
    const recreates =
        rewrites === undefined && may("iam:DeleteRole", role.arn) !== undefined
            ? firstOf(may, ["iam:CreateRole"], role.arn)
            : undefined;
    const assumes = assumption(role, caller, may);
    const passes = passing(role, may);
    return [
        ...(rewrites === undefined ? [] : [{ step: move("T60", principal, rewrites, role.arn, role.arn) }]),
        ...(recreates === undefined ? [] : [{ step: move("T60", principal, recreates, role.arn, role.arn) }]),
        ...(assumes === undefined ? [] : [{ step: move("T62", principal, assumes, role.arn, role.arn) }]),
        ...(passes === undefined ? [] : [{ step: move("T63", principal, passes, role.arn, role.arn) }]),
    ];
}

/** The trust names the caller, or its account and then the caller's own documents decide. An unknown trust may name anyone. */
function assumption(
    role: DeclaredPrincipal,
    caller: Principal,
    may: May,
): { action: string; cause: Cause } | undefined {
    const action = "sts:AssumeRole";
    const cause = may(action, role.arn);
    if (role.trust === undefined) return cause === undefined ? undefined : { action, cause };
    const facts = { context: contextOf(caller), exact: false };
    const verdicts = hitsOf(role.trust, targetOf(action)).map((hit) => judge(hit, caller, facts));
    if (verdicts.some(mustDeny)) return undefined;
    const allows = verdicts.filter(mayAllow);
    const direct = allows.find(({ reach }) => reach.self !== "no");
    if (direct !== undefined) {
        const { statement } = direct.hit;
        const { at } = direct.reach;
        return {
            action,
            cause: {
                policy: `trust of ${role.arn}`,
                at,
                effect: "Allow",
                certain: false,
                ...(statement.sid !== undefined && { sid: statement.sid }),
            },
        };
    }
    return allows.length > 0 && cause !== undefined ? { action, cause } : undefined;
}

/** PassRole to a service that the role trusts, with something that the service can be made to start. */
function passing(role: DeclaredPrincipal, may: May): { action: string; cause: Cause } | undefined {
    for (const { service, actions } of PASSED_TO) {
        const cause = may("iam:PassRole", role.arn, { "iam:passedtoservice": known(service) });
        if (cause === undefined || !trustsService(role, service)) continue;
        const start = firstAnywhere(may, actions);
        if (start !== undefined) return { action: `iam:PassRole and ${start.action}`, cause };
    }
    return undefined;
}

function trustsService({ trust }: DeclaredPrincipal, service: string): boolean {
    if (trust === undefined) return true;
    const caller = principalWithoutArn("service", service);
    const facts = { context: contextOf(caller), exact: false };
    const verdicts = hitsOf(trust, targetOf("sts:AssumeRole")).map((hit) => judge(hit, caller, facts));
    return verdicts.some(mayAllow) && !verdicts.some(mustDeny);
}

/** T61: who makes the issuer makes its tokens. */
function providerMoves(principal: DeclaredPrincipal, may: May, world: TakeoverWorld): Move[] {
    return world.principals.flatMap((role): Move[] => {
        const entries = role.trust?.document.statements.flatMap(({ principals }) => principals?.entries ?? []) ?? [];
        const providers = [
            ...new Set(
                entries
                    .filter(({ kind, text }) => kind === "federated" && text.startsWith("arn:"))
                    .map(({ text }) => text),
            ),
        ];
        return providers.flatMap((provider) => {
            const found = role.arn === principal.arn ? undefined : firstOf(may, PROVIDER_VERBS, provider);
            return found === undefined ? [] : [{ step: move("T61", principal, found, provider, role.arn) }];
        });
    });
}

/** T64, T65: what runs as a role, and what that is made from. */
function computeMoves(principal: DeclaredPrincipal, may: May, world: TakeoverWorld): Move[] {
    const running = world.compute.flatMap(({ kind, arn, roleArn }): Move[] => {
        const { on, elsewhere } = COMPUTE_VERBS[kind];
        const found = firstOf(may, on, arn) ?? firstAnywhere(may, elsewhere);
        return found === undefined ? [] : [{ step: move("T64", principal, found, arn, roleArn) }];
    });
    const supplied = world.supplies.flatMap(({ kind, arn, roleArn }): Move[] => {
        const found = firstOf(may, SUPPLY_VERBS[kind], arn);
        return found === undefined ? [] : [{ step: move("T65", principal, found, arn, roleArn) }];
    });
    return [...running, ...supplied].filter(({ step }) => step.becomes !== principal.arn);
}

/** T66 to T68: moves that need no role. */
function signerMoves(
    principal: DeclaredPrincipal,
    caller: Principal,
    may: May,
    world: TakeoverWorld,
    questions: KeyQuestions,
): Move[] {
    return world.signers.flatMap((signer) => {
        const reaches = signer.roleArn;
        if (principal.arn === reaches) return [];
        const keyMoves = KEY_VERBS.flatMap((action): Move[] => {
            const asked = questions.get(`${reaches} ${action}`) ?? keyQuestion(signer.key, action);
            questions.set(`${reaches} ${action}`, asked);
            const way = mayKey(
                { ...asked, declared: new Map([[principal.arn, principal]]), attached: new Map() },
                caller,
            );
            const cause = way?.causes[way.causes.length - 1];
            return cause === undefined
                ? []
                : [{ step: move("T66", principal, { action, cause }, `key ${signer.keyName}`), reaches }];
        });
        const functionMoves = signer.functionArns.flatMap((arn): Move[] => {
            const verbs = FUNCTION_VERBS.filter(
                (verb) => verb !== "lambda:InvokeFunction" || !signer.invokers.includes(principal.arn),
            );
            const found =
                firstOf(may, verbs, arn) ??
                firstOf(
                    (action) => may(action, anyResource(action), { "lambda:functionarn": known(arn) }),
                    MAPPING_VERBS,
                );
            return found === undefined ? [] : [{ step: move("T67", principal, found, arn), reaches }];
        });
        const tableMoves = world.tables.flatMap(({ arn, writers }): Move[] => {
            const found = writers.includes(principal.arn) ? undefined : firstOf(may, TABLE_VERBS, arn);
            return found === undefined ? [] : [{ step: move("T68", principal, found, arn), reaches }];
        });
        // The root user may change every key policy of its account.
        const { partition, accountId } = world.scope;
        const root = `arn:${partition}:iam::${accountId}:root`;
        const asRoot = firstOf(may, ["sts:AssumeRoot"], root);
        const rootMoves = asRoot === undefined ? [] : [{ step: move("T62", principal, asRoot, root), reaches }];
        return [...keyMoves, ...functionMoves, ...tableMoves, ...rootMoves];
    });
}
