import { documentFault } from "../../../local/gateway/documents";
import type { PolicyKind } from "../../../lib/iam";
import type { RawPolicy, RawStatement } from "../../lib/iam/oracle";
import { createRandom, type Random } from "../../lib/iam/random";
import { ACCOUNT, castOf, KINDS, type Member, OTHER, REGION, SESSION, STRANGER } from "./cast";

/** One generated question: who asks, by which documents, for what. */
export interface World {
    readonly index: number;
    readonly caller: Member;
    readonly keyPolicy: string;
    readonly identity: readonly string[];
    readonly boundary?: string;
    readonly session?: string;
    /** `team` tag that the session brings; it counts before the role's. */
    readonly sessionTag?: string;
    readonly keyTag?: string;
    readonly messageType?: "DIGEST" | "RAW";
    readonly grantOperations: readonly string[];
}

/** @param lanes how many casts there are: world `i` is played by cast `i % lanes` */
export function createWorld(seed: number, index: number, lanes: number): World {
    const random = createRandom(seed * 1_000_003 + index);
    const cast = castOf(index % lanes);
    const kind = random.chance(0.7) ? random.pick(KINDS.slice(0, 3)) : random.pick(KINDS);
    const caller = cast.find((member) => member.kind === kind) as Member;
    const scene: Scene = { random, cast, caller };
    const isEntity = caller.type !== "root";
    const isForeign = caller.account === OTHER;
    const messageType = random.pick(["DIGEST", "DIGEST", "RAW", undefined] as const);
    return {
        index,
        caller,
        keyPolicy: accepted("key", () => keyPolicy(scene)),
        identity: isEntity ? identity(scene, isForeign ? 0.75 : 0.45) : [],
        ...(isEntity && random.chance(0.25) && { boundary: accepted("managed", () => limit(scene)) }),
        ...(caller.type === "role" && random.chance(0.3) && { session: accepted("session", () => limit(scene)) }),
        ...(caller.type === "role" &&
            random.chance(0.15) && { sessionTag: random.pick(["release", "build", "other"]) }),
        ...(random.chance(0.5) && { keyTag: random.pick(["release", "build"]) }),
        ...(messageType !== undefined && { messageType }),
        grantOperations: random.some(["Sign", "Verify", "GetPublicKey"], 2),
    };
}

interface Scene {
    readonly random: Random;
    readonly cast: readonly Member[];
    readonly caller: Member;
}

/** Documents that the gateway refuses (variables, NotPrincipal, ...) cannot be asked about: they are drawn again. */
function accepted(kind: PolicyKind, make: () => RawPolicy): string {
    for (let tries = 0; tries < 50; tries++) {
        const text = JSON.stringify(make());
        if (documentFault(text, kind) === undefined) return text;
    }
    throw new Error(`50 ${kind} documents in a row were refused`);
}

function keyPolicy(scene: Scene): RawPolicy {
    const { random, caller } = scene;
    const statements = Array.from({ length: 1 + random.int(4) }, () => statement(scene, "key"));
    if (random.chance(0.35)) statements.push(plain(`arn:aws:iam::${ACCOUNT}:root`));
    if (random.chance(0.25)) statements.push(plain(caller.arn));
    if (caller.account === OTHER && random.chance(0.6)) statements.push(plain(random.pick([OTHER, caller.arn])));
    return { Version: "2012-10-17", Statement: statements };
}

function plain(AWS: string): RawStatement {
    return { Effect: "Allow", Principal: { AWS }, Action: "kms:*", Resource: "*" };
}

function identity(scene: Scene, generous: number): string[] {
    const { random } = scene;
    const all = (): RawPolicy => ({
        Version: "2012-10-17",
        Statement: [{ Effect: "Allow", Action: random.pick(["kms:*", "*"]), Resource: "*" }],
    });
    const drawn = Array.from({ length: random.int(3) }, () => accepted("identity", () => policy(scene)));
    return random.chance(generous) ? [JSON.stringify(all()), ...drawn].slice(0, 2) : drawn;
}

/** Boundaries and session policies that nobody passes would make most questions equal. */
function limit(scene: Scene): RawPolicy {
    const drawn = policy(scene);
    if (scene.random.chance(0.5)) drawn.Statement.push({ Effect: "Allow", Action: "kms:*", Resource: "*" });
    return drawn;
}

function policy(scene: Scene): RawPolicy {
    const Statement = Array.from({ length: 1 + scene.random.int(2) }, () => statement(scene, "identity"));
    return { Version: "2012-10-17", Statement };
}

function statement(scene: Scene, kind: "key" | "identity"): RawStatement {
    const { random } = scene;
    const isDeny = random.chance(0.36);
    const actions = random.some(ACTIONS, 2);
    const resources = random.some(RESOURCES, 2);
    return {
        Effect: isDeny ? "Deny" : "Allow",
        ...(kind === "key" && { Principal: isDeny && random.chance(0.5) ? "*" : principal(scene) }),
        ...(random.chance(0.12) ? { NotAction: actions } : { Action: actions }),
        ...(random.chance(0.08) ? { NotResource: resources } : { Resource: resources }),
        ...(random.chance(isDeny ? 0.9 : 0.45) && { Condition: condition(scene) }),
    };
}

function principal({ random, cast, caller }: Scene): NonNullable<RawStatement["Principal"]> {
    if (random.chance(0.25)) return "*";
    if (random.chance(0.06)) return { Service: random.pick(["lambda.amazonaws.com", "events.amazonaws.com"]) };
    const sessions = cast
        .filter(({ type }) => type === "role")
        .flatMap(({ account, name }) =>
            [SESSION, "s2"].map((session) => `arn:aws:sts::${account}:assumed-role/${name}/${session}`),
        );
    const entities = cast.filter(({ type }) => type !== "root").map(({ arn }) => arn);
    const accounts = [ACCOUNT, OTHER, `arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${OTHER}:root`];
    const group = random.pick([sessions, entities, entities, accounts, [caller.arn], [STRANGER], ["*"]]);
    const more = random.chance(0.3) ? [random.pick(entities)] : [];
    return { AWS: [...new Set([random.pick(group), ...more])] };
}

const ACTIONS = [
    ...["kms:Sign", "kms:Sign", "KMS:SIGN", "kms:*", "kms:*", "kms:S*", "kms:?ign", "*", "*:*", "kms:Create*"],
    ...["kms:CreateGrant", "kms:PutKeyPolicy", "kms:P*y", "kms:Get*", "s3:*", "kms:sign*", "kms:*Grant*"],
];
const RESOURCES = [
    ...["*", "*", "*", "*", "arn:aws:kms:*:*:key/*", `arn:aws:kms:${REGION}:${ACCOUNT}:key/*`, "arn:aws:kms:*:*:*"],
    ...["arn:aws:kms:us-east-1:*:key/*", `arn:aws:kms:${REGION}:${ACCOUNT}:alias/*`, "arn:aws:kms:*:*:key/mrk-*"],
    ...["arn:*:*:*:*:*", "arn:aws:s3:::*", "arn:aws:kms:eu-*-?:*:key/????????-*"],
];

function condition(scene: Scene): NonNullable<RawStatement["Condition"]> {
    const { random } = scene;
    const block: Record<string, Record<string, string | string[]>> = {};
    for (let i = random.chance(0.25) ? 2 : 1; i > 0; i--) {
        const [base, key, values] = clause(scene);
        const bare = base === "Null" || base.includes(":");
        const suffix = base !== "Null" && random.chance(0.12) ? "IfExists" : "";
        const prefix = !bare && random.chance(0.08) ? random.pick(["ForAllValues:", "ForAnyValue:"]) : "";
        const spelled = random.chance(0.2) ? key.toUpperCase() : key;
        const name = `${prefix}${base}${suffix}`;
        // One key in two spellings is refused, so an operator is used for one key.
        block[name] = { [spelled]: values.length === 1 && random.chance(0.5) ? (values[0] as string) : values };
    }
    return block;
}

type Clause = [operator: string, key: string, values: string[]];

function clause(scene: Scene): Clause {
    const { random } = scene;
    return random.chance(0.5) ? principalClause(scene) : random.pick(CLAUSES)(scene);
}

const EQUALS = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"];
const LIKE = ["StringLike", "StringNotLike"];
const ARN = ["ArnLike", "ArnNotLike", "ArnEquals", "ArnNotEquals"];

function principalClause({ random, cast, caller }: Scene): Clause {
    const arns = [...cast.map(({ arn }) => arn), caller.arn, caller.arn, STRANGER];
    if (random.chance(0.5)) return [random.pick([...EQUALS, ...ARN]), "aws:PrincipalArn", random.some(arns, 2)];
    const role = caller.name.slice(0, 4);
    const globs = [
        ...[`arn:aws:iam::${ACCOUNT}:role/signing/*`, `arn:aws:iam::${ACCOUNT}:*`, "arn:aws:iam::*:user/*", "*"],
        ...["arn:*", "*signer*", "arn:*:iam::*:role/*", `arn:aws:iam::*:*/${role}*`, "arn:aws:iam::*:root", "*:root"],
        ...[
            `arn:aws:iam::${ACCOUNT}*`,
            `arn:*${caller.name}`,
            `arn:aws:iam::????????????:role/*-?`,
            "arn:aws:*:role/*",
        ],
    ];
    return [random.pick([...LIKE, ...ARN]), "aws:PrincipalArn", random.some(globs, 2)];
}

const TRUTHS = ["true", "false"];
const CLAUSES: readonly ((scene: Scene) => Clause)[] = [
    ({ random }) => [
        random.pick([...EQUALS, ...LIKE]),
        "aws:PrincipalAccount",
        [random.pick([ACCOUNT, OTHER, "1111*"])],
    ],
    ({ random }) => [random.pick([...EQUALS, ...LIKE]), "kms:CallerAccount", random.some([ACCOUNT, OTHER, "*6666"], 2)],
    ({ random }) => [
        random.pick(EQUALS),
        "aws:PrincipalType",
        random.some(["AssumedRole", "User", "Account", "Root"], 2),
    ],
    ({ random }) => ["Bool", random.pick(FLAGS), [random.pick(TRUTHS)]],
    ({ random }) => ["Null", random.pick(MAYBE), random.some(TRUTHS, random.chance(0.2) ? 2 : 1)],
    ({ random }) => [
        random.pick([...EQUALS, ...LIKE]),
        "aws:username",
        [random.pick(["eve-0", "eve-*", "*", "EVE-1"])],
    ],
    ({ random }) => [
        random.pick(LIKE),
        "aws:userid",
        [random.pick(["AROA*", `*:${SESSION}`, "AIDA*", ACCOUNT, "*:*"])],
    ],
    ({ random }) => [
        random.pick([...EQUALS, ...LIKE]),
        "aws:PrincipalTag/team",
        random.some(["release", "build", "r*"], 2),
    ],
    ({ random }) => [random.pick(EQUALS), "aws:ResourceTag/team", random.some(["release", "build"], 2)],
    ({ random }) => [random.pick(EQUALS), "kms:MessageType", random.some(["DIGEST", "RAW", "digest"], 2)],
    ({ random }) => [random.pick(LIKE), "kms:SigningAlgorithm", random.some(["ECDSA_*", "RSASSA_*", "*256"], 2)],
    ({ random }) => [random.pick(EQUALS), "kms:KeySpec", random.some(["ECC_NIST_P256", "RSA_4096"], 2)],
    ({ random }) => [
        random.pick([...SETS, "StringEquals", "StringNotEquals", "StringLike"]),
        "kms:GrantOperations",
        random.some(["Sign", "Verify", "GetPublicKey"], 2),
    ],
    ({ random }) => [random.pick(SETS), "aws:TagKeys", random.some(["a", "b"], 2)],
    ({ random, cast }) => [random.pick([...EQUALS, ...ARN]), "kms:GranteePrincipal", [random.pick(cast).arn]],
    ({ random }) => [random.pick(["IpAddress", "NotIpAddress"]), "aws:SourceIp", random.some(RANGES, 2)],
    ({ random }) => [
        random.pick(DATES),
        "aws:CurrentTime",
        [random.pick(["2020-01-01T00:00:00Z", "2099-12-31T23:59:59Z"])],
    ],
    ({ random }) => [random.pick(NUMBERS), "aws:EpochTime", [random.pick(["1", "4102444800", "1e3", "1577836800.5"])]],
    ({ random }) => [random.pick(EQUALS), "aws:RequestedRegion", random.some([REGION, "us-east-1", "EU-WEST-1"], 2)],
    ({ random }) => [random.pick(EQUALS), "aws:ResourceAccount", [random.pick([ACCOUNT, OTHER])]],
    ({ random }) => [random.pick([...EQUALS, ...LIKE]), "aws:PrincipalOrgID", [random.pick(["o-own", "o-*"])]],
    ({ random }) => [random.pick([...EQUALS, ...LIKE]), "aws:SourceVpce", [random.pick(["vpce-1", "vpce-*"])]],
];
const FLAGS = [
    ...["aws:SecureTransport", "aws:PrincipalIsAWSService", "aws:ViaAWSService", "aws:MultiFactorAuthPresent"],
    ...["kms:MultiRegion", "kms:BypassPolicyLockoutSafetyCheck", "kms:GrantIsForAWSResource"],
];
const MAYBE = [
    ...["aws:PrincipalArn", "aws:username", "aws:userid", "aws:SourceVpce", "aws:PrincipalTag/team", "aws:TagKeys"],
    ...["aws:MultiFactorAuthPresent", "aws:TokenIssueTime", "kms:ViaService", "kms:MessageType", "kms:GrantOperations"],
    ...["kms:RequestAlias", "kms:ResourceAliases", "aws:ResourceTag/team", "aws:PrincipalOrgID"],
];
const SETS = [
    "ForAllValues:StringEquals",
    "ForAnyValue:StringEquals",
    "ForAllValues:StringNotEquals",
    "ForAnyValue:StringLike",
];
const RANGES = ["127.0.0.0/8", "10.0.0.0/8", "127.0.0.1", "0.0.0.0/0", "::/0"];
const DATES = ["DateLessThan", "DateGreaterThanEquals", "DateNotEquals", "DateEquals"];
const NUMBERS = [
    "NumericLessThan",
    "NumericGreaterThan",
    "NumericNotEquals",
    "NumericLessThanEquals",
    "DateGreaterThan",
];
