import { read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

/** Days. */
const SHORTEST = 365;

export const logRetentionEncrypted: Rule = {
    id: "log-retention-encrypted",
    description: "logs are kept a year at least, under a key of ours",
    severity: "medium",
    framework: NIST_CONFIGURATION,
    threats: ["T28"],
    types: ["aws:cloudwatch/logGroup:LogGroup"],
    fix: "set retentionInDays to 365 or more and kmsKeyId to the data key",
    reads: [],
    good: {
        provider: EXAMPLE_PROVIDER,
        props: { name: "/aws/lambda/x", retentionInDays: 365, kmsKeyId: "arn:aws:kms:x" },
    },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { name: "/aws/lambda/x", retentionInDays: 7, kmsKeyId: "arn:aws:kms:x" },
    },
    check: ({ props }): Finding[] => {
        const days = read<number>(() => props.retentionInDays);
        const isLong = days.kind === "known" && (days.value === 0 || days.value >= SHORTEST);
        return [
            ...(isLong
                ? []
                : [
                      {
                          at: "retentionInDays",
                          saw: `${days.kind === "known" ? days.value : days.kind}, expected ${SHORTEST} or more`,
                      },
                  ]),
            ...(read(() => props.kmsKeyId).kind === "absent"
                ? [{ at: "kmsKeyId", saw: "absent, expected the data key" }]
                : []),
        ];
    },
};
