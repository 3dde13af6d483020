import type { SNS } from "@aws-sdk/client-sns";
import type { TopicArgs, TopicPolicyArgs, TopicSubscriptionArgs } from "@pulumi/aws/sns";
import { found, whileRoleSpreads, type Aws } from "../aws";
import { replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { retag, tagList, tagsOf } from "./tags";

type Args = ArgsOf<TopicArgs>;

const ATTRIBUTES: { readonly [Name in keyof Args]?: string } = {
    displayName: "DisplayName",
    kmsMasterKeyId: "KmsMasterKeyId",
    policy: "Policy",
    deliveryPolicy: "DeliveryPolicy",
};
const NAMES = Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES & keyof Args)[];

/** Id is the topic's ARN. */
export const topic = resource<TopicArgs>({
    token: "aws:sns/topic:Topic",
    arguments: {
        name: replace(),
        fifoTopic: replace({ default: false }),
        displayName: update(),
        kmsMasterKeyId: update(),
        policy: update({ document: true }),
        deliveryPolicy: update({ document: true }),
        ...TAGS,
    },
    outputs: ["arn", "owner"],
    autoname: { argument: "name", maxLength: 256 },
    identity: ["name"],

    async create(aws, args) {
        const given = NAMES.filter((name) => args[name] !== undefined);
        const Attributes: Record<string, string> = {
            ...Object.fromEntries(given.map((name) => [ATTRIBUTES[name]!, String(args[name])])),
            ...(args.fifoTopic ? { FifoTopic: "true" } : {}),
        };
        const sns = await aws.sns();
        const { TopicArn = "" } = await whileRoleSpreads(() =>
            sns.createTopic({ Name: args.name, Attributes, Tags: tagList(args.tagsAll) }),
        );
        return { id: TopicArn, outputs: { arn: TopicArn } };
    },

    async read(aws, id, known) {
        const sns = await aws.sns();
        const attributes = (await found(sns.getTopicAttributes({ TopicArn: id })))?.Attributes;
        if (!attributes) {
            return undefined;
        }
        const { Tags } = await sns.listTagsForResource({ ResourceArn: id });
        const observed = NAMES.filter((name) => known[name] !== undefined).map(
            (name) => [name, attributes[ATTRIBUTES[name]!] ?? ""] as const,
        );
        return {
            arn: id,
            owner: attributes["Owner"],
            name: id.split(":").at(-1),
            ...Object.fromEntries(observed),
            tagsAll: tagsOf(Tags),
        };
    },

    async update(aws, id, args, { old, of }) {
        const sns = await aws.sns();
        for (const name of NAMES.filter((changed) => of(changed))) {
            const AttributeValue = args[name] === undefined ? emptyValue(name, id, aws) : String(args[name]);
            await sns.setTopicAttributes({ TopicArn: id, AttributeName: ATTRIBUTES[name], AttributeValue });
        }
        if (of("tagsAll")) {
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => sns.tagResource({ ResourceArn: id, Tags: tagList(tags) }),
                unset: (TagKeys) => sns.untagResource({ ResourceArn: id, TagKeys }),
            });
        }
    },

    async delete(aws, id) {
        await (await aws.sns()).deleteTopic({ TopicArn: id });
    },
});

function emptyValue(name: string, topicArn: string, aws: Aws): string {
    return name === "policy" ? defaultPolicy(topicArn, aws) : "";
}

/** Id is the topic's ARN. */
export const topicPolicy = resource<TopicPolicyArgs>({
    token: "aws:sns/topicPolicy:TopicPolicy",
    arguments: { arn: replace({ required: true }), policy: update({ required: true, document: true }) },
    outputs: ["owner"],
    identity: ["arn"],

    async create(aws, { arn, policy }) {
        await putPolicy(await aws.sns(), arn, String(policy));
        return { id: arn };
    },

    async read(aws, id) {
        const attributes = (await found((await aws.sns()).getTopicAttributes({ TopicArn: id })))?.Attributes;
        return attributes?.["Policy"]
            ? { arn: id, policy: attributes["Policy"], owner: attributes["Owner"] }
            : undefined;
    },

    async update(aws, id, { policy }) {
        await putPolicy(await aws.sns(), id, String(policy));
    },

    async delete(aws, id) {
        await putPolicy(await aws.sns(), id, defaultPolicy(id, aws));
    },
});

async function putPolicy(sns: SNS, TopicArn: string, AttributeValue: string): Promise<void> {
    await whileRoleSpreads(() => sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue }));
}

/** A topic always has a policy: this is what AWS gives a new one, the owner's account and nobody else. */
function defaultPolicy(topicArn: string, { accountId }: Aws): string {
    return JSON.stringify({
        Version: "2012-10-17",
        Id: "__default_policy_ID",
        Statement: [
            {
                Sid: "__default_statement_ID",
                Effect: "Allow",
                Principal: { AWS: "*" },
                Action: [
                    "Publish",
                    "RemovePermission",
                    "SetTopicAttributes",
                    "DeleteTopic",
                    "ListSubscriptionsByTopic",
                    "GetTopicAttributes",
                    "AddPermission",
                    "Subscribe",
                ].map((name) => `SNS:${name}`),
                Resource: topicArn,
                Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
            },
        ],
    });
}

/** Id is the subscription's ARN. */
export const topicSubscription = resource<TopicSubscriptionArgs>({
    token: "aws:sns/topicSubscription:TopicSubscription",
    arguments: {
        topic: replace({ required: true }),
        protocol: replace({ required: true }),
        endpoint: replace({ required: true }),
        rawMessageDelivery: update({ default: false }),
    },
    outputs: ["arn", "ownerId"],
    identity: ["topic", "protocol", "endpoint"],

    async create(aws, args) {
        const { SubscriptionArn = "" } = await (
            await aws.sns()
        ).subscribe({
            TopicArn: String(args.topic),
            Protocol: args.protocol,
            Endpoint: args.endpoint,
            Attributes: { RawMessageDelivery: String(args.rawMessageDelivery ?? false) },
            ReturnSubscriptionArn: true,
        });
        return { id: SubscriptionArn, outputs: { arn: SubscriptionArn } };
    },

    async read(aws, id) {
        const attributes = (await found((await aws.sns()).getSubscriptionAttributes({ SubscriptionArn: id })))
            ?.Attributes;
        return (
            attributes && {
                arn: id,
                ownerId: attributes["Owner"],
                topic: attributes["TopicArn"],
                protocol: attributes["Protocol"],
                endpoint: attributes["Endpoint"],
                rawMessageDelivery: attributes["RawMessageDelivery"] === "true",
            }
        );
    },

    async update(aws, id, { rawMessageDelivery }) {
        await (
            await aws.sns()
        ).setSubscriptionAttributes({
            SubscriptionArn: id,
            AttributeName: "RawMessageDelivery",
            AttributeValue: String(rawMessageDelivery ?? false),
        });
    },

    async delete(aws, id) {
        await (await aws.sns()).unsubscribe({ SubscriptionArn: id });
    },
});
