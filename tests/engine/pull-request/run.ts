import { execFile } from "node:child_process";

export interface Ended {
    readonly status: number;
    readonly stdout: string;
    readonly stderr: string;
}

/** Ends with whatever the command ended with; never throws. */
export function run(
    command: string,
    args: readonly string[],
    at: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ended> {
    return new Promise((done) =>
        execFile(command, args, { ...at, maxBuffer: 1 << 26 }, (error, stdout, stderr) =>
            done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
        ),
    );
}
