// Loads TypeScript as the Pulumi language host does: natively, CommonJS, no type check (`npm run typecheck` does that).
"use strict";
const path = require("node:path");
// Older Node gets here too, before it hands over to the project's own.
require("node:module").enableCompileCache?.(
    path.join(__dirname, "..", "node_modules", ".cache", "countersign", "bytecode"),
);
require.extensions[".ts"] = require("./typescript-loader.cjs").load;
