import { readFile, writeFile } from "node:fs/promises";
import { usageError } from "./exit";

/** All that a command does to the world besides the network. Results go to standard output, everything else to standard error. */
export interface Io {
    /** @throws usage, if it cannot be read */
    read(path: string): Promise<Uint8Array>;
    /** Creates the file; never writes into one that exists. @throws usage, if it exists or cannot be written */
    create(path: string, bytes: Uint8Array): Promise<void>;
    out(line: string): void;
    err(line: string): void;
    readonly env: Readonly<Record<string, string | undefined>>;
    readonly stderr: NodeJS.WriteStream;
}

export function processIo(): Io {
    return {
        read: async (path) => {
            const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
                throw usageError(`cannot read ${JSON.stringify(path)} (${error.code}), expected a file`);
            });
            return new Uint8Array(bytes);
        },
        create: async (path, bytes) => {
            // wx: the decision that nothing is there and the creation are one.
            await writeFile(path, bytes, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
                const reason = error.code === "EEXIST" ? "it exists already, and nothing is overwritten" : error.code;
                throw usageError(`cannot write ${JSON.stringify(path)}: ${reason}`);
            });
        },
        out: (line) => void process.stdout.write(`${line}\n`),
        err: (line) => void process.stderr.write(`${line}\n`),
        env: process.env,
        stderr: process.stderr,
    };
}
