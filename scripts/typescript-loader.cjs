// Compiles TypeScript as ts-node does it for `pulumi up`: the same compiler, options and output, byte for byte, on which
// function serialization depends. What was compiled once is kept by its content under node_modules/.cache: a run of the
// engine purges and loads a hundred files each time, and compiling them takes longer than all else that the program does.
"use strict";
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");
const CONFIG = path.join(ROOT, "tsconfig.json");
const CACHE = path.join(ROOT, "node_modules", ".cache", "countersign", "typescript");

const memory = new Map();
let settings;
let compiler;

/** A value for `require.extensions[".ts"]`. */
function load(module, file) {
    module._compile(compiled(file), file);
}

function compiled(file) {
    const source = fs.readFileSync(file, "utf8");
    // Versions and options: with others, another output.
    settings ??= `${require("typescript/package.json").version} ${fs.readFileSync(CONFIG, "utf8")}`;
    const key = createHash("sha256").update([settings, file, source].join("\0")).digest("hex");
    const code = memory.get(key) ?? stored(key) ?? store(key, compile(source, file));
    memory.set(key, code);
    return code;
}

function stored(key) {
    try {
        return fs.readFileSync(path.join(CACHE, `${key}.js`), "utf8");
    } catch {
        return undefined;
    }
}

/** Under another name first: a reader must never see half a file. */
function store(key, code) {
    fs.mkdirSync(CACHE, { recursive: true });
    const part = path.join(CACHE, `.${key}.${process.pid}`);
    fs.writeFileSync(part, code);
    fs.renameSync(part, path.join(CACHE, `${key}.js`));
    return code;
}

/** ts-node itself is loaded only where something is new. */
function compile(source, file) {
    compiler ??= require("ts-node").create({ transpileOnly: true, project: CONFIG, cwd: ROOT });
    return compiler.compile(source, file);
}

module.exports = { load };
