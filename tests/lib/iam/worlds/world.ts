import type { RawPolicy } from "../oracle";
import type { Random } from "../random";
import { BOB, DECLARED, KEY_ARNS, OTHER, role, ROOT, session, SIGNER } from "./names";
import { policy } from "./statements";

const HALF: RawPolicy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "kms:*", Resource: "*" }],
};
/** What a key without a policy has. */
export const DEFAULT_POLICY: RawPolicy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { AWS: ROOT }, Action: "kms:*", Resource: "*" }],
};

/** Documents of everyone who is declared; a key policy that delegates about half of the time. */
export interface World {
    keyPolicy: RawPolicy;
    /** The key has no policy, and `keyPolicy` is the default. */
    isDefault: boolean;
    /** Undefined before the key exists. */
    keyArn: string | undefined;
    /** The scope knows its organisation. */
    knowsOrg: boolean;
    identity: Record<string, RawPolicy[]>;
    /** Of whom some document could not be had. */
    incomplete: string[];
    boundary: Record<string, RawPolicy>;
    grants: { grantee: string; operations?: string[] }[];
    /** Wildcards stand in principals. */
    isWild: boolean;
}

export function world(random: Random, mayBeWild = false): World {
    const isWild = mayBeWild && random.chance(0.2);
    const isDefault = random.chance(0.03);
    const keyPolicy = isDefault ? DEFAULT_POLICY : policy(random, true, isWild);
    if (!isDefault && random.chance(0.45)) keyPolicy.Statement.push(...DEFAULT_POLICY.Statement);
    const identity = Object.fromEntries(
        DECLARED.map((arn) => [arn, random.chance(0.3) ? [HALF] : random.chance(0.6) ? [policy(random, false)] : []]),
    );
    const bounded = random.chance(0.25) ? random.some(DECLARED, 2) : [];
    const boundary = Object.fromEntries(bounded.map((arn) => [arn, random.chance(0.3) ? HALF : policy(random, false)]));
    const grants = random.chance(0.25) ? [grant(random), ...(random.chance(0.3) ? [grant(random)] : [])] : [];
    return {
        keyPolicy,
        isDefault,
        keyArn: random.chance(0.25) ? random.pick(KEY_ARNS) : undefined,
        knowsOrg: random.chance(0.8),
        identity,
        incomplete: random.chance(0.1) ? random.some(DECLARED, 2) : [],
        boundary,
        grants,
        isWild,
    };
}

/** To somebody who is declared, who is not, to one session, an account, who is of another account, or a service. */
function grant(random: Random): World["grants"][number] {
    const grantee = random.pick([
        role("runner"),
        role("stranger"),
        SIGNER,
        BOB,
        ROOT,
        session("runner", "s1"),
        session("stranger", "s2"),
        session("x-signer", "s1"),
        role("signing/signer", OTHER),
        `arn:aws:iam::${OTHER}:root`,
        "lambda.amazonaws.com",
    ]);
    return random.chance(0.2)
        ? { grantee }
        : { grantee, operations: random.some(["Sign", "Verify", "CreateGrant"], 2) };
}
