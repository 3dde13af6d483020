import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { quote } from "../lib/encoding";
import { codedError } from "../lib/errors";

/** Types only: a module is loaded when its code has to be serialized, not at each preview. */
interface Lambdas {
    readonly assemble: typeof import("../lambdas/assemble");
    readonly intake: typeof import("../lambdas/intake");
    readonly prepare: typeof import("../lambdas/prepare");
    readonly publish: typeof import("../lambdas/publish");
    readonly recheck: typeof import("../lambdas/recheck");
    readonly reconciler: typeof import("../lambdas/reconciler");
    readonly sequencer: typeof import("../lambdas/sequencer");
    readonly sign: typeof import("../lambdas/sign");
    readonly verify: typeof import("../lambdas/verify");
}

export type LambdaName = keyof Lambdas;
export type LambdaOptions<Name extends LambdaName> = Parameters<Lambdas[Name]["createHandler"]>[0];

/** `createHandler` of `lambdas/MODULE`, and the options that are compiled into the function's code. */
export interface LambdaHandler {
    readonly module: LambdaName;
    readonly options: unknown;
}

/** @param options plain data: whatever else were in reach would be serialized with it */
export function lambdaHandler<Name extends LambdaName>(module: Name, options: LambdaOptions<Name>): LambdaHandler {
    return { module, options };
}

/**
 * A handler as one CommonJS module, which calls `createHandler(options)` when Lambda loads it and exports its answer as
 * `handler`. The same bytes for the same sources; the AWS SDK comes with Lambda's runtime.
 *
 * Serializing looks up each captured name through V8's inspector: 0.5 to 1.2 s a function, 6 s for all (measured). So the text
 * of `createHandler` is kept beside the packages, under a hash of all that it depends on, and a preview that changes no source
 * reads it. Options are no part of it: they follow as the last line, where a reviewer finds them.
 *
 * It does what `lambda.CallbackFunction` does with a `callbackFactory`, without its packing of dependencies, which costs 0.2 s a
 * function to find that there are none (measured), without its nine full-access policies where a role is forgotten, and
 * refusing a captured secret, of which it only warns.
 *
 * Rejects if the handler reaches a secret Output: its value would be plain text in the archive.
 *
 * @param folder where texts are kept; null serializes anew
 * @throws InlineCodeFromNodeModules
 */
export async function inlineCode(handler: LambdaHandler, folder: string | null = CACHE): Promise<string> {
    refuseNodeModules(__dirname);
    return withOptions(await factoryCode(handler.module, folder), handler.options);
}

async function factoryCode(module: LambdaName, folder: string | null): Promise<string> {
    if (folder === null) return serializeModule(module);
    const path = join(folder, `${codeKey(module)}.js`);
    const known = readIfThere(path);
    if (known !== undefined) return known;
    const text = await serializeModule(module);
    keep(path, text);
    return text;
}

async function serializeModule(module: LambdaName): Promise<string> {
    const { createHandler } = require(`../lambdas/${module}`) as { createHandler: Factory };
    return serialize(createHandler);
}

type Factory = (options: unknown) => unknown;

/** @throws if the factory reaches a secret Output */
export async function serialize(createHandler: Factory): Promise<string> {
    const { text } = await pulumi.runtime.serializeFunction(createHandler, {
        exportName: "createHandler",
        allowSecrets: false,
    });
    return text;
}

/** Calls the factory when Lambda loads the module, once per cold start. JSON is JavaScript (ECMA-262 since 2019). */
export function withOptions(factory: string, options: unknown): string {
    return `${factory}\nexports.handler = exports.createHandler(${JSON.stringify(options) ?? ""});\n`;
}

const ROOT = join(__dirname, "..");
const CACHE = join(ROOT, "node_modules", ".cache", "countersign", "inline-code");

/** Hash of what a text depends on: our sources, how they are compiled, and who serializes. */
export function codeKey(module: LambdaName, root = ROOT): string {
    const hash = createHash("sha256");
    // With their lengths, so that no part can pass for two.
    const add = (part: string) => hash.update(`${Buffer.byteLength(part)}:`).update(part);
    for (const path of [...sourcesIn(root, "lambdas"), ...sourcesIn(root, "lib"), ...COMPILED_BY]) {
        add(path);
        add(readFileSync(join(root, path), "utf8"));
    }
    for (const name of ["@pulumi/pulumi", "typescript", "ts-node"]) add(versionOf(name));
    add(process.version);
    add(module);
    return hash.digest("hex");
}

const COMPILED_BY = ["tsconfig.json", "tsconfig.pulumi.json", "components/inline-code.ts"];

function sourcesIn(root: string, folder: string): string[] {
    return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
        .filter((path) => path.endsWith(".ts"))
        .map((path) => join(folder, path))
        .sort();
}

function versionOf(name: string): string {
    return (require(`${name}/package.json`) as { version: string }).version;
}

/** Whole or not at all: another process may read at any moment. What cannot be kept is made again. */
function keep(path: string, text: string): void {
    try {
        mkdirSync(dirname(path), { recursive: true });
        const part = `${path}.${process.pid}.part`;
        writeFileSync(part, text);
        renameSync(part, path);
    } catch {
        // A checkout that cannot be written to deploys all the same.
    }
}

function readIfThere(path: string): string | undefined {
    try {
        return readFileSync(path, "utf8");
    } catch {
        return undefined;
    }
}

/**
 * Pulumi serializes a module under node_modules as a `require` of a package that is not in the archive, so the function would
 * fail in Lambda at its first call.
 *
 * @throws InlineCodeFromNodeModules
 */
export function refuseNodeModules(directory: string): void {
    if (directory.split(sep).includes("node_modules")) {
        throw codedError(
            "InlineCodeFromNodeModules",
            `${quote(directory)} is under node_modules, expected a checkout: inline functions cannot be made from an installed package`,
        );
    }
}
