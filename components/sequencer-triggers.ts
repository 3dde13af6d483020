import * as cloudwatch from "@pulumi/aws/cloudwatch";
import type { Table } from "@pulumi/aws/dynamodb";
import * as lambda from "@pulumi/aws/lambda";
import type * as pulumi from "@pulumi/pulumi";
import { functionArn, ruleArn, type Scope } from "./iam/arns";
import { namesOf } from "./names";
import { dataClass } from "./tags";

export interface SequencerTriggersArgs {
    readonly scope: pulumi.Output<Scope>;
    readonly prefix: string;
    readonly sequencer: lambda.Function;
    /** Whose streams tell of new records. */
    readonly tables: Readonly<Record<"intake" | "reconciler", Table>>;
}

/** What wakes the sequencer. It ignores what woke it and asks the tables, so a trigger too many costs a read. */
export function sequencerTriggers(name: string, args: SequencerTriggersArgs, parent: pulumi.Resource): void {
    everyMinute(name, args, parent);
    for (const table of ["intake", "reconciler"] as const) {
        // A record is in the tree within a second or two.
        new lambda.EventSourceMapping(
            `${name}-${table}`,
            {
                eventSourceArn: args.tables[table].streamArn,
                functionName: args.sequencer.name,
                startingPosition: "TRIM_HORIZON",
                batchSize: 1000,
                // New records only: the sequencer writes indices to the same tables, and would wake itself.
                filterCriteria: { filters: [{ pattern: JSON.stringify({ eventName: ["INSERT"] }) }] },
                // A failed wake-up is not worth repeating for a day: the minute rule comes anyway.
                maximumRetryAttempts: 1,
                tags: dataClass("internal"),
            },
            { parent },
        );
    }
}

/** The floor: whatever a stream missed is seen a minute later. */
function everyMinute(name: string, { scope, prefix, sequencer }: SequencerTriggersArgs, parent: pulumi.Resource): void {
    const { rules, functions } = namesOf(prefix);
    const rule = new cloudwatch.EventRule(
        `${name}-minute`,
        {
            name: rules.sequencerMinute,
            description: "Wakes the sequencer",
            scheduleExpression: "rate(1 minute)",
            state: "ENABLED",
            tags: dataClass("internal"),
        },
        { parent },
    );
    const permission = new lambda.Permission(
        `${name}-minute`,
        {
            statementId: "minute",
            action: "lambda:InvokeFunction",
            function: sequencer.name,
            principal: "events.amazonaws.com",
            sourceArn: scope.apply((known) => ruleArn(known, rules.sequencerMinute)),
            sourceAccount: scope.accountId,
        },
        { parent },
    );
    new cloudwatch.EventTarget(
        `${name}-minute`,
        {
            rule: rule.name,
            targetId: "sequencer",
            arn: scope.apply((known) => functionArn(known, functions.sequencer)),
        },
        { parent, dependsOn: [permission] },
    );
}
