import { read } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule } from "../../rule";
import { walk } from "../../walk";
import { EXAMPLE_PROVIDER } from "../example";

const MACHINE = "aws:sfn/stateMachine:StateMachine";
const SCHEDULE = "aws:scheduler/schedule:Schedule";
const PIPE = "aws:pipes/pipe:Pipe";

/**
 * Services that a machine may call by itself. All others run something as a role, make what does, write items or sign: `dynamodb:putItem`,
 * `ecs:runTask`, `aws-sdk:kms:sign`.
 */
const INTEGRATIONS = ["lambda", "sqs", "sns", "events", "states", "s3"];
/** The same, as `aws-sdk:SERVICE:ACTION`: a function is invoked by the integration alone, whose payload is a function's. */
const SDK = ["s3", "sqs", "sns", "eventbridge", "cloudwatch", "cloudwatchlogs", "xray"];

const GOOD = {
    definition: JSON.stringify({
        StartAt: "Sign",
        States: { Sign: { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", End: true } },
    }),
    loggingConfiguration: { level: "ALL", logDestination: "arn:aws:logs:eu-west-1:111122223333:log-group:machine:*" },
    tracingConfiguration: { enabled: true },
};

export const sfnNoKmsSdk: Rule = {
    id: "sfn-no-kms-sdk",
    description: "state machines and schedules call no key, role or table by themselves, and log everything",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T63", "T72"],
    types: [MACHINE, SCHEDULE, PIPE],
    fix: "call a function instead of aws-sdk:..., and set logging to ALL and tracing to enabled",
    reads: [],
    good: { provider: EXAMPLE_PROVIDER, props: GOOD },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { ...GOOD, definition: GOOD.definition.replace("lambda:invoke", "aws-sdk:kms:sign") },
    },
    check: (resource) => [...definitionFindings(resource), ...(resource.type === MACHINE ? observed(resource) : [])],
};

function definitionFindings({ type, props }: ResourceView): Finding[] {
    const definition = read<string>(() => props.definition);
    const { leaves, cut, unknown } = walk(props);
    const target = unknown.find((at) => /^(definition|target(\.arn)?|enrichment)$/.test(at));
    const isJson = definition.kind === "known" && isObject(definition.value);
    return [
        ...(type === MACHINE && !isJson
            ? [{ at: "definition", saw: "not JSON that is known, so it cannot be judged" }]
            : []),
        ...(target === undefined || type === MACHINE ? [] : [{ at: target, saw: "unknown, so it cannot be judged" }]),
        ...(cut ? [{ at: "props", saw: "too deep or too large to be looked at" }] : []),
        ...leaves
            .filter(({ at, value, inside }) => inside && value !== "RoleArn" && isChosenRole(at, value))
            .map(({ at }) => ({ at, saw: "takes its role from its input, expected no Credentials or a role's ARN" })),
        ...leaves.flatMap(({ at, value }): Finding[] => {
            const called = callOf(value);
            return called === undefined ? [] : [{ at, saw: `calls ${called} by itself`, action: called }];
        }),
    ];
}

/** `Credentials` by path or expression: which role a state runs as, its input would say. */
function isChosenRole(at: string, value: string): boolean {
    if (/\.Credentials\.[^.]*\.\$$/.test(at)) return true;
    if (/\.Credentials$/.test(at)) return value !== "Credentials";
    return /\.Credentials\.RoleArn$/.test(at) && !/^arn:[a-z-]+:iam::[0-9]{12}:role\/[\w+=,.@/-]+$/.test(value);
}

/** The first call of a text that is on neither list. */
function callOf(text: string): string | undefined {
    const lower = text.toLowerCase();
    const sdk = [...lower.matchAll(/:aws-sdk:([a-z0-9-]{1,40})(:[a-z0-9]{1,60})?/g)].find(
        ([, name]) => !SDK.includes(name!),
    );
    if (sdk !== undefined) return sdk[0].slice(1);
    const own = [...lower.matchAll(/:states:::([a-z0-9-]{1,40})(:[a-z0-9]{1,60})?/g)].find(
        ([, name]) => name !== "aws-sdk" && !INTEGRATIONS.includes(name!),
    );
    return own?.[0].slice(":states:::".length);
}

function observed({ props }: ResourceView): Finding[] {
    const level = read<string>(() => props.loggingConfiguration?.level);
    const tracing = read<boolean>(() => props.tracingConfiguration?.enabled);
    return [
        ...(level.kind === "known" && level.value === "ALL"
            ? []
            : [
                  {
                      at: "loggingConfiguration.level",
                      saw: `${level.kind === "known" ? "another" : level.kind}, expected ALL`,
                  },
              ]),
        ...(tracing.kind === "known" && tracing.value
            ? []
            : [{ at: "tracingConfiguration.enabled", saw: "not true, expected true" }]),
    ];
}

function isObject(text: string): boolean {
    try {
        const value: unknown = JSON.parse(text);
        return typeof value === "object" && value !== null;
    } catch {
        return false;
    }
}
