import type { FaultRule, TrailRecord } from "../../../local/control-client";
import type { Deployed } from "./stage";

/**
 * Everything that one run of the sequencer writes for one new record, in the order of docs/architecture.md, "Log", and what a
 * fault at that write does: the run dies, or it goes on, because the step is only a hint, or finds out that its write took place,
 * or tries again.
 */
export interface WriteStep {
    readonly name: string;
    readonly service: "dynamodb" | "s3" | "kms";
    readonly operation: "PutItem" | "UpdateItem" | "PutObject" | "Sign";
    /** Object key's start, or id of the item. */
    readonly target: string;
    /** Matching writes that come before it in the same run. */
    readonly skip?: number;
    readonly goesOn: { readonly lost: boolean; readonly applied: boolean };
}

const dies = { lost: false, applied: false };
const goesOn = { lost: true, applied: true };

export const WRITES: readonly WriteStep[] = [
    object("stage the batch", "staging/", dies),
    item("swap the head", "UpdateItem", "head", dies),
    object("put the tile", "tile/0/", dies),
    object("put the entries", "tile/entries/", dies),
    item("give the index", "UpdateItem", "key#", dies),
    item("say that it is applied", "UpdateItem", "applied", dies),
    item("say what is to be signed", "UpdateItem", "published", dies),
    item("claim the signature", "PutItem", "sign#", { lost: false, applied: true }),
    { name: "sign", service: "kms", operation: "Sign", target: "", goesOn: dies },
    item("keep the signature", "UpdateItem", "sign#", goesOn),
    object("archive the checkpoint", "archive/", dies),
    object("lead from the use to the archive", "index/use/", dies),
    object("put the checkpoint", "checkpoint", dies),
    item("say that it is published", "UpdateItem", "published", dies, 1),
    object("hint by index", "records/", goesOn),
    object("hint by day", "index/date/", goesOn),
];

function object(name: string, target: string, goesOn: WriteStep["goesOn"]): WriteStep {
    return { name, service: "s3", operation: "PutObject", target, goesOn };
}

function item(
    name: string,
    operation: "PutItem" | "UpdateItem",
    target: string,
    goesOn: WriteStep["goesOn"],
    skip = 0,
): WriteStep {
    return { name, service: "dynamodb", operation, target, goesOn, skip };
}

export function faultAt({ outputs }: Deployed, step: WriteStep, mode: "lost" | "applied"): FaultRule {
    const { service, operation, target, skip = 0 } = step;
    const match = {
        kms: String(outputs.all["logKeyArn"]),
        // The bucket's name comes before the key, so no body is mistaken for it.
        s3: `${String(outputs.all["logBucket"])}/${target}`,
        dynamodb: `"id":{"S":"${target}`,
    }[service];
    // The two ways in which a write ends without an answer that says so.
    return { service, operation, match, skip, mode, answer: mode === "lost" ? "error" : "reset" };
}

const WRITING = ["PutItem", "UpdateItem", "TransactWriteItems", "DeleteItem", "PutObject", "DeleteObject", "Sign"];

/** A write as a line of text, without what differs from run to run. */
export function writeOf({ eventSource, eventName, requestParameters }: TrailRecord): string | undefined {
    if (!WRITING.includes(eventName)) return undefined;
    const { key, tableName } = (requestParameters ?? {}) as { key?: unknown; tableName?: string };
    const service = eventSource.split(".")[0];
    if (service === "s3") return `s3 PutObject ${startOf(String(key))}`;
    // Of a new item the trail keeps the table only.
    if (eventName === "PutItem") return `dynamodb PutItem ${tableName}`;
    const id = (key as { id?: { s?: string } } | undefined)?.id?.s ?? "";
    return `${service} ${eventName} ${id.replace(/#.*/, "#")}`.trim();
}

/** As `writeOf` would tell of a step. */
export function lineOf(step: WriteStep, headTable: string): string {
    const target = step.operation === "PutItem" ? headTable : step.target;
    return `${step.service} ${step.operation} ${target}`.trim();
}

function startOf(key: string): string {
    return WRITES.find(({ service, target }) => service === "s3" && key.startsWith(target))?.target ?? key;
}
