import type { Progress } from "../progress";
import type { Signed } from "../summary";
import type { Stage } from "./stage";

/** `--keep`: says how to use what is up, and waits for Ctrl-C, after which the story ends as it always does. */
export async function waitUntilInterrupted(
    stage: Stage,
    signed: readonly Signed[],
    progress: Progress,
    signal: AbortSignal,
): Promise<void> {
    const { cloud, outputs, project } = stage;
    const url = await cloud.logUrl(outputs.logUrl);
    const module = signed.find(({ format }) => format === "kmod") ?? signed[0]!;
    const key = outputs.keys[module.format === "kmod" ? "modules" : "files"]!;
    const subject = module.format === "kmod" ? module.output : `${module.file} --signature ${module.output}`;
    const lines = [
        "",
        `The log is at ${url}; try:`,
        `  curl ${url}/checkpoint`,
        `  node ${project}/dist/cli.js log list --log-url ${url} --vkey ${outputs.logVkey}`,
        `  node ${project}/dist/cli.js verify ${subject} --key ${key.spkiSha256} --log-url ${url} --vkey ${outputs.logVkey}`,
        "Ctrl-C destroys the stack and ends the cloud.",
    ];
    for (const line of lines) progress.note(line);
    await new Promise<void>((resume) =>
        signal.aborted ? resume() : signal.addEventListener("abort", () => resume(), { once: true }),
    );
}
