/**
 * Workflows of GitHub and Forgejo that say one thing by structure and do another. Proves nothing about what a forge's runner does with a file.
 */
import { describe, expect, it } from "vitest";
import { github, SCRIPT, steps } from "./hostile";
import { FOLDER, problemsIn, read } from "./mutants";

const REQUEST = read(`${FOLDER}/github.yml`);
const FORGEJO = read(`${FOLDER}/forgejo.yml`);
const OWN = "github.event.pull_request.head.repo.full_name == github.repository";
const withIf = (condition: string): string =>
    REQUEST.replace(`        if: ${OWN}\n        runs-on`, `        if: ${condition}\n        runs-on`);
const pack = (run: string, more = ""): string =>
    `            - run: |\n${run
        .split("\n")
        .map((line) => `                  ${line}`)
        .join("\n")}${more === "" ? "" : `\n              ${more}`}`;

it("a shell that says -e itself is as good as the forge's", () => {
    const withShell = (shell: string): string[] => problemsIn(steps(pack(SCRIPT.join("\n"), `shell: ${shell}`)));
    for (const shell of ["bash -euo pipefail {0}", "bash --noprofile --norc -eo pipefail {0}", "sh -e {0}"])
        expect(withShell(shell)).toEqual([]);
    for (const shell of ["bash -u {0}", "bash {0}", "bash -e +e {0}", "bash -e -c true {0} x", "zsh -e {0}"])
        expect(withShell(shell).join("\n")).toMatch(/a shell of its own/);
});

it("the bases are clean", () => {
    for (const text of [github(), steps(pack(SCRIPT.join("\n"))), REQUEST, FORGEJO, withIf(`(${OWN})`)])
        expect(problemsIn(text)).toEqual([]);
});

describe("a condition that admits forks", () => {
    it.each([
        ["a negated group", `"!(github.actor == 'x' && ${OWN})"`],
        ["a comparison with false", `(github.actor == 'x' && ${OWN}) == false`],
        ["text around an expression", `"\${{ github.actor == 'x' }} && ${OWN}"`],
        ["two expressions", `"\${{ ${OWN} }}\${{ true }}"`],
        ["an expression with a space after it", `"\${{ ${OWN} }} "`],
        ["an expression with a line end after it", `|\n            \${{ ${OWN} }}`],
        ["the words in a text", `"'&& ${OWN} && x' != ''"`],
        ["an or in a group", `(${OWN} || github.actor == 'x')`],
        ["an argument", `"contains('x && ${OWN.replaceAll("'", "")} && y', 'x')"`],
        ["another case of nothing", "true"],
    ])("%s", (_name, condition) =>
        expect(problemsIn(withIf(condition)).join("\n")).toMatch(/preview: runs for forks' requests/),
    );

    it.each([
        ["with more ANDed", `"\${{ ${OWN} && github.actor != 'x' }}"`],
        ["in parentheses, with an or beside", `"(${OWN}) && (github.actor == 'x' || github.actor == 'y')"`],
        ["in a block", `>-\n            ${OWN}`],
    ])("not %s", (_name, condition) => expect(problemsIn(withIf(condition))).toEqual([]));
});

describe("steps and jobs", () => {
    const [config, check, preview, up] = SCRIPT as [string, string, string, string];
    it.each<[string, string, RegExp]>([
        [
            "a check that is passed over by a condition",
            steps(pack(`${config}\n${check}`, "if: false"), pack(`${preview}\n${up}`)),
            /no check-config before/,
        ],
        [
            "a preview that is passed over by a condition",
            steps(pack(`${config}\n${check}`), pack(preview, "if: github.actor != 'x'"), pack(up)),
            /no preview under the pack/,
        ],
        [
            "an update that runs after a refusal",
            steps(pack(`${config}\n${check}\n${preview}`), pack(up, "if: always()")),
            /refusal is swallowed/,
        ],
        [
            "an update that runs because of a refusal",
            steps(pack(`${config}\n${check}\n${preview}`), pack(up, "if: ${{ failure() }}")),
            /refusal is swallowed/,
        ],
        [
            "a job that runs after a failure",
            github(SCRIPT, "        needs: test\n        if: always()"),
            /needs has failed/,
        ],
        [
            "a folder of its own",
            steps(pack(SCRIPT.join("\n"), "working-directory: evil")),
            /working-directory, in which/,
        ],
        [
            "a folder for all steps",
            github(SCRIPT, "        defaults: { run: { working-directory: evil } }"),
            /working-directory, in which/,
        ],
        [
            "a folder for all jobs",
            github(SCRIPT, "", "defaults: { run: { working-directory: evil } }"),
            /working-directory, in which/,
        ],
        ["a shell of the job's", github(SCRIPT, "        defaults: { run: { shell: python } }"), /a shell of its own/],
        ["a shell by an expression", steps(pack(SCRIPT.join("\n"), "shell: ${{ vars.X }}")), /a shell of its own/],
        [
            "a job that is cut off",
            github(SCRIPT, "        concurrency: { group: x, cancel-in-progress: true }"),
            /cuts an update off/,
        ],
        [
            "a workflow that is cut off, by an expression",
            github(SCRIPT, "", "concurrency: { group: x, cancel-in-progress: '${{ true }}' }"),
            /cuts an update off/,
        ],
        ["a runner of Windows", github().replace("ubuntu-24.04", "windows-2025"), /shell goes on after a failure/],
        [
            "a matrix whose value is a command",
            github(["${{ matrix.run }}", ...SCRIPT]),
            /an expression in a script's text/,
        ],
        [
            "an input in a script",
            github(["echo ${{ inputs.x }}", ...SCRIPT]).replace("    push:", "    workflow_dispatch:\n    push:"),
            /an expression in a script's text/,
        ],
        [
            "an expression in an action's script",
            steps(
                pack(SCRIPT.join("\n")),
                `            - uses: actions/github-script@${"a".repeat(40)}\n              with:\n                  script: f("\${{ github.head_ref }}")`,
            ),
            /an expression in a script's text/,
        ],
        [
            "a variable of the step's, that node reads",
            steps(pack(SCRIPT.join("\n"), "env: { NODE_OPTIONS: --require=./x }")),
            /NODE_OPTIONS, which changes what code runs/,
        ],
        [
            "a variable of the job's, that npm reads",
            github(SCRIPT, "        env: { npm_config_script_shell: ./x }"),
            /npm_config_script_shell, which changes/,
        ],
        [
            "a variable of the workflow's, that bash reads",
            github(SCRIPT, "", "env: { BASH_ENV: ./x }"),
            /BASH_ENV, which/,
        ],
        [
            "variables of a container",
            github(SCRIPT, "        container: { image: node, env: { LD_PRELOAD: ./x } }"),
            /LD_PRELOAD, which changes/,
        ],
        [
            "a variable in a matrix",
            github(SCRIPT, "        strategy: { matrix: { include: [{ PULUMI_OPTION_POLICY_PACK: x }] } }"),
            /PULUMI_OPTION_POLICY_PACK/,
        ],
        [
            "variables by an expression",
            steps(pack(SCRIPT.join("\n"), "env: ${{ fromJSON(vars.X) }}")),
            /variables by an expression/,
        ],
        [
            "an anchor that hides a step's fault",
            steps(
                `            - &x\n              run: make\n              continue-on-error: true`,
                pack(SCRIPT.join("\n")),
                "            - *x",
            ),
            /continue-on-error/,
        ],
        [
            "a merge key that brings a token",
            `${github()}    other:\n        <<: { permissions: { id-token: write }, steps: [{ run: make }] }\n        runs-on: x\n`,
            /other: no preview under the pack/,
        ],
        [
            "a composite action of the repository",
            steps("            - uses: ./ci/deploy", pack(SCRIPT.join("\n"))),
            /ci\/deploy is not pinned/,
        ],
        [
            "Pulumi by an image",
            steps(
                `            - uses: docker://x/pulumi@sha256:${"a".repeat(64)}\n              with: { args: up --yes }`,
                pack(SCRIPT.join("\n")),
            ),
            /Pulumi by an action/,
        ],
        [
            "Pulumi by some action's input",
            steps(
                `            - uses: a/shell@${"a".repeat(40)}\n              with: { command: pulumi up --yes }`,
                pack(SCRIPT.join("\n")),
            ),
            /Pulumi by an action/,
        ],
        [
            "another commit than the one that was merged",
            steps(
                `            - uses: actions/checkout@${"a".repeat(40)}\n              with: { persist-credentials: false, ref: feature }`,
                pack(SCRIPT.join("\n")),
            ),
            /another commit is checked out/,
        ],
        [
            "another commit, by plain git",
            read(`${FOLDER}/forgejo-deploy.yml`).replace("github.sha", "inputs.ref"),
            /another commit is checked out/,
        ],
        [
            "an environment of a request's job",
            REQUEST.replace(
                "        timeout-minutes: 20",
                "        timeout-minutes: 20\n        environment: production",
            ),
            /an environment in a request's job/,
        ],
        [
            "commands of old by output",
            github(SCRIPT, "        env: { ACTIONS_ALLOW_UNSECURE_COMMANDS: true }"),
            /ACTIONS_ALLOW_UNSECURE_COMMANDS/,
        ],
        ["an image by tag", steps("            - uses: docker://alpine:3", pack(SCRIPT.join("\n"))), /is not pinned/],
        [
            "a workflow of one's own, with all secrets",
            `${github()}    more:\n        uses: ./.github/workflows/x.yml\n        secrets: inherit\n`,
            /more: another workflow is called[^]*more: secrets are handed on/,
        ],
    ])("%s", (_name, text, found) => expect(problemsIn(text).join("\n")).toMatch(found));
});

describe("events", () => {
    it.each([
        "workflow_run",
        "issue_comment",
        "workflow_call",
        "pull_request_review",
        "check_run",
        "fork",
        "watch",
        "release",
        "pull_request_comment",
        "made_up",
    ])("%s is found", (event) =>
        expect(problemsIn(github().replace("    push:", `    ${event}:\n    push:`)).join("\n")).toContain(
            `runs on ${event}`,
        ),
    );

    it("a stranger's event is found in a workflow without Pulumi, too", () =>
        expect(problemsIn("on: pull_request_target\njobs: { a: { steps: [{ run: make }] } }")).toEqual([
            "runs on pull_request_target, with rights of the target",
        ]));

    it.each([
        [
            "a push of tags",
            github().replace("branches: [main]", "branches: [main]\n        tags: ['*']"),
            /push of tags/,
        ],
        ["no event", github().replace(/^on:\n.*\n.*\n/, ""), /no `on` that says when it runs/],
    ])("%s is found", (_name, text, found) => expect(problemsIn(text).join("\n")).toMatch(found));
});

describe("the job that comments", () => {
    it.each<[string, string, RegExp]>([
        [
            "checks out the request's files",
            REQUEST.replace(/ +# Not the request's[^\n]*\n +ref: [^\n]*\n/, ""),
            /comment: a token that writes where the request's own files/,
        ],
        [
            "checks out the request's head",
            REQUEST.replace("pull_request.base.sha", "pull_request.head.sha"),
            /comment: a token that writes where the request's own files/,
        ],
        [
            "fetches the request's head",
            FORGEJO.replace("pull_request.base.sha", "pull_request.head.sha"),
            /comment: a token that writes where the request's own files/,
        ],
        [
            "reads all secrets",
            REQUEST.replace("COMMENT_FORGE: github", "X: ${{ toJSON(secrets) }}"),
            /a secret is named/,
        ],
        [
            "reads a secret by index",
            REQUEST.replace("COMMENT_FORGE: github", "X: ${{ secrets['X'] }}"),
            /a secret is named/,
        ],
    ])("%s", (_name, text, found) => expect(problemsIn(text).join("\n")).toMatch(found));
});
