import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Runs async processes one operation at a time, in an order of the seed: each operation waits at its yield point until it is its turn.
 * A process can die, which is to wait for ever.
 */
export class Scheduler {
    private readonly current = new AsyncLocalStorage<Process>();
    private readonly processes = new Set<Process>();

    public constructor(private readonly random: () => number) {}

    /** To be called before each operation of a store. Outside of any process it does not wait. */
    public readonly yieldPoint = (): Promise<void> => {
        const process = this.current.getStore();
        return process ? new Promise((resolve) => process.waiting.push(resolve)) : Promise.resolve();
    };

    public start(run: () => Promise<unknown>): void {
        const process: Process = { waiting: [] };
        this.processes.add(process);
        const end = (): boolean => this.processes.delete(process);
        this.current.run(process, () => void run().then(end, end));
    }

    public get running(): number {
        return this.processes.size;
    }

    /** Lets one random process do one random operation of those it has under way. */
    public async step(): Promise<void> {
        const process = pick([...this.processes], this.random);
        if (process) await this.advance(process);
    }

    public kill(): void {
        const process = pick([...this.processes], this.random);
        if (process) this.processes.delete(process);
    }

    private async advance(process: Process): Promise<void> {
        const at = Math.floor(this.random() * process.waiting.length);
        process.waiting.splice(at, 1)[0]?.();
        // Whatever follows from it, up to the next operations.
        await new Promise((resolve) => setImmediate(resolve));
    }
}

interface Process {
    readonly waiting: (() => void)[];
}

function pick<T>(items: readonly T[], random: () => number): T | undefined {
    return items[Math.floor(random() * items.length)];
}
