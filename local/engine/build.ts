import { spawn } from "node:child_process";
import { access, constants, mkdir, rename, rm } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import type { Progress } from "./ensure";

const PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi";
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";

export interface EngineBuild {
    /** The go command. */
    go: string;
    /** Folder of go.mod, whose `tool` line names the CLI and whose go.sum pins every source by hash. */
    module: string;
    /** Where the CLI goes; its folder is created. */
    out: string;
    /** Stamped into the binary, which otherwise calls itself a development build. */
    version: string;
    env: NodeJS.ProcessEnv;
    progress: Progress;
}

/** The go command on PATH, else where its own installer puts it. */
export async function findGo(env: NodeJS.ProcessEnv): Promise<string | undefined> {
    const folders = [...(env["PATH"] ?? "").split(delimiter).filter(Boolean), "/usr/local/go/bin"];
    for (const candidate of folders.map((folder) => resolve(folder, "go"))) {
        const found = await access(candidate, constants.X_OK).then(
            () => true,
            () => false,
        );
        if (found) {
            return candidate;
        }
    }
    return undefined;
}

/**
 * Builds the CLI from Go modules: 25 s of downloads, 180 s of compiling on two cores (measured), 115 MB.
 *
 * `-mod=readonly` holds go.sum: a module whose hash differs, or that is not listed, ends the build. Without the version
 * variable the Automation API refuses the binary.
 *
 * @throws what the compiler said, if it failed; nothing is left at `out` then
 */
export async function buildEngine({ go, module, out, version, env, progress }: EngineBuild): Promise<void> {
    await mkdir(dirname(out), { recursive: true });
    // Another name until it is whole: a build that was interrupted must not be found by the next run.
    const part = join(dirname(out), `.pulumi.${process.pid}`);
    const args = [
        "build",
        "-mod=readonly",
        "-buildvcs=false",
        "-trimpath",
        "-tags",
        "osusergo,grpcnotrace",
        "-o",
        part,
    ];
    args.push("-ldflags", `-s -w -X ${VERSION_VARIABLE}=v${version}`, PACKAGE);
    const startedAt = Date.now();
    const timer = setInterval(() => {
        const seconds = Math.round((Date.now() - startedAt) / 1000);
        progress(`building the Pulumi CLI from Go modules: ${seconds} s of about 200 s`);
    }, 5000);
    progress("building the Pulumi CLI from Go modules, about 200 s, once on this machine");
    try {
        await runGo(go, args, module, { ...env, CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" });
        await rename(part, out);
    } finally {
        clearInterval(timer);
        await rm(part, { force: true });
    }
}

/** Ends with us: an interrupt reaches the compiler too, and what it printed last becomes the error. */
function runGo(go: string, args: string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
    return new Promise((done, failed) => {
        const child = spawn(go, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] });
        const stop = () => child.kill("SIGTERM");
        process.once("exit", stop);
        let said = "";
        child.stderr.setEncoding("utf8").on("data", (text: string) => (said = (said + text).slice(-4000)));
        child.once("error", failed);
        child.once("close", (code) => {
            process.removeListener("exit", stop);
            return code === 0 ? done() : failed(new Error(said || `go build ended with ${code}`));
        });
    });
}
