import * as cloudwatch from "@pulumi/aws/cloudwatch";
import * as lambda from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { inlineCode, type LambdaHandler } from "./inline-code";
import { dataClass } from "./tags";

export interface InlineFunctionArgs {
    functionName: string;
    description: string;
    /** From `lambdaHandler`. */
    handler: LambdaHandler;
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
 * The only place that makes functions. The archive has one file, which a person can read; role, runtime, timeout, memory and
 * log are always set.
 */
export function inlineFunction(
    name: string,
    args: InlineFunctionArgs,
    opts: pulumi.CustomResourceOptions,
): lambda.Function {
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
            code: pulumi.output(inlineCode(args.handler)).apply(archive),
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

function archive(code: string): pulumi.asset.AssetArchive {
    return new pulumi.asset.AssetArchive({ "__index.js": new pulumi.asset.StringAsset(code) });
}
