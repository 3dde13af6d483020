import { codedError } from "../../lib/errors";
import { encodeLeaf } from "../../lib/record/codec";
import { type Applied, apply } from "./apply";
import { buildBatch, stage, type Waiting } from "./batch";
import type { LogDeps } from "./deps";
import { readEdge } from "./edge";
import { type Head, headItem, newHead } from "./head";
import { IMMUTABLE_JSON } from "./objects";
import { checkNotAhead } from "./published";
import { readState } from "./state";
import { confirm } from "./waiting";

/** Commits in one run, so that a flood ends in publication before the function's timeout. */
const MAX_COMMITS = 20;
/** Milliseconds that a clock may be behind the last commit's. */
const CLOCK_TOLERANCE = 60_000;

/**
 * Commits what waits, batch by batch: steps 1 to 7. Safe with any number of sequencers at once, each dying anywhere; the swap
 * of the head is the lock.
 *
 * @returns the batches that this run applied, its own or those of a run that died
 */
export async function sequence(deps: LogDeps): Promise<readonly Applied[]> {
    const done: Applied[] = [];
    for (let round = 0; round < MAX_COMMITS; round += 1) {
        if ((await commitOnce(deps, done)) === "drained") break;
    }
    return done;
}

async function commitOnce(deps: LogDeps, done: Applied[]): Promise<"drained" | "again"> {
    // 1: read the head, and finish what it committed to. Nothing is written if anything looks rolled back.
    const { head, applied, checkpoint, hints } = await readState(deps);
    if (!head) {
        await createHead(deps);
        return "again";
    }
    await checkNotAhead(deps, checkpoint, head);
    let covered = applied;
    if (applied.size < head.size) {
        done.push(await apply(deps, head, applied));
        covered = { ...applied, version: applied.version + 1, size: head.size };
    }
    // 2 and the confirmation of 3, which must come after 1.
    const known = done.find(({ batch }) => batch.size === head.size && batch.root === head.root)?.edge;
    const [edge, { found, more }] = await Promise.all([
        known ?? readEdge(async (path) => (await deps.objects.get(path))?.bytes, head.size, head.root),
        confirm(deps, hints),
    ]);
    const waiting = head.size === 0 ? [await registration(deps), ...found] : found;
    if (waiting.length === 0) return "drained";
    // 3: stage. Named by its hash: "exists" is success, and dead here it is an orphan that nobody reads.
    const batch = buildBatch(edge, waiting);
    const staged = stage(batch);
    await deps.objects.put(staged.key, staged.body, "absent", IMMUTABLE_JSON);
    // 4: the commit point. Conflict: another run was first; look again. Unknown (a throw): the next run recognises the swap.
    const next = {
        size: batch.size,
        root: batch.root,
        committedAt: await nextTime(deps, head),
        stage: { key: staged.key, sha256: staged.sha256 },
    };
    const swapped = await deps.head.replace("head", head.version, { set: headItem(next) });
    if (swapped === "conflict") return "again";
    // 5 to 7.
    const committed: Head = { ...next, version: head.version + 1 };
    done.push(await apply(deps, committed, covered, staged.body, versionsOf(waiting)));
    return more ? "again" : "drained";
}

/** Index 0 registers the log's own key, so that whoever reads the log knows what its checkpoints were signed with. */
async function registration({ key }: LogDeps): Promise<Waiting> {
    return { entry: encodeLeaf(await key.registration()) };
}

/** A log that starts again is a fork: only an empty bucket, and only while configuration says so. */
async function createHead({ objects, head, bootstrap, now }: LogDeps): Promise<void> {
    if (!bootstrap) {
        throw codedError(
            "HeadRolledBack",
            "there is no head and bootstrap is off: the table was lost, or this log was never started",
        );
    }
    if (await objects.has("")) {
        throw codedError(
            "LogNotEmpty",
            "there is no head but the bucket has objects: the table was lost; do not start again over an old log",
        );
    }
    // "exists" is another run's, or our own write that we heard nothing of.
    await head.create("head", newHead(now()));
}

/** Strictly rising, so that commits have an order whatever the clock does. */
async function nextTime({ now, metric }: LogDeps, { committedAt }: Head): Promise<number> {
    const time = now();
    if (time < committedAt - CLOCK_TOLERANCE) await metric("LogClockBehind");
    return Math.max(time, committedAt + 1);
}

function versionsOf(waiting: readonly Waiting[]): ReadonlyMap<string, number> {
    return new Map(waiting.flatMap(({ item }) => (item ? [[`${item.inbox} ${item.key}`, item.version] as const] : [])));
}
