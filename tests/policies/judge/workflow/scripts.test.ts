/**
 * A script that runs the pack less than whole is found. Proves nothing about what a forge's runner does with a file, nor about scripts
 * beyond the commands that are written in them.
 */
import { describe } from "vitest";
import { eachIsFound, type Mutant } from "./mutants";

const PACK = /\s*\\\n\s*--policy-pack policies --policy-pack-config "\$work\/pack\.json"/;
const UP_PACK = /(up --non[^\n]*--refresh) \\\n\s*--policy-pack policies --policy-pack-config "\$work\/pack\.json"/;
const CHECK = /npm run --silent policy -- check-config "\$work\/pack\.json"/;

const scripts: Mutant[] = [
    ["a preview without the pack", "preview.sh", PACK, "", /no preview under the pack/],
    ["a preview under another pack", "preview.sh", "--policy-pack policies", "--policy-pack mine", /no preview under/],
    ["a pack without configuration", "preview.sh", /--policy-pack-config "[^"]*"/, "", /no preview under the pack/],
    [
        "another configuration than the checked one",
        "preview.sh",
        /--policy-pack-config "[^"]*"/,
        "--policy-pack-config x.json",
        /another file/,
    ],
    ["no check-config", "preview.sh", CHECK, "true", /no check-config before/],
    [
        "check-config in a comment",
        "preview.sh",
        /npm run --silent policy -- check-config/,
        "# check-config",
        /no check-config/,
    ],
    ["a swallowed check-config", "preview.sh", ">&2 || exit 3", "|| true", /result of check-config is swallowed/],
    ["a swallowed preview", "preview.sh", "|| pack=$?", "|| true", /the pack's refusal is swallowed/],
    ["an update on a request", "preview.sh", "pack=0\n", "npx pulumi up --yes\npack=0\n", /an update on a request/],
    ["a script that goes on", "preview.sh", "set -eu", "set -u", /goes on after a failure/],
    ["a destroy", "preview.sh", "pack=0\n", "pulumi destroy --yes\npack=0\n", /pulumi destroy, which no pack judges/],
    ["an update without the pack", "deploy.sh", UP_PACK, "$1", /an update without --policy-pack/],
    ["--skip-preview", "deploy.sh", "up --non-interactive", "up --skip-preview --non-interactive", /--skip-preview/],
    ["--skip-preview, short", "deploy.sh", "up --non-interactive", "up -f --non-interactive", /--skip-preview/],
    ["no refresh", "deploy.sh", / --refresh \\/g, " \\", /no preview --refresh/],
    ["no refresh, said so", "deploy.sh", / --refresh \\/g, " --refresh=false \\", /no preview --refresh/],
    [
        "no preview before",
        "deploy.sh",
        /npx --no-install pulumi preview[^\n]*\\\n[^\n]*\n/,
        "",
        /no preview under the pack/,
    ],
    [
        "a preview after the update",
        "deploy.sh",
        /(npx[^\n]* preview[^\n]*\\\n[^\n]*\n)(npx[^\n]* up[^\n]*\\\n[^\n]*\n)/,
        "$2$1",
        /update comes before/,
    ],
    [
        "check-config after the update",
        "deploy.sh",
        new RegExp(`${CHECK.source}\\n([^]*)$`),
        'true\n$1\nnpm run policy -- check-config "$work/pack.json"\n',
        /no check-config before/,
    ],
    ["an update that may fail", "deploy.sh", /(up --non[^\n]*\\\n[^\n]*)\n/, "$1 || true\n", /refusal is swallowed/],
    ["an update in the background", "deploy.sh", /(up --non[^\n]*\\\n[^\n]*)\n/, "$1 &\n", /refusal is swallowed/],
    [
        "an update whose status a pipe takes",
        "deploy.sh",
        /(up --non[^\n]*\\\n[^\n]*)\n/,
        "$1 | cat\n",
        /refusal is swallowed/,
    ],
];

describe("a script that runs the pack less than whole is found", () => eachIsFound(scripts, 22));
