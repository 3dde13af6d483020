/**
 * The example workflows run the pack whole (T85 to T88), and each weakening of them is found. Proves nothing about what a forge's runner
 * does with a file, nor about scripts beyond the commands that are written in them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandsOf } from "../../../policies/judge/workflow/shell";
import { workflowProblems } from "../../../policies/judge/workflow/check";
import { ROOT } from "../../support/native";
import { folder, policy } from "./command";

const FOLDER = "examples/pull-request";
const read = (file: string): string => readFileSync(join(ROOT, file), "utf8");
const PREVIEWS = ["github.yml", "forgejo.yml", "gitlab-ci.yml"];
const DEPLOYS = ["github-deploy.yml", "forgejo-deploy.yml", "gitlab-deploy.yml"];

type Mutant = [what: string, file: string, from: string | RegExp, to: string, found: RegExp];

/** In the workflow, or in a script that it calls. */
function problemsOf([, file, from, to]: Mutant): string[] {
    let changed = 0;
    const edit = (path: string): string => {
        // A script that one might add.
        const text = path.endsWith("/comment.sh") ? "set -e\npulumi up --yes\n" : read(path);
        if (!path.endsWith(`/${file}`)) return text;
        const now = text.replace(from, to);
        if (now !== text) changed++;
        return now;
    };
    const workflow = file === "preview.sh" ? "github.yml" : file === "deploy.sh" ? "github-deploy.yml" : file;
    const found = workflowProblems(edit(`${FOLDER}/${workflow}`), edit);
    expect(changed).toBeGreaterThan(0);
    return found;
}

describe("the example workflows", () => {
    it.each([...PREVIEWS, ...DEPLOYS])("%s weakens nothing", (file) =>
        expect(workflowProblems(read(`${FOLDER}/${file}`), read)).toEqual([]),
    );

    it("are what the command says of them", async () => {
        const files = [...PREVIEWS, ...DEPLOYS].map((file) => join(FOLDER, file));
        expect(process.cwd()).toBe(ROOT);
        expect(await policy("check-workflow", ...files)).toEqual({
            status: 0,
            stdout: "no workflow weakens the pack\n",
            stderr: "",
        });
    });
});

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

const hidden: Mutant[] = [
    [
        "Pulumi by an action",
        "github-deploy.yml",
        "            - run: npm ci",
        `            - uses: pulumi/actions@${"a".repeat(40)}\n            - run: npm ci`,
        /Pulumi by an action/,
    ],
    [
        "another script beside",
        "github-deploy.yml",
        "            - run: npm ci",
        "            - run: ./examples/pull-request/comment.sh\n            - run: npm ci",
        /an update without --policy-pack/,
    ],
    [
        "a script of a script",
        "deploy.sh",
        "umask 077",
        "sh examples/pull-request/comment.sh",
        /an update without --policy-pack/,
    ],
    [
        "a shell that goes on",
        "github-deploy.yml",
        "            - run: sh examples/pull-request/deploy.sh",
        "            - run: sh examples/pull-request/deploy.sh\n              shell: bash +e {0}",
        /a shell of its own/,
    ],
    [
        "a shell that goes on, for all",
        "github-deploy.yml",
        "\njobs:",
        "\ndefaults: { run: { shell: 'bash {0}' } }\njobs:",
        /a shell of its own/,
    ],
    ["set +e", "deploy.sh", "umask 077", "set +e", /set \+e/],
    [
        "an option by a script",
        "github-deploy.yml",
        "            - run: npm ci",
        '            - run: echo PULUMI_OPTION_SKIP_PREVIEW=true >> "$GITHUB_ENV"\n            - run: npm ci',
        /a variable that changes/,
    ],
    [
        "a job by a merge key",
        "gitlab-deploy.yml",
        "deploy:\n    image",
        "other:\n    <<: &x { id_tokens: { T: { aud: x } }, script: [make] }\ndeploy:\n    image",
        /other: no preview under the pack/,
    ],
    [
        "a job by a default",
        "gitlab-deploy.yml",
        "stages:",
        "default: { before_script: [pulumi up --yes] }\nstages:",
        /deploy: an update without --policy-pack/,
    ],
    [
        "a child pipeline",
        "gitlab-deploy.yml",
        "    stage: deploy",
        "    stage: deploy\n    trigger: { include: x.yml }",
        /trigger, run or inherit/,
    ],
];

const gitlab: Mutant[] = [
    [
        "forks",
        "gitlab-ci.yml",
        / && \$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == \$CI_PROJECT_ID/,
        "",
        /preview: a rule admits forks/,
    ],
    [
        "forks by an or",
        "gitlab-ci.yml",
        '"merge_request_event" &&',
        '"merge_request_event" ||',
        /preview: a rule admits forks/,
    ],
    ["no rules", "gitlab-ci.yml", /^ {4}rules:\n.*\n.*\n/m, "", /preview: a rule admits forks/],
    [
        "any branch",
        "gitlab-ci.yml",
        /^( {8}- if: .*)$/m,
        "$1\n        - if: $CI_COMMIT_BRANCH",
        /preview: a rule admits forks/,
    ],
    [
        "a failure allowed",
        "gitlab-ci.yml",
        "    timeout: 20 minutes",
        "    timeout: 20 minutes\n    allow_failure: true",
        /allow_failure/,
    ],
    [
        "a cache",
        "gitlab-ci.yml",
        "    timeout: 20 minutes",
        "    timeout: 20 minutes\n    cache: { paths: [node_modules] }",
        /a cache/,
    ],
    [
        "an included file",
        "gitlab-ci.yml",
        "stages:",
        "include: https://x.example/ci.yml\nstages:",
        /another file is included/,
    ],
    [
        "the comment's token in the preview",
        "gitlab-ci.yml",
        "        STACK: dev",
        "        STACK: dev\n        T: $COMMENT_TOKEN",
        /an identity token and a token that writes/,
    ],
    [
        "the role in the comment's job",
        "gitlab-ci.yml",
        "    timeout: 5 minutes",
        "    timeout: 5 minutes\n    id_tokens: { T: { aud: x } }\n    tags: [$COMMENT_TOKEN]",
        /comment: .*an identity token and|comment: no preview/,
    ],
    [
        "a branch that is not protected",
        "gitlab-deploy.yml",
        ' && $CI_COMMIT_REF_PROTECTED == "true"',
        "",
        /branches that are not protected/,
    ],
    [
        "an update that is cut off",
        "gitlab-deploy.yml",
        "interruptible: false",
        "interruptible: true",
        /cuts an update off/,
    ],
    [
        "a variable of the engine's",
        "gitlab-deploy.yml",
        "        STACK: dev",
        "        STACK: dev\n        PULUMI_SKIP_PREVIEW: '1'",
        /PULUMI_SKIP_PREVIEW/,
    ],
    [
        "other commands",
        "gitlab-deploy.yml",
        "sh examples/pull-request/deploy.sh",
        "pulumi up --yes",
        /without --policy-pack/,
    ],
    [
        "identity tokens for all",
        "gitlab-deploy.yml",
        "stages:",
        "default: { id_tokens: { T: { aud: x } } }\nstages:",
        /every job gets/,
    ],
];

const MUTANTS = [...scripts, ...actions, ...github, ...hidden, ...gitlab];

describe("a weakened workflow is found", () => {
    it.each(MUTANTS)("%s, in %s", (...mutant) => expect(problemsOf(mutant).join("\n")).toMatch(mutant[4]));

    it("in numbers", () => expect(MUTANTS.length).toBeGreaterThanOrEqual(80));
});

describe("npm run policy -- check-workflow", () => {
    const check = (text: string) => policy("check-workflow", join(folder({ "workflow.yml": text }), "workflow.yml"));

    it("ends with 1 and names the file and the job", async () => {
        const text = read(`${FOLDER}/github.yml`).replace(/^ {8}if: github\.event.*$/m, "");
        const { status, stdout } = await check(text);
        expect(status).toBe(1);
        expect(stdout).toMatch(/workflow\.yml: preview: runs for forks' requests\n$/);
    });

    it.each([
        ["no YAML", "a: [", /./],
        ["a key twice", "jobs: {}\njobs: {}", /unique/i],
        ["nothing", "", /empty/],
        ["a workflow without Pulumi", "jobs: { a: { steps: [{ run: make }] } }", /no job that runs pulumi/],
        ["a tag that hides what is there", "a: { script: !reference [.b, script] }", /tag/],
        ["a script that is not there", "jobs: { a: { steps: [{ run: sh none/there.sh }] } }", /ENOENT/],
        [
            "aliases without end",
            `a: &a [x]\n${"bcdefgh"
                .split("")
                .map((k, i, all) => `${k}: &${k} [${`*${all[i - 1] ?? "a"},`.repeat(20)}]`)
                .join("\n")}`,
            /alias/i,
        ],
    ])("ends with 3 for %s", async (_name, text, saw) => {
        const { status, stderr } = await check(text);
        expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(saw) as string });
    });

    it("ends with 2 without a file", async () => expect((await policy("check-workflow")).status).toBe(2));
});

describe("commandsOf", () => {
    it("joins lines, drops comments and quotes, and sees what is swallowed", () => {
        const text = 'a --x "$y" \\\n  --z # no\n# b\nc || true; d && e\nf | g\nh &\ni || exit 3';
        expect(commandsOf(text)).toEqual([
            { words: ["a", "--x", "$y", "--z"], forgiven: false },
            { words: ["c"], forgiven: true },
            { words: ["true"], forgiven: false },
            { words: ["d"], forgiven: false },
            { words: ["e"], forgiven: false },
            { words: ["f"], forgiven: true },
            { words: ["g"], forgiven: false },
            { words: ["h"], forgiven: true },
            { words: ["i"], forgiven: false },
            { words: ["exit", "3"], forgiven: false },
        ]);
    });
});
