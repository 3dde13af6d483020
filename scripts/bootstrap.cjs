// Makes `npm test` and `npm run local` work on a fresh clone. Plain JavaScript that Node 20 runs, because it comes
// before everything else: it installs the locked packages, among them the Node that all other scripts run on.
"use strict";
const { spawnSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");

const root = path.resolve(__dirname, "..");
const bin = path.join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
const stamp = path.join(root, "node_modules", ".countersign-lock");

main();

function main() {
    const manifest = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8"));
    install();
    assertNode(manifest.devDependencies.node);
    build();
}

/** `npm ci`, once per lockfile: the stamp is written last, so an interrupted installation is repeated. */
function install() {
    const wanted = createHash("sha256")
        .update(fs.readFileSync(path.join(root, "package-lock.json")))
        .digest("hex");
    if (fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8") === wanted) return;
    const started = Date.now();
    say("installing the locked npm packages ...");
    const result = run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"]);
    if (result !== 0) {
        fail(
            `"npm ci" ended with status ${result}, expected 0`,
            "read npm's message above; a registry that holds the packages of package-lock.json is needed once",
        );
    }
    fs.writeFileSync(stamp, wanted);
    say(`installed in ${seconds(started)} s`);
}

function assertNode(version) {
    const found = spawnSync(bin, ["--version"], { encoding: "utf8", shell: process.platform === "win32" });
    if (found.status === 0 && found.stdout.trim() === `v${version}`) return;
    const saw = found.status === 0 ? found.stdout.trim() : "no node that runs";
    fail(
        `node_modules/.bin/node is ${saw}, expected v${version}`,
        'allow the install script of the package "node" (package.json "allowScripts"; no "ignore-scripts"), remove node_modules, try again',
    );
}

function build() {
    const status = spawnSync(bin, [path.join(__dirname, "build.cjs")], {
        stdio: ["ignore", 2, 2],
        cwd: root,
        shell: process.platform === "win32",
    }).status;
    if (status !== 0) fail(`scripts/build.cjs ended with status ${status}, expected 0`, "its message is above");
}

function run(command, args) {
    // Standard output stays free for what the script itself prints (`--json`).
    const env = { ...process.env, npm_config_ignore_scripts: "false" };
    return spawnSync(command, args, {
        cwd: root,
        env,
        stdio: ["ignore", 2, 2],
        shell: process.platform === "win32",
    }).status;
}

function seconds(since) {
    return ((Date.now() - since) / 1000).toFixed(1);
}

function say(text) {
    process.stderr.write(`countersign: ${text}\n`);
}

function fail(what, todo) {
    say(`cannot prepare the project: ${what}; ${todo}`);
    process.exit(1);
}
