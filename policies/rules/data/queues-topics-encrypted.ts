import { documentsOf, parseOnce } from "../../documents";
import { bindsOwnSource, foreignGrants } from "../../foreign-grants";
import { scopeOf } from "../../place";
import { read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import type { Settings } from "../../settings";
import { EXAMPLE_PROVIDER } from "../example";

const QUEUE = "aws:sqs/queue:Queue";
const TOPIC = "aws:sns/topic:Topic";

export const queuesTopicsEncrypted: Rule = {
    id: "queues-topics-encrypted",
    description: "queues and topics are encrypted, and only named sources send",
    severity: "medium",
    framework: NIST_CONFIGURATION,
    threats: ["T72"],
    types: [QUEUE, TOPIC, "aws:sqs/queuePolicy:QueuePolicy", "aws:sns/topicPolicy:TopicPolicy"],
    fix: "set kmsMasterKeyId, and bind every Allow to a service or to everyone by aws:SourceArn or aws:SourceAccount of this account",
    reads: ["accountId", "orgId", "regions", "externalAccounts"],
    good: { provider: EXAMPLE_PROVIDER, props: { name: "uses", kmsMasterKeyId: "alias/countersign-dev-data" } },
    bad: { provider: EXAMPLE_PROVIDER, props: { name: "uses" } },
    check: (resource, settings) => [
        ...(resource.type === QUEUE || resource.type === TOPIC ? encrypted(resource) : []),
        ...open(resource, settings),
        ...foreignGrants(resource, settings),
    ],
};

function encrypted({ props }: ResourceView): Finding[] {
    const key = read<string>(() => props.kmsMasterKeyId);
    return key.kind === "absent" || (key.kind === "known" && key.value === "")
        ? [{ at: "kmsMasterKeyId", saw: "absent, expected the data key" }]
        : [];
}

function open(resource: ResourceView, settings: Settings): Finding[] {
    const account = scopeOf(resource, settings)?.accountId;
    return documentsOf(resource).flatMap(({ at, text }) =>
        text.kind !== "known"
            ? []
            : parseOnce(text.value, "resource").document.statements.flatMap((statement): Finding[] => {
                  const { effect, principals, opaque } = statement;
                  const wide =
                      opaque ||
                      principals?.negated !== false ||
                      principals.entries.some(({ kind }) => kind === "everyone" || kind === "service");
                  const bound = bindsOwnSource(statement, account);
                  return effect === "Allow" && wide && !bound
                      ? [
                            {
                                at: `${at} ${statement.at}`,
                                saw: "an Allow to everyone or a service without aws:SourceArn or aws:SourceAccount of this account",
                            },
                        ]
                      : [];
              }),
    );
}
