import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { loadTypeScript } from "./typescript";

/** What a program exports, as the engine takes it for the stack's outputs. */
export type Program = () => Promise<Record<string, unknown>>;

const ROOT = join(__dirname, "..", "..");

/** Never purged: packages (one instance of the SDK for all), and the code that runs the program. */
const KEPT = ["node_modules", "dist", "local", "tests"].map((folder) => join(ROOT, folder) + sep);

/**
 * An inline program that runs a TypeScript file as `pulumi up` would: natively, through ts-node, without type check.
 *
 * Each run loads it afresh. A module that is cached registers nothing, and the run is green with one resource (measured).
 *
 * @param entry absolute path, for example of index.ts
 */
export function programFrom(entry: string): Program {
    return async () => {
        purgeSources(createRequire(entry).cache, dirname(entry));
        const loaded = loadTypeScript(entry) as Record<string, unknown> | Program;
        // `pulumi up` calls an exported function, and takes its answer.
        const exported = typeof loaded === "function" ? await loaded() : loaded;
        return Object.fromEntries(
            Object.entries(exported).filter(([name]) => name !== "default" && name !== "__esModule"),
        );
    };
}

function purgeSources(cache: NodeJS.Dict<NodeModule>, folder: string): void {
    for (const file of Object.keys(cache)) {
        const ours = file.startsWith(ROOT + sep) || file.startsWith(folder + sep);
        if (ours && !file.includes(`${sep}node_modules${sep}`) && !KEPT.some((kept) => file.startsWith(kept))) {
            delete cache[file];
        }
    }
}
