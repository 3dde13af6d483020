import type { AttemptStore } from "../../lambdas/signing/attempts";
import type { Fault } from "./memory-stores";

/** One write to the signers' table, as a fault sees it. */
export interface AttemptWrite {
    readonly id: string;
    readonly body: string;
}

/** The signers' table, whose writes fail on demand and whose readers may be interleaved. */
export class MemoryAttempts implements AttemptStore {
    public readonly items = new Map<string, { readonly revision: number; readonly body: string }>();
    public fault: (write: AttemptWrite) => Fault | undefined = () => undefined;
    /** Runs before each operation: other processes get their turn here. */
    public yieldPoint: () => Promise<void> = () => Promise.resolve();

    public async get(id: string): Promise<{ readonly revision: number; readonly body: string } | undefined> {
        await this.yieldPoint();
        return this.items.get(id);
    }

    public async put(id: string, body: string, expected: number): Promise<boolean> {
        await this.yieldPoint();
        const fault = this.fault({ id, body });
        if (fault === "lost") throw new Error(`put ${id}: connection lost`);
        const found = this.items.get(id);
        const fits = (found?.revision ?? 0) === expected;
        if (fits) this.items.set(id, { revision: expected + 1, body });
        if (fault === "applied") throw new Error(`put ${id}: connection lost`);
        return fits || (found?.revision === expected + 1 && found.body === body);
    }

    /** Bodies whose id starts so. */
    public bodies<T>(prefix: string): T[] {
        return [...this.items].filter(([id]) => id.startsWith(prefix)).map(([, { body }]) => JSON.parse(body) as T);
    }
}
