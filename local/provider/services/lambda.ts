import type { CreateFunctionCommandInput, FunctionConfiguration, Lambda, Runtime } from "@aws-sdk/client-lambda";
import type { FunctionArgs } from "@pulumi/aws/lambda";
import { found, whileRoleSpreads } from "../aws";
import { members, replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { until } from "../poll";
import { fromAws, toAws } from "./casing";
import { zipOf } from "./lambda-code";
import { retag } from "./tags";

type Args = ArgsOf<FunctionArgs>;

const OF_CODE = ["code", "publish"] as const;

/** Named so by AWS; `function` is a word of the language. */
export const lambdaFunction = resource<FunctionArgs>({
    token: "aws:lambda/function:Function",
    arguments: {
        name: replace(),
        role: update({ required: true }),
        code: update({ required: true }),
        architectures: update(),
        packageType: replace({ default: "Zip" }),
        publish: update({ default: false }),
        handler: update(),
        runtime: update(),
        timeout: update({ default: 3 }),
        memorySize: update({ default: 128 }),
        description: update(),
        environment: update({ members: members("variables") }),
        kmsKeyArn: update(),
        deadLetterConfig: update({ members: members("targetArn") }),
        tracingConfig: update({ members: members("mode") }),
        ephemeralStorage: update({ members: members("size") }),
        loggingConfig: update({ members: members("logFormat", "logGroup", "applicationLogLevel", "systemLogLevel") }),
        reservedConcurrentExecutions: update({ default: -1 }),
        ...TAGS,
    },
    outputs: [
        "arn",
        "invokeArn",
        "qualifiedArn",
        "qualifiedInvokeArn",
        "version",
        "lastModified",
        "codeSha256",
        "sourceCodeSize",
    ],
    volatile: {
        qualifiedArn: OF_CODE,
        qualifiedInvokeArn: OF_CODE,
        version: OF_CODE,
        codeSha256: ["code"],
        sourceCodeSize: ["code"],
        lastModified: [
            "code",
            "role",
            "handler",
            "runtime",
            "timeout",
            "memorySize",
            "description",
            "environment",
            "kmsKeyArn",
        ],
    },
    autoname: { argument: "name", maxLength: 64 },
    identity: ["name"],

    async create(aws, args) {
        const lambda = await aws.lambda();
        const { FunctionName, FunctionArn } = await whileRoleSpreads(() =>
            lambda.createFunction({
                ...configuration(args),
                Code: { ZipFile: zipOf(args.code) },
                PackageType: args.packageType as "Zip",
                Architectures: args.architectures as "x86_64"[] | undefined,
                Publish: args.publish,
                Tags: args.tagsAll,
            } satisfies CreateFunctionCommandInput),
        );
        return { id: FunctionName ?? "", outputs: { arn: FunctionArn } };
    },

    async complete(aws, id, args) {
        const lambda = await aws.lambda();
        await settled(lambda, id);
        if ((args.reservedConcurrentExecutions ?? -1) >= 0) {
            await putConcurrency(lambda, id, args);
        }
    },

    async read(aws, id) {
        const answer = await found((await aws.lambda()).getFunction({ FunctionName: id }));
        const { Configuration: made, Tags, Concurrency } = answer ?? {};
        return (
            made && {
                ...observed(made, aws),
                reservedConcurrentExecutions: Concurrency?.ReservedConcurrentExecutions ?? -1,
                tagsAll: Tags ?? {},
            }
        );
    },

    async update(aws, id, args, { old, of }) {
        const lambda = await aws.lambda();
        if (of(...CONFIGURATION)) {
            await whileRoleSpreads(() =>
                lambda.updateFunctionConfiguration({ ...configuration(args), ...blank(old, args) }),
            );
            await settled(lambda, id);
        }
        if (of("code", "architectures", "publish")) {
            const Architectures = (args.architectures ?? ["x86_64"]) as "x86_64"[];
            await lambda.updateFunctionCode({
                FunctionName: id,
                ZipFile: zipOf(args.code),
                Architectures,
                Publish: args.publish,
            });
            await settled(lambda, id);
        }
        if (of("reservedConcurrentExecutions")) {
            await putConcurrency(lambda, id, args);
        }
        if (of("tagsAll")) {
            const Resource = (await lambda.getFunction({ FunctionName: id })).Configuration?.FunctionArn;
            await retag(old.tagsAll, args.tagsAll, {
                set: (Tags) => lambda.tagResource({ Resource, Tags }),
                unset: (TagKeys) => lambda.untagResource({ Resource, TagKeys }),
            });
        }
    },

    async delete(aws, id) {
        await (await aws.lambda()).deleteFunction({ FunctionName: id });
    },
});

const CONFIGURATION = [
    "role",
    "handler",
    "runtime",
    "timeout",
    "memorySize",
    "description",
    "environment",
    "kmsKeyArn",
    "deadLetterConfig",
    "tracingConfig",
    "ephemeralStorage",
    "loggingConfig",
] as const;

function configuration(args: Args) {
    return {
        FunctionName: args.name,
        Role: args.role,
        Handler: args.handler,
        Runtime: args.runtime as Runtime | undefined,
        Timeout: args.timeout,
        MemorySize: args.memorySize,
        Description: args.description,
        // Names of variables are the program's, so they keep their case.
        Environment: args.environment && { Variables: args.environment.variables ?? {} },
        KMSKeyArn: args.kmsKeyArn,
        DeadLetterConfig: args.deadLetterConfig && toAws<{ TargetArn: string }>(args.deadLetterConfig),
        TracingConfig: args.tracingConfig && toAws<{ Mode: "Active" }>(args.tracingConfig),
        EphemeralStorage: args.ephemeralStorage && { Size: args.ephemeralStorage.size },
        LoggingConfig: args.loggingConfig && toAws<{ LogFormat: "JSON" }>(args.loggingConfig),
    };
}

/** What was there and is no more has to be blanked: to leave it out means to keep it. */
function blank(old: Args, args: Args) {
    const gone = (name: keyof Args) => old[name] !== undefined && args[name] === undefined;
    return {
        ...(gone("description") ? { Description: "" } : {}),
        ...(gone("environment") ? { Environment: { Variables: {} } } : {}),
        ...(gone("kmsKeyArn") ? { KMSKeyArn: "" } : {}),
        ...(gone("deadLetterConfig") ? { DeadLetterConfig: { TargetArn: "" } } : {}),
        ...(gone("tracingConfig") ? { TracingConfig: { Mode: "PassThrough" as const } } : {}),
        ...(gone("ephemeralStorage") ? { EphemeralStorage: { Size: 512 } } : {}),
    };
}

/** A function takes the next change only after the last one. */
async function settled(lambda: Lambda, FunctionName: string): Promise<void> {
    await until(`function ${FunctionName}`, async () => {
        const { State, LastUpdateStatus } = await lambda.getFunctionConfiguration({ FunctionName });
        const ready = (State ?? "Active") === "Active" && (LastUpdateStatus ?? "Successful") !== "InProgress";
        return ready ? true : undefined;
    });
}

async function putConcurrency(
    lambda: Lambda,
    FunctionName: string,
    { reservedConcurrentExecutions = -1 }: Args,
): Promise<void> {
    await (reservedConcurrentExecutions >= 0
        ? lambda.putFunctionConcurrency({ FunctionName, ReservedConcurrentExecutions: reservedConcurrentExecutions })
        : lambda.deleteFunctionConcurrency({ FunctionName }));
}

function observed(made: FunctionConfiguration, { region, partition }: { region: string; partition: string }): object {
    const invokeArn = (arn: string) =>
        `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    const arn = made.FunctionArn ?? "";
    const qualifiedArn = `${arn}:${made.Version}`;
    return {
        name: made.FunctionName,
        arn,
        invokeArn: invokeArn(arn),
        qualifiedArn,
        qualifiedInvokeArn: invokeArn(qualifiedArn),
        version: made.Version,
        lastModified: made.LastModified,
        codeSha256: made.CodeSha256,
        sourceCodeSize: made.CodeSize,
        role: made.Role,
        handler: made.Handler,
        runtime: made.Runtime,
        timeout: made.Timeout,
        memorySize: made.MemorySize,
        ...(made.Description ? { description: made.Description } : {}),
        ...(made.Environment?.Variables ? { environment: { variables: made.Environment.Variables } } : {}),
        ...(made.KMSKeyArn ? { kmsKeyArn: made.KMSKeyArn } : {}),
        ...(made.DeadLetterConfig?.TargetArn ? { deadLetterConfig: fromAws(made.DeadLetterConfig) } : {}),
        ...(made.TracingConfig?.Mode ? { tracingConfig: fromAws(made.TracingConfig) } : {}),
    };
}
