import type { Extension } from "../extension";
import type { TrailRecord } from "./record";

/** An EventBridge entry as the extension takes it. */
export interface TrailEntry {
    readonly Source: string;
    readonly DetailType: "AWS API Call via CloudTrail";
    readonly Detail: string;
    readonly Time: string;
    readonly Resources: readonly string[];
    readonly Region: string;
    readonly Account: string;
}

/**
 * Hands management events to EventBridge, in order, after the call has been answered.
 *
 * Nothing waits for it and nothing is retried: as on AWS this is best effort, and who needs certainty reads the trail.
 */
export interface Delivery {
    enqueue(records: readonly TrailRecord[]): void;
    /** Resolves when everything enqueued so far was handed over, or could not be. */
    settled(): Promise<void>;
}

export function createDelivery(
    extension: Pick<Extension, "putEvents">,
    wanted: (record: TrailRecord) => boolean,
    onError: (error: unknown) => void,
): Delivery {
    let waiting: TrailEntry[] = [];
    let running: Promise<void> | undefined;
    const run = async (): Promise<void> => {
        while (waiting.length > 0) {
            const batch = waiting;
            waiting = [];
            await extension.putEvents(batch).catch(onError);
        }
        running = undefined;
    };
    return {
        enqueue: (records) => {
            const entries = records.filter((record) => record.managementEvent && wanted(record)).map(entryOf);
            if (entries.length === 0) return;
            waiting.push(...entries);
            running ??= Promise.resolve().then(run);
        },
        settled: async () => {
            while (running) await running;
        },
    };
}

function entryOf(record: TrailRecord): TrailEntry {
    return {
        Source: `aws.${record.eventSource.split(".")[0]}`,
        DetailType: "AWS API Call via CloudTrail",
        Detail: JSON.stringify(record),
        Time: record.eventTime,
        Resources: [],
        Region: record.awsRegion,
        Account: record.recipientAccountId,
    };
}
