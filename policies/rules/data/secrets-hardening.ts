import { documentsOf, parseOnce } from "../../documents";
import { read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const SECRET = "aws:secretsmanager/secret:Secret";
const VERSION = "aws:secretsmanager/secretVersion:SecretVersion";
const POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy";
const PARAMETER = "aws:ssm/parameter:Parameter";

/** What looks like a credential, in a place that is no place for one. */
const CREDENTIAL = /-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(AKIA|ASIA)[A-Z0-9]{16}\b|ghp_[A-Za-z0-9]{36}/;

export const secretsHardening: Rule = {
    id: "secrets-hardening",
    description: "secrets are under a key of ours, recoverable, private, and never in the program",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T65"],
    types: [SECRET, VERSION, POLICY, PARAMETER],
    fix: "let the secret be written by its owner, not by the program; set kmsKeyId and a recovery window of 7 days or more",
    reads: [],
    good: {
        provider: EXAMPLE_PROVIDER,
        props: { name: "token", kmsKeyId: "alias/countersign-dev-data", recoveryWindowInDays: 30 },
    },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { name: "token", kmsKeyId: "alias/countersign-dev-data", recoveryWindowInDays: 0 },
    },
    check: (resource) => {
        switch (resource.type) {
            case SECRET:
                return secretFindings(resource);
            case VERSION:
                return [{ at: "type", saw: "a secret's value in the program, and so in its state" }];
            case PARAMETER:
                return parameterFindings(resource);
            default:
                return publicFindings(resource);
        }
    },
};

function secretFindings({ props }: ResourceView): Finding[] {
    const days = read<number>(() => props.recoveryWindowInDays);
    return [
        ...(read(() => props.kmsKeyId).kind === "absent"
            ? [{ at: "kmsKeyId", saw: "absent, expected a key of ours" }]
            : []),
        ...(days.kind === "absent" || (days.kind === "known" && days.value >= 7)
            ? []
            : [{ at: "recoveryWindowInDays", saw: "less than 7 or unknown, expected 7 or more" }]),
    ];
}

function parameterFindings({ props }: ResourceView): Finding[] {
    const type = read<string>(() => props.type);
    const value = read<string>(() => props.value);
    return [
        ...(type.kind === "unknown" ? [{ at: "type", saw: "unknown, so it cannot be judged" }] : []),
        ...(type.kind === "known" && type.value === "SecureString" && read(() => props.keyId).kind === "absent"
            ? [{ at: "keyId", saw: "absent, expected a key of ours" }]
            : []),
        ...(value.kind === "known" && CREDENTIAL.test(value.value)
            ? [{ at: "value", saw: "looks like a credential" }]
            : []),
    ];
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
