import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { ensureEngine } from "../local/engine/ensure";
import { median, timedProcess } from "./measure";

const ROOT = join(__dirname, "..");

/** Seconds of something that has no twin to be compared with. */
export interface Figure {
    readonly what: string;
    readonly seconds: number;
}

export async function benchStartup(say: (line: string) => void): Promise<Figure[]> {
    const engine = await ensureEngine(say);
    return [
        { what: "Pulumi CLI, start", seconds: await seconds(() => timedProcess(engine, ["version"])) },
        { what: "policy pack, start to listening", seconds: await seconds(startPack) },
        {
            what: "countersign --help",
            seconds: await seconds(() => timedProcess(process.execPath, [join(ROOT, "dist/cli.js"), "--help"])),
        },
    ];
}

/** The whole local run, each step as it timed itself. */
export async function benchLocalRun(): Promise<Figure[]> {
    const output = await new Promise<string>((done, failed) => {
        const child = spawn(process.execPath, ["--require", "./scripts/register.cjs", "local/main.ts", "--json"], {
            cwd: ROOT,
            stdio: ["ignore", "pipe", "inherit"],
        });
        let text = "";
        child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        child.once("error", failed);
        child.once("close", (code) => (code === 0 ? done(text) : failed(new Error(`the local run exited ${code}`))));
    });
    const { steps } = JSON.parse(output) as { steps: { name: string; seconds: number }[] };
    const total = steps.reduce((sum, step) => sum + step.seconds, 0);
    return [
        ...steps.map(({ name, seconds }) => ({ what: `local run: ${name}`, seconds })),
        { what: "local run, whole", seconds: total },
    ];
}

async function seconds(once: () => Promise<number>): Promise<number> {
    await once();
    const times = [await once(), await once(), await once()];
    return median(times) / 1000;
}

function startPack(): Promise<number> {
    const started = performance.now();
    const folder = join(ROOT, "policies");
    const child: ChildProcess = spawn(
        process.execPath,
        [require.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:1", folder],
        {
            cwd: folder,
            env: { PULUMI_NODEJS_TYPESCRIPT: "false" },
            stdio: ["ignore", "pipe", "ignore"],
        },
    );
    return new Promise((done, failed) => {
        child.once("error", failed);
        child.once("exit", () => failed(new Error("the pack ended before it listened")));
        child.stdout!.once("data", () => {
            done(performance.now() - started);
            child.kill();
        });
    });
}
