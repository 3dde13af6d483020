import type { Aws } from "../../../local/provider/aws";
import type { Properties } from "../../../local/provider/wire";

/** What a type's arguments are changed to, and where in the cloud each change shows. */
export interface Example {
    /** Arguments to begin with: plain values, and what others need to exist (names of the world). */
    base(world: World): Properties;
    /** What the SDK reads: not through the provider, whose word is what is tested. */
    observe(aws: Aws, id: string): Promise<Properties>;
    /** What the observation says after the deletion, for what is not a thing but a setting of one. */
    leaves?: Properties;
    arguments(world: World): { readonly [argument: string]: Changed };
}

export interface Changed {
    to: unknown;
    /** Value of the observation that must become `is`. */
    at?: (observed: never) => unknown;
    /** @default `to` */
    is?: unknown;
    /** Set together with it. */
    with?: Properties;
    /** Why no read can show it: the provider alone acts on it, or the emulator keeps no trace. */
    unseen?: string;
    /** The emulator keeps no trace of it, so only the request shows it: this text is in what was sent. */
    sent?: string;
    /** The emulator has no such call: it must say so, and not succeed in silence. */
    refused?: RegExp;
    /** Once set it cannot be taken away again. */
    sticky?: true;
}

/** Things that the examples refer to. */
export interface World {
    accountId: string;
    region: string;
    roleArn: string;
    otherRoleArn: string;
    roleName: string;
    policyArn: string;
    keyArn: string;
    keyId: string;
    otherKeyId: string;
    bucket: string;
    lockedBucket: string;
    trailBucket: string;
    otherTrailBucket: string;
    queueArn: string;
    queueUrl: string;
    otherQueueArn: string;
    topicArn: string;
    streamArn: string;
    functionName: string;
    functionArn: string;
    otherFunctionName: string;
    ruleName: string;
    logGroupArn: string;
}

export const TAGS_CHANGE = { a: "changed", c: "new" };

/** The tags of every example before, of which the change takes one away. */
export const TAGS_BASE = { a: "one", b: "two" };

export function record(list: readonly { Key?: string; Value?: string }[] | undefined): Record<string, string> {
    return Object.fromEntries((list ?? []).map(({ Key = "", Value = "" }) => [Key, Value]));
}
