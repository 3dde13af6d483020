// Loads TypeScript as the Pulumi language host does: ts-node, CommonJS, no type check (`npm run typecheck` does that).
"use strict";
require("ts-node").register({
    transpileOnly: true,
    project: require("node:path").join(__dirname, "..", "tsconfig.json"),
});
