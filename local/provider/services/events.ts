import type { DeadLetterConfig, EventBridge, RetryPolicy, RuleState, Target } from "@aws-sdk/client-eventbridge";
import type { EventRuleArgs, EventTargetArgs } from "@pulumi/aws/cloudwatch";
import { found, whileRoleSpreads } from "../aws";
import { members, replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { fromAws, toAws } from "./casing";
import { retag, tagList, tagsOf } from "./tags";

const DEFAULT_BUS = "default";

/** Id is the rule's name, on another bus than the default one BUS/NAME. */
export const eventRule = resource<EventRuleArgs>({
    token: "aws:cloudwatch/eventRule:EventRule",
    arguments: {
        name: replace(),
        eventBusName: replace({ default: DEFAULT_BUS }),
        description: update(),
        eventPattern: update({ document: true }),
        scheduleExpression: update(),
        state: update(),
        roleArn: update(),
        forceDestroy: update({ default: false }),
        ...TAGS,
    },
    outputs: ["arn"],
    autoname: { argument: "name", maxLength: 64 },
    identity: ["name", "eventBusName"],

    async create(aws, args) {
        const { RuleArn } = await putRule(await aws.events(), args, true);
        const bus = args.eventBusName ?? DEFAULT_BUS;
        return { id: bus === DEFAULT_BUS ? (args.name ?? "") : `${bus}/${args.name}`, outputs: { arn: RuleArn } };
    },

    async read(aws, id) {
        const events = await aws.events();
        const made = await found(events.describeRule(ruleOf(id)));
        if (!made) {
            return undefined;
        }
        const { Tags } = await events.listTagsForResource({ ResourceARN: made.Arn });
        return {
            arn: made.Arn,
            name: made.Name,
            eventBusName: made.EventBusName ?? DEFAULT_BUS,
            state: made.State,
            ...(made.Description ? { description: made.Description } : {}),
            ...(made.EventPattern ? { eventPattern: made.EventPattern } : {}),
            ...(made.ScheduleExpression ? { scheduleExpression: made.ScheduleExpression } : {}),
            ...(made.RoleArn ? { roleArn: made.RoleArn } : {}),
            tagsAll: tagsOf(Tags),
        };
    },

    /** The call replaces the whole rule, but not its tags and targets. */
    async update(aws, _id, args, { old, of }) {
        const events = await aws.events();
        const { RuleArn: ResourceARN } = await putRule(events, args, false);
        if (of("tagsAll")) {
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => events.tagResource({ ResourceARN, Tags: tagList(tags) }),
                unset: (TagKeys) => events.untagResource({ ResourceARN, TagKeys }),
            });
        }
    },

    async delete(aws, id, { forceDestroy }) {
        const events = await aws.events();
        const { Name, EventBusName } = ruleOf(id);
        if (forceDestroy) {
            const { Targets = [] } = await events.listTargetsByRule({ Rule: Name, EventBusName });
            if (Targets.length > 0) {
                await events.removeTargets({ Rule: Name, EventBusName, Ids: Targets.map(({ Id = "" }) => Id) });
            }
        }
        await events.deleteRule({ Name, EventBusName });
    },
});

function ruleOf(id: string): { Name: string; EventBusName: string } {
    const parts = id.split("/");
    return { Name: parts.at(-1) ?? "", EventBusName: parts.length > 1 ? parts.slice(0, -1).join("/") : DEFAULT_BUS };
}

function putRule(events: EventBridge, args: ArgsOf<EventRuleArgs>, isNew: boolean) {
    return whileRoleSpreads(() =>
        events.putRule({
            Name: args.name,
            EventBusName: args.eventBusName,
            Description: args.description ?? "",
            EventPattern: args.eventPattern,
            ScheduleExpression: args.scheduleExpression,
            State: (args.state ?? "ENABLED") as RuleState,
            RoleArn: args.roleArn,
            ...(isNew ? { Tags: tagList(args.tagsAll) } : {}),
        }),
    );
}

type TargetArgs = ArgsOf<EventTargetArgs>;

/** Id is RULE-TARGET, as the real provider has it; both may hold hyphens, so the state tells them apart. */
export const eventTarget = resource<EventTargetArgs>({
    token: "aws:cloudwatch/eventTarget:EventTarget",
    arguments: {
        rule: replace({ required: true }),
        targetId: replace(),
        eventBusName: replace({ default: DEFAULT_BUS }),
        arn: update({ required: true }),
        roleArn: update(),
        input: update(),
        inputPath: update(),
        inputTransformer: update({ members: members("inputPaths", "inputTemplate") }),
        deadLetterConfig: update({ members: members("arn") }),
        retryPolicy: update({ members: members("maximumEventAgeInSeconds", "maximumRetryAttempts") }),
    },
    outputs: [],
    autoname: { argument: "targetId", maxLength: 64 },
    identity: ["rule", "targetId", "eventBusName"],

    async create(aws, args) {
        await putTarget(await aws.events(), args);
        return { id: `${args.rule}-${args.targetId}` };
    },

    async read(aws, id, known) {
        // An import gives BUS/RULE/TARGET.
        const [bus, importedRule, importedTarget] = known.rule === undefined ? id.split("/") : [];
        const Rule = known.rule ?? importedRule;
        const EventBusName = known.eventBusName ?? bus ?? DEFAULT_BUS;
        const { Targets = [] } = (await found((await aws.events()).listTargetsByRule({ Rule, EventBusName }))) ?? {};
        const target = Targets.find(({ Id }) => Id === (known.targetId ?? importedTarget));
        return target && { rule: Rule, eventBusName: EventBusName, ...observedTarget(target) };
    },

    async update(aws, _id, args) {
        await putTarget(await aws.events(), args);
    },

    async delete(aws, _id, { rule, targetId = "", eventBusName }) {
        await refuseFailed(
            (await aws.events()).removeTargets({ Rule: rule, EventBusName: eventBusName, Ids: [targetId] }),
        );
    },
});

async function putTarget(events: EventBridge, args: TargetArgs): Promise<void> {
    const target: Target = {
        Id: args.targetId,
        Arn: args.arn,
        RoleArn: args.roleArn,
        Input: args.input,
        InputPath: args.inputPath,
        InputTransformer: args.inputTransformer && {
            InputPathsMap: args.inputTransformer.inputPaths,
            InputTemplate: args.inputTransformer.inputTemplate,
        },
        DeadLetterConfig: args.deadLetterConfig && toAws<DeadLetterConfig>(args.deadLetterConfig),
        RetryPolicy: args.retryPolicy && toAws<RetryPolicy>(args.retryPolicy),
    };
    await refuseFailed(events.putTargets({ Rule: args.rule, EventBusName: args.eventBusName, Targets: [target] }));
}

/** These calls answer 200 with a list of what failed. */
async function refuseFailed(
    call: Promise<{ FailedEntries?: { ErrorCode?: string; ErrorMessage?: string }[] | undefined }>,
): Promise<void> {
    const failed = (await call).FailedEntries?.[0];
    if (failed) {
        throw Object.assign(new Error(failed.ErrorMessage), { name: failed.ErrorCode ?? "FailedEntry" });
    }
}

function observedTarget(target: Target): object {
    return {
        targetId: target.Id,
        arn: target.Arn,
        ...(target.RoleArn ? { roleArn: target.RoleArn } : {}),
        ...(target.Input ? { input: target.Input } : {}),
        ...(target.InputPath ? { inputPath: target.InputPath } : {}),
        ...(target.DeadLetterConfig?.Arn ? { deadLetterConfig: fromAws(target.DeadLetterConfig) } : {}),
        ...(target.RetryPolicy ? { retryPolicy: fromAws(target.RetryPolicy) } : {}),
    };
}
