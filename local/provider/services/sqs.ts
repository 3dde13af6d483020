import type { QueueAttributeName, SQS } from "@aws-sdk/client-sqs";
import type { QueueArgs, QueuePolicyArgs } from "@pulumi/aws/sqs";
import { found, whileRoleSpreads } from "../aws";
import { replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { retag } from "./tags";

type Args = ArgsOf<QueueArgs>;

/** AWS's name of each attribute, and what it is if nobody says. */
const ATTRIBUTES: { readonly [Name in keyof Args]?: readonly [QueueAttributeName, string] } = {
    delaySeconds: ["DelaySeconds", "0"],
    maxMessageSize: ["MaximumMessageSize", "1048576"],
    messageRetentionSeconds: ["MessageRetentionPeriod", "345600"],
    receiveWaitTimeSeconds: ["ReceiveMessageWaitTimeSeconds", "0"],
    visibilityTimeoutSeconds: ["VisibilityTimeout", "30"],
    kmsMasterKeyId: ["KmsMasterKeyId", ""],
    kmsDataKeyReusePeriodSeconds: ["KmsDataKeyReusePeriodSeconds", "300"],
    sqsManagedSseEnabled: ["SqsManagedSseEnabled", "false"],
    redrivePolicy: ["RedrivePolicy", ""],
    redriveAllowPolicy: ["RedriveAllowPolicy", ""],
    policy: ["Policy", ""],
};
const NAMES = Object.keys(ATTRIBUTES) as (keyof typeof ATTRIBUTES & keyof Args)[];

/** Id is the queue's URL. */
export const queue = resource<QueueArgs>({
    token: "aws:sqs/queue:Queue",
    arguments: {
        name: replace(),
        fifoQueue: replace({ default: false }),
        delaySeconds: update(),
        maxMessageSize: update(),
        messageRetentionSeconds: update(),
        receiveWaitTimeSeconds: update(),
        visibilityTimeoutSeconds: update(),
        kmsMasterKeyId: update(),
        kmsDataKeyReusePeriodSeconds: update(),
        sqsManagedSseEnabled: update(),
        redrivePolicy: update({ document: true }),
        redriveAllowPolicy: update({ document: true }),
        policy: update({ document: true }),
        ...TAGS,
    },
    outputs: ["arn", "url"],
    autoname: { argument: "name", maxLength: 80 },
    identity: ["name"],

    async create(aws, args) {
        const sqs = await aws.sqs();
        const given = NAMES.filter((name) => args[name] !== undefined);
        const Attributes = { ...valuesOf(args, given), ...(args.fifoQueue ? { FifoQueue: "true" } : {}) };
        const { QueueUrl = "" } = await whileRoleSpreads(() =>
            sqs.createQueue({ QueueName: args.name, Attributes, tags: args.tagsAll }),
        );
        return { id: QueueUrl, outputs: { url: QueueUrl } };
    },

    async read(aws, id, known) {
        const sqs = await aws.sqs();
        const answer = await found(sqs.getQueueAttributes({ QueueUrl: id, AttributeNames: ["All"] }));
        if (!answer) {
            return undefined;
        }
        const { Tags } = await sqs.listQueueTags({ QueueUrl: id });
        const attributes = (answer.Attributes ?? {}) as Record<string, string>;
        const observed = NAMES.filter((name) => known[name] !== undefined).map((name) => {
            const [attribute, value] = ATTRIBUTES[name]!;
            return [name, typed(known[name], attributes[attribute] ?? value)] as const;
        });
        const arn = attributes["QueueArn"];
        return { arn, url: id, name: arn?.split(":").at(-1), ...Object.fromEntries(observed), tagsAll: Tags ?? {} };
    },

    async update(aws, id, args, { old, of }) {
        const sqs = await aws.sqs();
        const changed = NAMES.filter((name) => of(name));
        if (changed.length > 0) {
            await whileRoleSpreads(() => sqs.setQueueAttributes({ QueueUrl: id, Attributes: valuesOf(args, changed) }));
        }
        if (of("tagsAll")) {
            await retag(old.tagsAll, args.tagsAll, {
                set: (Tags) => sqs.tagQueue({ QueueUrl: id, Tags }),
                unset: (TagKeys) => sqs.untagQueue({ QueueUrl: id, TagKeys }),
            });
        }
    },

    async delete(aws, id) {
        await (await aws.sqs()).deleteQueue({ QueueUrl: id });
    },
});

function valuesOf(args: Args, names: readonly (typeof NAMES)[number][]): Record<string, string> {
    return Object.fromEntries(
        names.map((name) => {
            const [attribute, value] = ATTRIBUTES[name]!;
            return [attribute, args[name] === undefined ? value : String(args[name])];
        }),
    );
}

/** Attributes are text; the program's value says which type to make of it. */
function typed(known: unknown, text: string): unknown {
    return typeof known === "number" ? Number(text) : typeof known === "boolean" ? text === "true" : text;
}

/** Id is the queue's URL. */
export const queuePolicy = resource<QueuePolicyArgs>({
    token: "aws:sqs/queuePolicy:QueuePolicy",
    arguments: { queueUrl: replace({ required: true }), policy: update({ required: true, document: true }) },
    outputs: [],
    identity: ["queueUrl"],

    async create(aws, { queueUrl, policy }) {
        await putPolicy(await aws.sqs(), queueUrl, String(policy));
        return { id: queueUrl };
    },

    async read(aws, id) {
        const answer = await found((await aws.sqs()).getQueueAttributes({ QueueUrl: id, AttributeNames: ["Policy"] }));
        const policy = answer?.Attributes?.Policy;
        return policy ? { queueUrl: id, policy } : undefined;
    },

    async update(aws, id, { policy }) {
        await putPolicy(await aws.sqs(), id, String(policy));
    },

    async delete(aws, id) {
        await putPolicy(await aws.sqs(), id, "");
    },
});

async function putPolicy(sqs: SQS, QueueUrl: string, Policy: string): Promise<void> {
    await whileRoleSpreads(() => sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy } }));
}
