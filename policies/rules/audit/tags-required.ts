import { isOurs, isSigningUsage } from "../../keys";
import { read, readKeys } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const KEY = "aws:kms/key:Key";

/** Types that take tags and hold data or power. */
const TAGGED = [
    KEY,
    "aws:cloudfront/distribution:Distribution",
    "aws:cloudtrail/trail:Trail",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:dynamodb/table:Table",
    "aws:ec2/instance:Instance",
    "aws:ecr/repository:Repository",
    "aws:ecs/cluster:Cluster",
    "aws:iam/role:Role",
    "aws:lambda/function:Function",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "aws:sfn/stateMachine:StateMachine",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
];

export const tagsRequired: Rule = {
    id: "tags-required",
    description: "everything has an owner and a data class, and signing keys name their signer",
    severity: "low",
    framework: NIST_CONFIGURATION,
    threats: ["T32"],
    types: TAGGED,
    fix: "set the tag owner in the provider's defaultTags, and data-class on the resource",
    reads: ["signerTag", "nonSigningKeys"],
    good: { type: "aws:sqs/queue:Queue", provider: EXAMPLE_PROVIDER, props: { tags: { "data-class": "internal" } } },
    bad: { type: "aws:sqs/queue:Queue", provider: EXAMPLE_PROVIDER, props: {} },
    check: (resource, settings): Finding[] => {
        const tags = tagNames(resource);
        const wanted = ["owner", "data-class"];
        const signs = resource.type === KEY && isSigningUsage(resource) && isOurs(resource, settings);
        return [...wanted, ...(signs ? [settings.signerTag] : [])]
            .filter((name) => !tags.includes(name))
            .map((name) => ({ at: `tags.${name}`, saw: "absent, expected a value" }));
    },
};

function tagNames({ props, provider }: ResourceView): readonly string[] {
    const own = ["tags", "tagsAll"].flatMap((at) => {
        const names = readKeys(() => props[at]);
        return names.kind === "known" ? names.value : [];
    });
    return [...own, ...defaultTagNames(provider)];
}

/** Provider inputs arrive as JSON text where they are not plain strings. */
function defaultTagNames(provider: ResourceView["provider"]): readonly string[] {
    const defaults = read<unknown>(() => provider?.props.defaultTags);
    if (defaults.kind !== "known") return [];
    try {
        const value = (typeof defaults.value === "string" ? JSON.parse(defaults.value) : defaults.value) as {
            tags?: object;
        };
        return Object.keys(value.tags ?? {});
    } catch {
        return [];
    }
}
