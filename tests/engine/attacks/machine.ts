import {
    DescribeExecutionCommand,
    DescribeStateMachineCommand,
    SFNClient,
    StartExecutionCommand,
    UpdateStateMachineCommand,
} from "@aws-sdk/client-sfn";
import { ROLES } from "../../../local/story/settings";
import { clientOptions, until } from "../../../local/story/stage";
import type { AttackedStage } from "./stage";
import type { Attempt, Tried, Verdict } from "./attempt";
import type { Crafted } from "../deployed/craft";
import { nameOf, type Targets } from "./targets";

/** Tasks that the local cloud's state machines can do, of those that attacks want. */
const TABLE_TASKS = ["PutItem", "UpdateItem", "DeleteItem", "DeleteTable"];

/**
 * As the state machine's role, which trusts that machine alone: the deploy role puts tasks in place of the pipeline's, one an
 * attempt, and puts the pipeline back.
 */
export async function tryAsMachine(
    { cloud }: AttackedStage,
    roleArn: string,
    targets: Targets,
    forged: Crafted,
    calls: readonly Attempt[],
): Promise<Tried[]> {
    const { machineArn: stateMachineArn } = targets;
    const states = new SFNClient(clientOptions(cloud, await cloud.assumeRole(ROLES.deployer)));
    const tasks = tasksOf(targets, forged, calls);
    const { definition } = await states.send(new DescribeStateMachineCommand({ stateMachineArn }));
    await states.send(new UpdateStateMachineCommand({ stateMachineArn, definition: chain(tasks) }));
    try {
        const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn, input: "{}" }));
        const output = await until("the machine's attempts", 120, async () => {
            const { status, output: text, cause } = await states.send(new DescribeExecutionCommand({ executionArn }));
            if (status === "RUNNING") return undefined;
            if (status !== "SUCCEEDED" || text === undefined) throw new Error(`the attempts ended ${status}: ${cause}`);
            return JSON.parse(text) as Record<string, { Error?: string; Cause?: string }>;
        });
        return tasks.map(({ attempt }, i) => {
            const { Error: error, Cause = "" } = output[`r${i}`]!;
            return { ...attempt, role: nameOf(roleArn), verdict: verdictOf(error, Cause), error };
        });
    } finally {
        await states.send(new UpdateStateMachineCommand({ stateMachineArn, definition }));
        states.destroy();
    }
}

interface Task {
    readonly attempt: Attempt;
    readonly resource: string;
    readonly parameters: object;
}

function tasksOf(targets: Targets, { id }: Crafted, calls: readonly Attempt[]): Task[] {
    const table = calls.filter(
        ({ action, command }) => action.startsWith("dynamodb:") && TABLE_TASKS.includes(command),
    );
    const invoke = calls.filter(({ action }) => action === "lambda:InvokeFunction");
    const update = calls.filter(({ action, input }) => action === "states:UpdateStateMachine" && !("roleArn" in input));
    return [
        ...table.map((attempt) => ({ attempt, resource: sdk("dynamodb", attempt.command), parameters: attempt.input })),
        ...invoke.map((attempt) => ({
            attempt,
            resource: "arn:aws:states:::lambda:invoke",
            parameters: { FunctionName: attempt.target, Payload: { requestId: id } },
        })),
        ...update.map((attempt) => ({
            attempt,
            resource: sdk("sfn", "UpdateStateMachine"),
            parameters: { StateMachineArn: targets.machineArn, Definition: "{}" },
        })),
    ];
}

function sdk(service: string, command: string): string {
    return `arn:aws:states:::aws-sdk:${service}:${command[0]!.toLowerCase()}${command.slice(1)}`;
}

/** One task after the other, whatever became of the last. */
function chain(tasks: readonly Task[]): string {
    const next = (i: number): string => (i + 1 < tasks.length ? `t${i + 1}` : "end");
    const steps = tasks.map(({ resource, parameters }, i) => {
        const ResultPath = `$.r${i}`;
        const Catch = [{ ErrorEquals: ["States.ALL"], ResultPath, Next: next(i) }];
        return [
            `t${i}`,
            { Type: "Task", Resource: resource, Parameters: parameters, ResultPath, Catch, Next: next(i) },
        ];
    });
    return JSON.stringify({ StartAt: "t0", States: { ...Object.fromEntries(steps), end: { Type: "Succeed" } } });
}

function verdictOf(error: string | undefined, cause: string): Verdict {
    if (error === undefined) return "allowed";
    return cause.includes("is not authorized to perform") ? "refused" : "failed";
}
