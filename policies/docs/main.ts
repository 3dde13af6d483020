import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { page, type Sources } from "./page";

/** `node --require ./scripts/register.cjs policies/docs/main.ts` writes docs/policies.md. */

export const PAGE = join(__dirname, "..", "..", "docs", "policies.md");

export function readSources(): Sources {
    return {
        guide: readFileSync(join(__dirname, "guide.md"), "utf8"),
        settings: readFileSync(join(__dirname, "..", "settings.ts"), "utf8"),
    };
}

if (require.main === module) {
    page(readSources()).then(
        (text) => writeFileSync(PAGE, text),
        (error: unknown) => {
            process.stderr.write(`${(error as Error).message}\n`);
            process.exitCode = 1;
        },
    );
}
