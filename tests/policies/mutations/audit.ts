import { each, gone, inputs, news } from "./build";
import { changed, type Mutant } from "./program";

/** What tells of the rest: trail, logs, tags. */

export const auditMutants: readonly Mutant[] = [
    ...news("T28", "cloudtrail-complete", [
        ["a trail of one region", "aws:cloudtrail/trail:Trail", { enableLogFileValidation: true, kmsKeyId: "k" }],
        [
            "a trail without KMS",
            "aws:cloudtrail/trail:Trail",
            {
                isMultiRegionTrail: true,
                enableLogFileValidation: true,
                kmsKeyId: "k",
                eventSelectors: [
                    { includeManagementEvents: true, excludeManagementEventSources: ["kms.amazonaws.com"] },
                ],
            },
        ],
        [
            "a trail of writes",
            "aws:cloudtrail/trail:Trail",
            {
                isMultiRegionTrail: true,
                enableLogFileValidation: true,
                kmsKeyId: "k",
                eventSelectors: [{ readWriteType: "WriteOnly", includeManagementEvents: true }],
            },
        ],
    ]),
    {
        threat: "T60",
        rule: "cloudtrail-complete",
        name: "the rule of key changes, without reads",
        change: (program) => [changed(program.get("EventRule", "trail-changes"), { state: "ENABLED" })],
    },
    {
        threat: "T60",
        rule: "cloudtrail-complete",
        name: "no rule of key changes",
        level: "stack",
        ...gone("EventRule", "trail-changes"),
    },
    ...each("T32", "tags-required", {
        "a key without signer tag": inputs("Key", "modules-v1", { tags: { "data-class": "key" } }),
        "a table without data class": inputs("Table", "pipeline-requests", { tags: undefined }),
    }),
    ...each("T28", "log-retention-encrypted", {
        "a log kept for a week": inputs("LogGroup", "log-sequencer-logs", { retentionInDays: 7 }),
        "a log without key": inputs("LogGroup", "log-sequencer-logs", { kmsKeyId: undefined }),
    }),
];
