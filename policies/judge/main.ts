import { run } from "./command";

/** What could not be printed was not said, so the answer to it is 3. */
let unprinted = false;

// A reader that has seen enough (`| head`) closes the pipe. It is no failure, and the judgement stands.
for (const stream of [process.stdout, process.stderr])
    stream.on("error", ({ code, message }: NodeJS.ErrnoException) => {
        if (code === "EPIPE" || stream === process.stderr) return;
        unprinted = true;
        process.exitCode = 3;
        process.stderr.write(`cannot be decided: cannot print: ${message}\n`);
    });

void run(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
}).then((status) => {
    if (!unprinted) process.exitCode = status;
});
