import { documentsOf, parseOnce } from "../../documents";
import { foreignGrants } from "../../foreign-grants";
import { read, valueOf } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule, type StackFinding } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const SECRET = "aws:secretsmanager/secret:Secret";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";
const POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy";
const PARAMETER = "aws:ssm/parameter:Parameter";
const ROTATION = "aws:secretsmanager/secretRotation:SecretRotation";

/** Days. What is kept longer is known to more people than anybody remembers. */
const LONGEST_LIFE = 90;

/** What looks like a credential, in a place that is no place for one. */
const CREDENTIAL = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(AKIA|ASIA)[A-Z0-9]{16}\b|ghp_[A-Za-z0-9]{36}/;

export const secretsHardening: Rule = {
    id: "secrets-hardening",
    description: "secrets are under a key of ours, rotated, recoverable, private, and never in the program",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T65"],
    types: [SECRET, VERSION, POLICY, PARAMETER, ROTATION],
    fix: "let the secret be written by its owner, not by the program; set kmsKeyId, a recovery window of 7 days or more, and a SecretRotation of 90 days or less",
    limits: "that a secret has no rotation at all is seen in the stack only, at the end of a preview",
    reads: ["accountId", "orgId", "regions", "externalAccounts"],
    good: {
        provider: EXAMPLE_PROVIDER,
        props: { name: "token", kmsKeyId: "alias/countersign-dev-data", recoveryWindowInDays: 30 },
    },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { name: "token", kmsKeyId: "alias/countersign-dev-data", recoveryWindowInDays: 0 },
    },
    check: (resource, settings) => {
        switch (resource.type) {
            case SECRET:
                return [...secretFindings(resource), ...publicFindings(resource), ...foreignGrants(resource, settings)];
            case VERSION:
                return [{ at: "type", saw: "a secret's value in the program, and so in its state" }];
            case PARAMETER:
                return parameterFindings(resource);
            case ROTATION:
                return rotationFindings(resource);
            default:
                return [...publicFindings(resource), ...foreignGrants(resource, settings)];
        }
    },
    checkStack: (resources) => unrotated(resources),
};

function secretFindings({ props }: ResourceView): Finding[] {
    const days = read<number>(() => props.recoveryWindowInDays);
    return [
        ...keyFindings("kmsKeyId", () => props.kmsKeyId),
        ...(read(() => props.replicas).kind === "absent"
            ? []
            : [{ at: "replicas", saw: "copies in other regions, expected none" }]),
        ...(days.kind === "absent" || (days.kind === "known" && days.value >= 7)
            ? []
            : [{ at: "recoveryWindowInDays", saw: "less than 7 or unknown, expected 7 or more" }]),
    ];
}

/** An unknown key is one of the stack. AWS's own key is anybody's of the account who may read the secret. */
function keyFindings(at: string, get: () => string | undefined): Finding[] {
    const key = read<string>(get);
    const isOurs =
        key.kind === "unknown" || (key.kind === "known" && key.value !== "" && !/alias\/aws\//.test(key.value));
    return isOurs ? [] : [{ at, saw: "absent or AWS's own, expected a key of ours" }];
}

function parameterFindings({ props }: ResourceView): Finding[] {
    const type = read<string>(() => props.type);
    const value = read<string>(() => props.value);
    const overwrite = read<unknown>(() => props.overwrite);
    return [
        // Whatever is made from it, an image or a stack of somebody's, would be made from this.
        ...(overwrite.kind === "absent" || (overwrite.kind === "known" && overwrite.value === false)
            ? []
            : [{ at: "overwrite", saw: "not false: it takes a parameter that was there before" }]),
        ...(type.kind === "unknown" ? [{ at: "type", saw: "unknown, so it cannot be judged" }] : []),
        ...(type.kind === "known" && type.value === "SecureString" ? keyFindings("keyId", () => props.keyId) : []),
        // Whatever else it is: in the program and in its state it is no secret.
        ...(type.kind === "known" && type.value === "SecureString" && value.kind === "known"
            ? [{ at: "value", saw: "a secret's value in the program, and so in its state" }]
            : []),
        ...["value", "insecureValue", "valueWo"].flatMap((at): Finding[] => {
            const text = read<string>(() => props[at]);
            return text.kind === "known" && CREDENTIAL.test(text.value) ? [{ at, saw: "looks like a credential" }] : [];
        }),
    ];
}

function rotationFindings({ props }: ResourceView): Finding[] {
    const enabled = read<boolean>(() => props.rotationEnabled);
    const days = read<number>(() => props.rotationRules?.automaticallyAfterDays);
    const schedule = read<string>(() => props.rotationRules?.scheduleExpression);
    // A schedule of days is the same in words; of cron, the longest month is shorter than what is asked for.
    const rate = schedule.kind === "known" ? /^rate\(([0-9]{1,6}) (day|hour)s?\)$/.exec(schedule.value) : null;
    const isMonthly = schedule.kind === "known" && /^cron\(\S+ \S+ \S+ \* \S+ \*\)$/.test(schedule.value);
    const life =
        days.kind === "known"
            ? Number(days.value)
            : rate !== null
              ? Number(rate[1]) / (rate[2] === "day" ? 1 : 24)
              : isMonthly
                ? 31
                : Number.POSITIVE_INFINITY;
    return [
        ...(enabled.kind === "absent" || (enabled.kind === "known" && enabled.value)
            ? []
            : [{ at: "rotationEnabled", saw: "not true" }]),
        ...(life <= LONGEST_LIFE
            ? []
            : [{ at: "rotationRules", saw: `not known to rotate every ${LONGEST_LIFE} days or sooner` }]),
    ];
}

/** Rotation is a resource of its own, so only the stack shows that there is none. */
function unrotated(resources: readonly ResourceView[]): StackFinding[] {
    const rotations = resources.filter(({ type }) => type === ROTATION);
    return resources
        .filter(({ type }) => type === SECRET)
        .filter(({ urn, props }) => {
            const names = namesOf(props);
            return !rotations.some(({ props: its, dependencies }) => {
                const given = valueOf(read<string>(() => its.secretId));
                return (dependencies?.secretId ?? []).includes(urn) || (given !== undefined && names.includes(given));
            });
        })
        .map((resource) => ({ resource, at: "type", saw: "a secret without SecretRotation" }));
}

function namesOf(props: ResourceView["props"]): string[] {
    return ["arn", "id", "name"].flatMap((name) => valueOf(read<string>(() => props[name])) ?? []);
}

function publicFindings(resource: ResourceView): Finding[] {
    return documentsOf(resource).flatMap(({ at, text }) =>
        text.kind !== "known"
            ? []
            : parseOnce(text.value, "resource")
                  .document.statements.filter(
                      ({ effect, opaque, principals }) =>
                          effect === "Allow" &&
                          (opaque ||
                              principals?.negated !== false ||
                              principals.entries.some(({ kind }) => kind === "everyone")),
                  )
                  .map((statement) => ({ at: `${at} ${statement.at}`, saw: "an Allow to everyone" })),
    );
}
