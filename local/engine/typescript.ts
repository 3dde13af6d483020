import Module, { createRequire } from "node:module";
import { load } from "../../scripts/typescript-loader.cjs";

type Extensions = Record<string, typeof load | undefined>;

/**
 * Loads a TypeScript module, and what it imports, natively: as `pulumi up` would. For the time of the call only, so that a test
 * runner's own loader is left as it was.
 */
export function loadTypeScript(entry: string): unknown {
    const extensions = (Module as unknown as { _extensions: Extensions })._extensions;
    const before = extensions[".ts"];
    extensions[".ts"] = load;
    try {
        return createRequire(entry)(entry);
    } finally {
        extensions[".ts"] = before;
    }
}
