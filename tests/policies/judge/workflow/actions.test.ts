/**
 * A weakened workflow of GitHub or Forgejo is found. Proves nothing about what a forge's runner does with a file, nor about scripts
 * beyond the commands that are written in them.
 */
import { describe } from "vitest";
import { eachIsFound, type Mutant } from "./mutants";

const actions: Mutant[] = ["github.yml", "forgejo.yml"].flatMap((file): Mutant[] => [
    ["pull_request_target", file, /^ {4}pull_request:/m, "    pull_request_target:", /runs on pull_request_target/],
    [
        "pull_request_target beside",
        file,
        /^ {4}pull_request:/m,
        "    pull_request:\n    pull_request_target:",
        /runs on pull_request_target/,
    ],
    [
        "a comment as trigger",
        file,
        /^ {4}pull_request:/m,
        "    pull_request:\n    issue_comment:",
        /runs on issue_comment/,
    ],
    ["forks in the preview", file, /^ {8}if: github\.event.*$/m, "", /preview: runs for forks' requests/],
    ["forks by an or", file, /^( {8}if: github\.event.*)$/m, "$1 || true", /preview: runs for forks' requests/],
    ["forks by a negation", file, /^( {8}if: github\.event[^\n]*) == /m, "$1 != ", /preview: runs for forks' requests/],
    ["forks in the comment", file, / && github\.event.*head[^}]*/, " ", /comment: runs for forks' requests/],
    ["no permissions", file, /^permissions:\n {4}contents: read\n/m, "", /no permissions/],
    [
        "all permissions",
        file,
        /^permissions:\n {4}contents: read\n/m,
        "permissions: write-all\n",
        /write-all of the workflow/,
    ],
    [
        "writing contents",
        file,
        /(preview:[^]*?permissions:\n\s+contents: )read/,
        "$1write",
        /permission contents: write|both|one of them/,
    ],
    [
        "writing packages",
        file,
        /(preview:[^]*?contents: read\n)/,
        "$1            packages: write\n",
        /permission packages: write/,
    ],
    [
        "role and comment in one job",
        file,
        /(id-token: write\n)/,
        "$1            pull-requests: write\n",
        /an identity token and a token that writes/,
    ],
    [
        "a secret",
        file,
        'PULUMI_CONFIG_PASSPHRASE: ""',
        "PULUMI_CONFIG_PASSPHRASE: ${{ secrets.PASSPHRASE }}",
        /a secret is named/,
    ],
    [
        "continue-on-error on the job",
        file,
        /^ {8}timeout-minutes: 20/m,
        "        timeout-minutes: 20\n        continue-on-error: true",
        /continue-on-error/,
    ],
    [
        "continue-on-error on a step",
        file,
        "              id: policy",
        "              id: policy\n              continue-on-error: true",
        /continue-on-error/,
    ],
    [
        "an expression in a script",
        file,
        "status=0\n",
        "status=0; echo ${{ github.head_ref }}\n",
        /an expression in a script/,
    ],
    [
        "an option by the environment",
        file,
        "            STACK: dev",
        "            STACK: dev\n            PULUMI_OPTION_POLICY_PACK: none",
        /PULUMI_OPTION_POLICY_PACK/,
    ],
    [
        "an action by tag",
        file,
        "            - run: npm ci",
        "            - uses: actions/setup-node@v4\n            - run: npm ci",
        /actions\/setup-node@v4 is not pinned/,
    ],
    [
        "an action by short commit",
        file,
        "            - run: npm ci",
        "            - uses: a/b@11bd719\n            - run: npm ci",
        /not pinned by a full commit/,
    ],
    [
        "a called workflow",
        file,
        /^jobs:/m,
        "jobs:\n    other:\n        uses: a/b/.github/workflows/c.yml@main",
        /another workflow is called/,
    ],
]);

const github: Mutant[] = [
    [
        "checkout that leaves its token",
        "github.yml",
        "persist-credentials: false",
        "persist-credentials: true",
        /leaves its token/,
    ],
    ["checkout by branch", "github.yml", /checkout@[0-9a-f]{40}/, "checkout@main", /not pinned by a full commit/],
    ["a push to any branch", "github-deploy.yml", "branches: [main]", 'branches: ["**"]', /push to any branch/],
    ["a push to all", "github-deploy.yml", /push:\n\s+branches: \[main\]/, "push:", /push to any branch/],
    ["two branches", "github-deploy.yml", "branches: [main]", "branches: [main, dev]", /push to any branch/],
    [
        "an update that is cut off",
        "github-deploy.yml",
        "cancel-in-progress: false",
        "cancel-in-progress: true",
        /cuts an update off/,
    ],
    ["requests that deploy", "github-deploy.yml", "on:\n", "on:\n    pull_request:\n", /an update on a request|forks/],
    [
        "identity tokens for all",
        "forgejo-deploy.yml",
        "\njobs:",
        "\nenable-openid-connect: true\njobs:",
        /every job gets an identity token/,
    ],
    [
        "other commands",
        "github-deploy.yml",
        "sh examples/pull-request/deploy.sh",
        "npx pulumi up --yes --skip-preview",
        /without --policy-pack/,
    ],
];

describe("a weakened workflow of github or forgejo is found", () => eachIsFound([...actions, ...github], 49));
