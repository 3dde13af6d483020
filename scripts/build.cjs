// Bundles the programs that start as processes of their own, so that each starts in a fraction of a second. The Pulumi
// program is not among them: function serialization needs its modules as they are (docs/architecture.md).
"use strict";
const fs = require("node:fs");
const path = require("node:path");
const esbuild = require("esbuild");

const root = path.resolve(__dirname, "..");

/** entry -> output; entries that do not exist in a checkout are an error, never skipped */
const PROGRAMS = {
    "local/gateway/main.ts": "dist/gateway.js",
    "local/provider/main.ts": "dist/provider.js",
    "cli/main.ts": "dist/cli.js",
    "policies/index.ts": "policies/bin/index.js",
    "policies/judge/main.ts": "dist/policy.js",
};

for (const [entry, outfile] of Object.entries(PROGRAMS)) {
    esbuild.buildSync({
        absWorkingDir: root,
        entryPoints: [entry],
        outfile,
        bundle: true,
        platform: "node",
        target: "node24",
        format: "cjs",
        sourcemap: true,
        packages: "external",
        logLevel: "warning",
    });
    if (entry.startsWith("cli/")) fs.chmodSync(path.join(root, outfile), 0o755);
}
