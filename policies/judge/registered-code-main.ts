import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type ProgramRun, registeredCode } from "./registered-code";

/**
 * A process of its own, because one program runs in one: JSON of a ProgramRun in, JSON of digests out by a pipe of its own, since a program
 * may print what it likes.
 */
const ANSWER = 3;

void registeredCode(join(__dirname, "..", ".."), JSON.parse(readFileSync(0, "utf8")) as ProgramRun).then(
    (digests) => writeFileSync(ANSWER, JSON.stringify(digests)),
    (error: Error) => {
        process.stderr.write(error.message);
        process.exit(1); // the runtime would throw it once more
    },
);
