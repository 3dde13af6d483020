import { isCodedError } from "../lib/errors";
import { sequencerDeps } from "./aws/sequencer-deps";
import type { LogDeps } from "./log/deps";
import { writeHints } from "./log/hints";
import { publish } from "./log/publish";
import { sequence } from "./log/sequence";

export interface SequencerOptions {
    /** The log's name in every checkpoint; never changes. */
    readonly origin: string;
    /** Whether an empty bucket may become a log. */
    readonly bootstrap: boolean;
}

export interface SequencerResult {
    /** Entries that this run committed, or finished for a run that died. */
    readonly committed: number;
    /** Size of the published log. */
    readonly size: number;
}

/**
 * The log contradicts itself: somebody set a table back, changed an object, or replaced the key. Every run stops here until a person
 * has looked; no Sign, an alarm.
 */
const HALTS: readonly string[] = [
    "BadCheckpoint",
    "BadEntry",
    "BadNote",
    "BadTile",
    "Equivocation",
    "HeadRolledBack",
    "KeyMismatch",
    "LeafMismatch",
    "LogNotEmpty",
    "RootMismatch",
    "SignatureMismatch",
];

/** One run: commit what waits, publish what is committed. What woke it does not matter; it asks the tables. */
export async function handle(deps: LogDeps): Promise<SequencerResult> {
    try {
        const applied = await sequence(deps);
        const { size } = await publish(deps);
        const batches = applied.map(({ batch }) => batch);
        // Hints are rebuilt from the log, so a failure here must not fail a run that did its work.
        await writeHints(deps, batches).catch(() => undefined);
        return { committed: batches.reduce((sum, batch) => sum + batch.keys.length, 0), size };
    } catch (error) {
        // An alarm that cannot be raised must not hide why.
        if (isCodedError(error) && HALTS.includes(error.code)) await deps.metric("LogHalted").catch(() => undefined);
        throw error;
    }
}

/** What Lambda passes beside the event. */
interface LambdaContext {
    getRemainingTimeInMillis(): number;
}

/** Milliseconds between the end of this run and the moment its claim may be taken over: clocks differ. */
const CLAIM_MARGIN = 5000;

export function createHandler(
    options: SequencerOptions,
): (event: unknown, context?: LambdaContext) => Promise<SequencerResult> {
    let deps: ReturnType<typeof sequencerDeps> | undefined;
    return async (_event, context) => {
        const claimMs = (context?.getRemainingTimeInMillis() ?? 60_000) + CLAIM_MARGIN;
        // A failed start is forgotten, or this instance would fail for ever.
        deps ??= sequencerDeps(options).catch((error: unknown) => {
            deps = undefined;
            throw error;
        });
        return handle({ ...(await deps), claimMs });
    };
}
