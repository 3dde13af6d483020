import { type Json, object, shown } from "./model";

/** Forges start these with -e; or the workflow says so itself. */
export function isStrict(shell: unknown): boolean {
    if (shell === undefined || shell === "bash" || shell === "sh") return true;
    const options = /^(?:bash|sh)((?: -[a-z]+| --noprofile| --norc| pipefail)+) \{0\}$/.exec(String(shell))?.[1];
    return options !== undefined && / -[a-z]*e/.test(options);
}

/** What is wrong with a step of GitHub's or Forgejo's, whatever its job does. */
export function stepProblems({ uses, run, shell, with: given, env }: Json): string[] {
    const action = typeof uses === "string" ? uses : "";
    const isPinned =
        /^[\w.-]+\/[\w./-]+@[0-9a-f]{40}$/.test(action) || /^docker:\/\/\S+@sha256:[0-9a-f]{64}$/.test(action);
    return [
        ...(uses === undefined || isPinned ? [] : [`${shown(action)} is not pinned by a full commit`]),
        ...(/^pulumi\//.test(action) ||
        /\bpulumi\b/.test(
            `${action.startsWith("docker:") ? action : ""} ${Object.values(object(given)).map(String).join(" ")}`,
        )
            ? ["Pulumi by an action, whose options are not judged here"]
            : []),
        ...(/\/checkout@/.test(action) && object(given)["persist-credentials"] !== false
            ? ["checkout leaves its token in .git/config"]
            : []),
        ...(isStrict(shell) ? [] : ["a shell of its own, which may go on after a failure"]),
        ...([run, object(given)["script"]].some((one) => typeof one === "string" && one.includes("${{"))
            ? ["an expression in a script's text, which whoever chose its value may end"]
            : []),
        ...(env === undefined || (typeof env === "object" && env !== null)
            ? []
            : ["variables by an expression, whose names nobody knows"]),
    ];
}
