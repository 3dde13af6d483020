import { sep } from "node:path";
import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { quote } from "../lib/encoding";
import { codedError } from "../lib/errors";
import { dataClass } from "./tags";

/** Runs once per cold start, in Lambda, and answers with the handler. */
export type HandlerFactory = () => (event: never, context: lambda.Context) => Promise<unknown>;

export interface InlineFunctionArgs {
    functionName: string;
    description: string;
    /** From `withOptions`. */
    factory: HandlerFactory;
    /** ARN of the role, as text made from its name; the role itself goes in `dependsOn`. */
    roleArn: pulumi.Input<string>;
    /** ARNs and names of what the function uses. No secrets: whoever may read the function reads these. */
    environment: Record<string, pulumi.Input<string>>;
    /** Encrypts the function's log. */
    dataKeyArn: pulumi.Input<string>;
    /** @default 30 */
    timeoutSeconds?: number;
    /** Also decides the share of a CPU. @default 512 */
    memoryMb?: number;
}

/** Days. */
const LOG_RETENTION = 365;

/**
 * A function whose code is the serialized factory and nothing else: one file that a person can read, the same bytes for the
 * same sources. The AWS SDK comes with Lambda's runtime.
 *
 * The only place that serializes. It does what `lambda.CallbackFunction` does with a `callbackFactory`, without its packing of
 * dependencies, which would cost 0.2 s a function to find that there are none (measured), without its nine full-access
 * policies where a role is forgotten, and refusing a captured secret, of which it only warns.
 *
 * @throws InlineCodeFromNodeModules
 */
export function inlineFunction(
    name: string,
    args: InlineFunctionArgs,
    opts: pulumi.CustomResourceOptions,
): lambda.Function {
    refuseNodeModules(__dirname);
    // First, since Lambda would make the group itself, without retention and key.
    const logs = new cloudwatch.LogGroup(
        `${name}-logs`,
        {
            name: `/aws/lambda/${args.functionName}`,
            retentionInDays: LOG_RETENTION,
            kmsKeyId: args.dataKeyArn,
            tags: dataClass("internal"),
        },
        { parent: opts.parent },
    );
    return new lambda.Function(
        name,
        {
            name: args.functionName,
            description: args.description,
            code: pulumi.output(serialize(args.factory)),
            handler: "__index.handler",
            role: args.roleArn,
            // Async handlers only, supported until 2028-04-30.
            runtime: lambda.Runtime.NodeJS24dX,
            timeout: args.timeoutSeconds ?? 30,
            memorySize: args.memoryMb ?? 512,
            environment: { variables: args.environment },
            tags: dataClass("internal"),
        },
        pulumi.mergeOptions(opts, { dependsOn: [logs] }),
    );
}

/**
 * What the factory reaches, as one CommonJS module that calls it when Lambda loads it, and exports its answer.
 *
 * Rejects if the factory reaches a secret Output, whose value would be plain text in the archive.
 */
export async function serialize(factory: HandlerFactory): Promise<pulumi.asset.AssetArchive> {
    const { text } = await pulumi.runtime.serializeFunction(factory, {
        exportName: "handler",
        isFactoryFunction: true,
        allowSecrets: false,
    });
    return new pulumi.asset.AssetArchive({ "__index.js": new pulumi.asset.StringAsset(text) });
}

/**
 * The factory of one function: `createHandler` of its module, and the options that are compiled into its code. It closes over
 * these two alone, since whatever else were in reach would be serialized with them.
 *
 * @param options plain data
 */
export function withOptions<Options>(
    create: (options: Options) => ReturnType<HandlerFactory>,
    options: Options,
): HandlerFactory {
    return () => create(options);
}

/**
 * Pulumi serializes a module under node_modules as a `require` of a package that is not in the archive, so the function would
 * fail in Lambda at its first call.
 *
 * @throws InlineCodeFromNodeModules
 */
export function refuseNodeModules(directory: string): void {
    if (directory.split(sep).includes("node_modules")) {
        throw codedError(
            "InlineCodeFromNodeModules",
            `${quote(directory)} is under node_modules, expected a checkout: inline functions cannot be made from an installed package`,
        );
    }
}
