import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import Module, { createRequire } from "node:module";
import { join } from "node:path";

const ROOT = join(__dirname, "..", "..");
const CONFIG = join(ROOT, "tsconfig.json");
const CACHE = join(ROOT, "node_modules", ".cache", "countersign", "typescript");

type Loader = (module: { _compile(code: string, file: string): void }, file: string) => void;

/**
 * Loads a TypeScript module natively, as ts-node does it for `pulumi up`: the same compiler, options and output, byte for
 * byte, on which function serialization depends. What was compiled once is kept by its content: a run of the engine
 * purges and loads a hundred files each time, and compiling them takes longer than all else that the program does.
 */
export function loadTypeScript(entry: string): unknown {
    const extensions = (Module as unknown as { _extensions: Record<string, Loader | undefined> })._extensions;
    const before = extensions[".ts"];
    extensions[".ts"] = (module, file) => module._compile(compiled(file), file);
    try {
        return createRequire(entry)(entry);
    } finally {
        extensions[".ts"] = before;
    }
}

const memory = new Map<string, string>();

function compiled(file: string): string {
    const source = readFileSync(file, "utf8");
    const key = createHash("sha256").update([settings(), file, source].join("\0")).digest("hex");
    const code = memory.get(key) ?? stored(key) ?? store(key, compiler().compile(source, file));
    memory.set(key, code);
    return code;
}

function stored(key: string): string | undefined {
    try {
        return readFileSync(join(CACHE, `${key}.js`), "utf8");
    } catch {
        return undefined;
    }
}

/** Under another name first: a reader must never see half a file. */
function store(key: string, code: string): string {
    mkdirSync(CACHE, { recursive: true });
    const part = join(CACHE, `.${key}.${process.pid}`);
    writeFileSync(part, code);
    renameSync(part, join(CACHE, `${key}.js`));
    return code;
}

/** Versions and options: with others, another output. */
let known: string | undefined;
function settings(): string {
    const { version } = createRequire(CONFIG)("typescript/package.json") as { version: string };
    return (known ??= `${version} ${readFileSync(CONFIG, "utf8")}`);
}

let made: { compile(code: string, file: string): string } | undefined;
function compiler(): NonNullable<typeof made> {
    const { create } = createRequire(CONFIG)("ts-node") as typeof import("ts-node");
    return (made ??= create({ transpileOnly: true, project: CONFIG, cwd: ROOT }));
}
