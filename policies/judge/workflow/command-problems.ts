import { isUnknownScript, type Placed, readsItsInput } from "./commands";
import { bare, handsOn, MADE, policyCommand, pulumi } from "./pulumi";

/** Programs that run what stands somewhere else. */
const RUNNERS = [
    ...["make", "just", "task", "eval", "xargs", "parallel", "yarn", "pnpm", "bun", "bunx", "deno", "docker", "podman"],
    ...["python", "python3", "perl", "ruby", "go", "cargo", "ssh", "su", "terraform", "tofu"],
];
const SHELLS = ["sh", "bash", "dash"];
/** Of npm: what runs locked packages and scripts whose names say what they do. */
const NPM = ["ci", "run", "run-script", "test", "--version", "ls", "audit"];
const SCRIPTS = ["build", "policy", "lint", "test", "typecheck", "check", "format"];
const WRITERS = ["cp", "mv", "rm", "sed", "tee", "ln", "install", "rsync", "tar", "unzip", "patch", "truncate", "dd"];
/** What the pack is, and what runs it. */
const OWN = /^(?:\.\/)?(?:policies|dist|node_modules|package\.json|package-lock\.json)(?:\/|$)/;

/** What is wrong with one command of a job that runs the pack: behind most of these, anything may run. */
export function commandProblems(command: Placed): string[] {
    const words = bare(command.words);
    const [first = "", second = ""] = words;
    const unread = unreadRunner(command, words);
    return [
        ...(unread === undefined ? [] : [`${unread}: what it runs is not read`]),
        ...(/^[$`]/.test(first) || /^\S*\{.*,.*\}/.test(first) ? ["a variable as a command, which may be any"] : []),
        ...(isUnknownScript(command) ? ["a script whose name only the run knows, which is not read"] : []),
        ...(["cd", "pushd"].includes(first) ? ["cd, after which policies may be another folder"] : []),
        ...(first === "trap" && /\bexit\b/.test(second)
            ? ["a trap that exits, which may take a failure for none"]
            : []),
        ...(first === "set" && (/^\+\w*e/.test(second) || (second === "+o" && words[2] === "errexit"))
            ? ["set +e, so a failure stops nothing"]
            : []),
        ...(["alias", "hash", "enable"].includes(first) ? [`${first}, which changes what a name runs`] : []),
        ...(changesPack(command, words) ? ["the pack's own files, or what runs them, are changed"] : []),
    ];
}

function unreadRunner(command: Placed, words: readonly string[]): string | undefined {
    const [first = "", second = ""] = words;
    if (RUNNERS.includes(first)) return first;
    if (SHELLS.includes(first) && words.some((word) => /^-\w*c$/.test(word))) return `${first} -c`;
    if (readsItsInput(command)) return `${first} of its standard input`;
    if (handsOn(command)) return "a text with pulumi in it";
    if (first === "npm" && !NPM.includes(words.find((word, i) => i > 0 && !/^-s$|^--silent$/.test(word)) ?? ""))
        return `npm ${second}`;
    if (first === "npm" && isOtherScript(words)) return `npm ${second}`;
    if (first === "npx" && pulumi(command) === undefined && !words.includes("pulumi")) return "npx";
    // A program of the repository, or one that somebody put there. What the system has is not.
    const isFile = first.includes("/") && !/^\/(?:usr\/)?s?bin\/|\.sh$|=/.test(first) && !MADE.test(first);
    return isFile && pulumi(command) === undefined && !/(?:^|\/)pulumi$/.test(first)
        ? "a file that is no .sh"
        : undefined;
}

function isOtherScript(words: readonly string[]): boolean {
    const at = words.findIndex((word) => word === "run" || word === "run-script");
    const named = words.slice(at + 1).find((word) => !word.startsWith("-"));
    return at > 0 && !SCRIPTS.includes(named ?? "");
}

/** But the configuration that is made into policies/bin, as README does. */
function changesPack(command: Placed, words: readonly string[]): boolean {
    const isConfig = policyCommand(command)?.[0] === "config";
    return (
        (!isConfig && command.writes.some((one) => OWN.test(one))) ||
        (WRITERS.includes(words[0] ?? "") && words.slice(1).some((word) => OWN.test(word)))
    );
}
