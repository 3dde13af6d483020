import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { benign } from "./clean";
import { GROUPS } from "./groups";
import { notices } from "./notices";
import { mutantsPage } from "./page";

/** `npm run docs:mutants` writes docs/mutants.md. */

export const MUTANTS_PAGE = join(__dirname, "..", "..", "..", "docs", "mutants.md");

export function currentPage(): string {
    return mutantsPage({ mutants: GROUPS.flatMap(([, mutants]) => mutants), notices, benign });
}

if (require.main === module) writeFileSync(MUTANTS_PAGE, currentPage());
