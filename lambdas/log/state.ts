import type { LogDeps } from "./deps";
import { type Head, type Progress, readHead, readProgress } from "./head";
import type { StoredObject } from "./stores";
import { type Hint, readHints } from "./waiting";

/** Where the log stands, read in one round trip. */
export interface State {
    readonly head: Head | undefined;
    readonly applied: Progress;
    readonly published: Progress;
    readonly checkpoint: StoredObject | undefined;
}

export async function readState(deps: LogDeps): Promise<State & { readonly hints: readonly Hint[] }> {
    const [state, hints] = await Promise.all([readPublication(deps), readHints(deps)]);
    return { ...state, hints };
}

/** Without asking what waits. */
export async function readPublication({ head, objects }: Pick<LogDeps, "head" | "objects">): Promise<State> {
    const [found, applied, published, checkpoint] = await Promise.all([
        readHead(head),
        readProgress(head, "applied"),
        readProgress(head, "published"),
        objects.get("checkpoint"),
    ]);
    return { head: found, applied, published, checkpoint };
}
