import { createRequire } from "node:module";
import { join, sep } from "node:path";

/**
 * Loads our sources as `pulumi up` does: natively, through ts-node, as CommonJS. Vite renames captured imports, and what it
 * loads cannot be serialized (the failure is an unhandled rejection, and the test hangs).
 */
export const ROOT = join(__dirname, "..", "..");

const native = createRequire(__filename);

/** @param path below the repository's root */
export function loadNative<Module = Record<string, unknown>>(path: string): Module {
    registerTypeScript();
    return native(join(ROOT, path)) as Module;
}

/** From node_modules: the instance that natively loaded sources see. */
export function requireNative<Module>(name: string): Module {
    return native(name) as Module;
}

/** A cached module registers nothing, so each run of a program starts without our sources. */
export function purgeSources(): void {
    for (const file of Object.keys(native.cache)) {
        const ours = file.startsWith(ROOT + sep) && !file.includes(`${sep}node_modules${sep}`);
        if (ours) delete native.cache[file];
    }
}

function registerTypeScript(): void {
    const registered = Symbol.for("ts-node.register.instance") in process;
    if (registered) return;
    const { register } = native("ts-node") as typeof import("ts-node");
    register({ transpileOnly: true, project: join(ROOT, "tsconfig.json"), cwd: ROOT });
}
