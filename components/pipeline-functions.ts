import type { Table } from "@pulumi/aws/dynamodb";
import type { Function } from "@pulumi/aws/lambda";
import * as pulumi from "@pulumi/pulumi";
import { bucketOf, type Scope } from "./iam/arns";
import type { PolicyDocument } from "./iam/document";
import {
    assemblePolicy,
    preparePolicy,
    publishPolicy,
    recheckPolicy,
    signFunctionPolicy,
    verifyPolicy,
} from "./iam/functions";
import { lambdaHandler, type LambdaHandler } from "./inline-code";
import { inlineFunction } from "./inline-function";
import { namesOf } from "./names";
import { pipelineKeys, type ResolvedPipelineArgs } from "./pipeline-args";
import { functionRole, roleRights } from "./roles";
import type { SigningKey } from "./signing-key";

export interface PipelineStores {
    readonly uploads: pulumi.Output<string>;
    readonly results: pulumi.Output<string>;
    readonly requests: Table;
    readonly rechecks: Table;
    readonly attempts: Table;
}

export type Step = "prepare" | "recheck" | "assemble" | "verify" | "publish";

interface StepArgs {
    readonly description: string;
    readonly policy: (scope: Scope) => PolicyDocument;
    readonly handler: LambdaHandler;
    readonly environment: Record<string, pulumi.Input<string>>;
}

/** The functions of the pipeline that have no right on any key. What they know is compiled in; what they work on, named. */
export function createSteps(
    name: string,
    args: ResolvedPipelineArgs,
    stores: PipelineStores,
    scope: pulumi.Output<Scope>,
    parent: pulumi.Resource,
): Function[] {
    const keys = pipelineKeys(args);
    const UPLOADS_BUCKET = stores.uploads;
    const RESULTS_BUCKET = stores.results;
    const REQUESTS_TABLE = stores.requests.name;
    const ATTEMPTS_TABLE = stores.attempts.name;
    /** Pins: whoever compares a key with what is behind its ARN compares with this. */
    const KEY_SPKIS = byName(args.keys, (key) => key.spkiBase64);
    const steps: Record<Step, StepArgs> = {
        prepare: {
            description: "Reads an upload and writes the request to sign it",
            policy: preparePolicy,
            handler: lambdaHandler("prepare", {
                tenants: args.tenants.map((tenant) => ({ name: tenant.name, formats: [...tenant.formats] })),
                keys,
                requestTtlSeconds: args.requestTtlSeconds,
                maxBytes: args.maxUploadBytes,
            }),
            environment: {
                UPLOADS_BUCKET,
                REQUESTS_TABLE,
                KEY_ARNS: byName(args.keys, (key) => key.keyArn),
                KEY_SPKIS,
            },
        },
        recheck: {
            description: "Derives the request's messages again, by other code",
            policy: recheckPolicy,
            handler: lambdaHandler("recheck", { keys }),
            environment: { UPLOADS_BUCKET, REQUESTS_TABLE, RECHECKS_TABLE: stores.rechecks.name, KEY_SPKIS },
        },
        assemble: {
            description: "Puts the signature where the format has it",
            policy: assemblePolicy,
            handler: lambdaHandler("assemble", { keys }),
            environment: { UPLOADS_BUCKET, RESULTS_BUCKET, REQUESTS_TABLE, ATTEMPTS_TABLE },
        },
        verify: {
            description: "Checks the assembled file and its entry in the log, by other code",
            policy: verifyPolicy,
            handler: lambdaHandler("verify", { keys, logOrigin: args.logOrigin }),
            environment: {
                UPLOADS_BUCKET,
                RESULTS_BUCKET,
                REQUESTS_TABLE,
                ATTEMPTS_TABLE,
                LOG_BUCKET: scope.apply((known) => bucketOf(known, "log")),
                LOG_VKEY: args.logVkey,
                KEY_SPKIS,
            },
        },
        publish: {
            description: "Releases the file, or the reason why there is none",
            policy: publishPolicy,
            handler: lambdaHandler("publish", undefined),
            environment: { RESULTS_BUCKET, REQUESTS_TABLE },
        },
    };
    const { functions } = namesOf(args.namePrefix);
    return (Object.keys(steps) as Step[]).map((step) => {
        const { description, policy, handler, environment } = steps[step];
        const role = functionRole(`${name}-${step}`, functions[step], scope, policy, parent);
        return inlineFunction(
            `${name}-${step}`,
            {
                functionName: functions[step],
                description,
                handler,
                roleArn: role.arn,
                environment,
                dataKeyArn: args.dataKeyArn,
                // A large file is read, hashed and checked in one call.
                timeoutSeconds: 120,
                memoryMb: 1024,
            },
            { parent, dependsOn: role.ready },
        );
    });
}

/** One for each key: its role signs with that key alone, and its formats are compiled in. */
export function createSigners(
    name: string,
    args: ResolvedPipelineArgs,
    stores: PipelineStores,
    scope: pulumi.Output<Scope>,
    parent: pulumi.Resource,
): Function[] {
    return args.keys.map((key) => {
        const { keyName, signerFunction } = key;
        const logicalName = `${name}-sign-${keyName}`;
        const policy = (known: Scope) => signFunctionPolicy(known, signerFunction);
        const rights = roleRights(logicalName, signerFunction, key.signerRoleName, scope, policy, parent);
        return inlineFunction(
            logicalName,
            {
                functionName: signerFunction,
                description: `Signs requests of key ${keyName} that prepare and recheck both derived`,
                handler: lambdaHandler("sign", {
                    keyName,
                    keyAlias: key.alias,
                    spec: key.spec,
                    formats: [...key.formats],
                    algorithm: key.algorithm,
                    messageType: key.messageType,
                }),
                roleArn: key.signerRoleArn,
                environment: {
                    KEY_ARN: key.keyArn,
                    KEY_SPKI_SHA256: key.spkiSha256,
                    REQUESTS_TABLE: stores.requests.name,
                    RECHECKS_TABLE: stores.rechecks.name,
                    ATTEMPTS_TABLE: stores.attempts.name,
                    INTAKE_FUNCTION: namesOf(args.namePrefix).functions.intake,
                },
                dataKeyArn: args.dataKeyArn,
            },
            { parent, dependsOn: [key, rights] },
        );
    });
}

/** JSON, by key name. */
function byName(keys: readonly SigningKey[], value: (key: SigningKey) => pulumi.Output<string>): pulumi.Output<string> {
    return pulumi.jsonStringify(Object.fromEntries(keys.map((key) => [key.keyName, value(key)])));
}
