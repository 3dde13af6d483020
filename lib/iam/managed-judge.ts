import { identityRoute } from "./identity";
import { keyTarget } from "./key";
import { CAPABILITY_ACTIONS, type ManagedCapability, type ManagedVerdict } from "./managed";
import { contextOf, known, principalOfArn } from "./principal";
import { type Target, targetOf } from "./statement";
import { MAKING_VERBS, PASSED_TO } from "./takeover-catalogue";
import type { Cause, ContextValue, DeclaredPrincipal, ParsedPolicy } from "./types";

/** Every region and name, since a policy of AWS is attached anywhere; the account is one that no policy of AWS names. */
const SCOPE = { partition: "aws", region: "*", accountId: "111122223333" };

const IN_ACCOUNT = `arn:aws:iam::${SCOPE.accountId}`;
const SIGNERS = `${IN_ACCOUNT}:role/signing/*`;
const FUNCTIONS = `arn:aws:lambda:*:${SCOPE.accountId}:function:*`;
const TABLES = `arn:aws:dynamodb:*:${SCOPE.accountId}:table/*`;

/** On what each capability is asked for; several mean any of them. */
const RESOURCES: Readonly<
    Record<Exclude<ManagedCapability, "kms:Sign" | "kms:CreateGrant" | "kms:PutKeyPolicy" | "T66">, readonly string[]>
> = {
    "iam:PassRole": [SIGNERS],
    T60: [SIGNERS],
    T61: [`${IN_ACCOUNT}:oidc-provider/*`, `${IN_ACCOUNT}:saml-provider/*`],
    T62: [SIGNERS, `${IN_ACCOUNT}:root`],
    T64: [FUNCTIONS],
    T67: [FUNCTIONS, `arn:aws:lambda:*:${SCOPE.accountId}:event-source-mapping:*`],
    T68: [TABLES],
    assume: [`${IN_ACCOUNT}:role/*`],
    compute: ["*"],
    "create-role": [SIGNERS],
    "delete-role": [SIGNERS],
    make: Object.keys(MAKING_VERBS),
    pass: [`${IN_ACCOUNT}:role/*`],
    retrust: [`${IN_ACCOUNT}:role/*`],
    start: ["*"],
    supply: ["*"],
};

/** For the table's generator, and for the tests that repeat it. */
export function judgeManaged(policy: ParsedPolicy): ManagedVerdict[] {
    const principal: DeclaredPrincipal = {
        arn: "managed policy",
        policies: [{ name: "document", policy }],
        complete: true,
    };
    const may = (target: Target, facts: Record<string, ContextValue> = {}): Cause | undefined => {
        const caller = principalOfArn(principal.arn, SCOPE);
        const context = contextOf(caller);
        const route = identityRoute(
            principal,
            target,
            { context: (key) => (Object.hasOwn(facts, key) ? facts[key] : undefined) ?? context(key), exact: false },
            caller,
        );
        return route.denied ? undefined : route.way?.[0];
    };
    return (Object.keys(CAPABILITY_ACTIONS) as ManagedCapability[]).flatMap((capability): ManagedVerdict[] => {
        const causes = CAPABILITY_ACTIONS[capability].flatMap((action) =>
            targetsOf(capability, action).flatMap((target) =>
                servicesOf(capability).flatMap((facts) => may(target, facts) ?? []),
            ),
        );
        return causes.length === 0 ? [] : [{ capability, certain: causes.some(({ certain }) => certain) }];
    });
}

function targetsOf(capability: ManagedCapability, action: string): Target[] {
    if (capability.startsWith("kms:") || capability === "T66") return [keyTarget(action, SCOPE)];
    const resources = RESOURCES[capability as keyof typeof RESOURCES].filter((resource) =>
        isOf(action, resource, capability),
    );
    return resources.map((resource) => targetOf(action, resource));
}

/** An action on a resource that it does not have asks nothing: a user's policy on a role, an issuer of OIDC on one of SAML. */
function isOf(action: string, resource: string, capability: ManagedCapability): boolean {
    if (capability === "make") return MAKING_VERBS[resource]?.includes(action) ?? false;
    return capability !== "T61" || action.toLowerCase().includes("saml") === resource.includes(":saml-provider/");
}

/** A signer is passed to Lambda alone, since it trusts nothing else. */
function servicesOf(capability: ManagedCapability): Record<string, ContextValue>[] {
    if (capability === "iam:PassRole") return [{ "iam:passedtoservice": known("lambda.amazonaws.com") }];
    if (capability === "pass") return PASSED_TO.map(({ service }) => ({ "iam:passedtoservice": known(service) }));
    return [{}];
}
