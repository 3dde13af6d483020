#!/usr/bin/env node
// What a preview plans, in the form of `pulumi stack export`, which `npm run policy` judges:
//
//     pulumi preview --json --show-sames > preview.json
//     node planned.mjs preview.json > planned.json
//
// The export of the stack itself says what is deployed, and nothing of the request. Values that only `up` will know stay unknown: the
// preview writes them as an export would.
import { readFileSync } from "node:fs";

/** Stands for a value that only `up` will know, in previews and exports. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** Secrets come as this text. Judged as if it were the value, it might pass: so it is unknown. */
const SECRET = "[secret]";

/** Operations after which a resource is there, and after which it is not. Any other is refused, not left out. */
const STAYS = [
    "create",
    "same",
    "update",
    "replace",
    "create-replacement",
    "read",
    "read-replacement",
    "refresh",
    "import",
    "import-replacement",
];
const GOES = ["delete", "delete-replaced", "read-discard", "discard", "discard-replaced", "remove-pending-replace"];

/** Operations that leave a resource the one it was, with the id, ARN and the like that AWS gave it. */
const KEEPS = ["same", "update", "refresh"];

function planned({ steps, diagnostics = [] }) {
    if (!Array.isArray(steps) || steps.length === 0)
        throw new Error("no steps, expected the JSON of `pulumi preview --json`");
    const failed = diagnostics.find(({ severity }) => severity === "error");
    if (failed !== undefined)
        throw new Error("the preview failed, so what it plans is not whole: the lines above say why");
    const resources = new Map();
    for (const { op, urn, provider, oldState, newState } of steps) {
        if (GOES.includes(op)) continue;
        if (!STAYS.includes(op)) throw new Error(`operation ${JSON.stringify(op)} of a step is not known`);
        if (typeof newState?.urn !== "string" || newState.urn !== urn) throw new Error("a step has no new state");
        // The last step of a resource is what becomes of it. The provider stands beside the state.
        const outputs = KEEPS.includes(op) ? computed(oldState, newState) : {};
        resources.set(urn, withoutSecrets({ ...newState, outputs, ...(provider && { provider }) }));
    }
    return { version: 3, deployment: { resources: [...resources.values()] } };
}

/** A preview's new states have no outputs. Of what the program sets, or did, the old value would hide the new one. */
function computed(before, after) {
    const set = new Set([before, after].flatMap((state) => Object.keys(state?.inputs ?? {})));
    return Object.fromEntries(Object.entries(before?.outputs ?? {}).filter(([name]) => !set.has(name)));
}

function withoutSecrets(value) {
    if (value === SECRET) return UNKNOWN;
    if (Array.isArray(value)) return value.map(withoutSecrets);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecrets(inner)]));
}

try {
    process.stdout.write(JSON.stringify(planned(JSON.parse(readFileSync(process.argv[2] ?? "", "utf8")))));
} catch (error) {
    console.error(`planned: ${error.message}`);
    process.exitCode = 3;
}
