import { randomUUID } from "node:crypto";
import type { LogDeps } from "../log/deps";
import { environment } from "./environment";
import { dynamoLockStore } from "./lock-store";
import { kmsLogKey } from "./log-key";
import { cloudWatchMetric } from "./metrics";
import { s3ObjectStore } from "./object-store";

/** The sequencer's stores and key on AWS, once per cold start. */
export async function sequencerDeps(options: Pick<LogDeps, "origin" | "bootstrap">): Promise<Omit<LogDeps, "claimMs">> {
    const [objects, head, intake, reconciler, key, metric] = await Promise.all([
        s3ObjectStore(environment("LOG_BUCKET")),
        dynamoLockStore(environment("HEAD_TABLE")),
        dynamoLockStore(environment("INTAKE_TABLE")),
        dynamoLockStore(environment("RECONCILER_TABLE")),
        kmsLogKey(environment("KEY_ARN"), environment("KEY_ALIAS"), options.origin),
        cloudWatchMetric(environment("METRIC_STACK")),
    ]);
    return {
        ...options,
        objects,
        head,
        inboxes: { intake, reconciler },
        key,
        now: () => Date.now(),
        newAttempt: () => randomUUID(),
        metric,
    };
}
