// Loads TypeScript as the Pulumi language host does: natively, CommonJS, no type check (`npm run typecheck` does that).
"use strict";
require.extensions[".ts"] = require("./typescript-loader.cjs").load;
