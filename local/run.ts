import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripSignatures } from "../lib/formats/kmod";
import { startCloud, type Cloud } from "./cloud";
import { ensureEngine } from "./engine/ensure";
import { ensureMinistack } from "./ministack/start";
import type { Progress } from "./progress";
import { issueCertificate } from "./story/certificate";
import { deploy, deployConsumer, redeploy, openProgram, policyConfig } from "./story/deploy";
import { chooseInputs } from "./story/inputs";
import { tryRefusals } from "./story/refusals";
import { signWithoutRecord } from "./story/residue";
import { ROLES } from "./story/settings";
import { readInput, signFile, type SignedFile } from "./story/sign";
import type { Stage } from "./story/stage";
import { tearDown } from "./story/teardown";
import { proveFile } from "./story/verify";
import { waitUntilInterrupted } from "./story/keep";
import { EMULATED, UNPROVEN, type Summary } from "./summary";

export interface StoryOptions {
    /** Folder of the checkout. */
    readonly project: string;
    readonly files: readonly string[];
    /** Shows the summary while the cloud is up, and goes on at the signal. */
    readonly keep: boolean;
    readonly show: (summary: Summary) => void;
    readonly progress: Progress;
    readonly signal: AbortSignal;
}

/**
 * What `npm run local` does, in order. Every fact of the summary comes from this run.
 *
 * @throws at the first thing that is not as it must be; what was started has ended by then
 */
export async function tellStory(options: StoryOptions): Promise<void> {
    const { project, files, progress, signal } = options;
    const folder = await mkdtemp(join(tmpdir(), "countersign-"));
    let cloud: Cloud | undefined;
    try {
        const engine = await progress.step("Pulumi CLI", ensureEngine);
        await progress.step("emulator", ensureMinistack);
        const inputs = await progress.step("files to sign", (say) => chooseInputs(files, project, say));
        cloud = await progress.step("local cloud", (say) => startCloud({ workDir: folder, onProgress: say }));
        signal.throwIfAborted();
        await perform({ ...options, folder, engine, inputs, cloud });
    } finally {
        await cloud?.stop();
        // What was interrupted may still write.
        await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    }
}

interface Prepared extends StoryOptions {
    readonly folder: string;
    readonly engine: string;
    readonly inputs: Awaited<ReturnType<typeof chooseInputs>>;
    readonly cloud: Cloud;
}

async function perform(prepared: Prepared): Promise<void> {
    const { project, folder, engine, inputs, cloud, keep, show, progress, signal } = prepared;
    const abort = <T>(work: Promise<T>): Promise<T> => Promise.race([work, aborted(signal)]);
    const packConfig = await policyConfig(project);
    const program = await openProgram({ project, folder, engine, cloud, packConfig, signal });
    const first = await progress.step("deploy", (say) => deploy(program, say));
    let stage: Stage = { project, folder, cloud, stack: program.stack, outputs: first.outputs };

    const { issued, outputs } = await progress.step("certificate", async (say) => {
        const certificate = await issueCertificate(
            stage.outputs.keys["modules"]!.spki,
            "countersign local modules",
            new Date(),
        );
        await program.certify({ modules: certificate.certificate });
        return { issued: certificate, outputs: (await redeploy(program, say)).outputs };
    });
    stage = { ...stage, outputs };
    const consumer = await progress.step("second program", (say) =>
        deployConsumer({ project, folder, engine, cloud, signal }, say),
    );

    const submitter = await cloud.assumeRole(ROLES.submitter);
    const signed = await abort(progress.step("sign", (say) => signAll(stage, submitter, inputs, say)));
    const proved = await abort(
        progress.step("verify", () => Promise.all(signed.map((file) => proveFile(stage, file, issued)))),
    );
    const refused = await abort(progress.step("refusals", (say) => tryRefusals(stage, signed[0]!.resultKey, say)));
    const unattributed = await abort(progress.step("use without record", (say) => signWithoutRecord(stage, say)));
    const url = await cloud.logUrl(outputs.logUrl); // gone once the stack is destroyed
    const summaryOf = (destroyRefused: string): Summary => ({
        ok: true,
        log: { url, origin: outputs.logOrigin, vkey: outputs.logVkey },
        keys: outputs.keyNames.map((name) => ({
            name,
            arn: outputs.keys[name]!.arn,
            spki: Buffer.from(outputs.keys[name]!.spki).toString("base64"),
        })),
        deployed: { ...first.counts, policies: packConfig.rules, consumer: consumer.text },
        signed: proved,
        refused,
        unattributed,
        destroyRefused,
        steps: progress.steps,
        emulated: EMULATED,
        unproven: UNPROVEN,
    });
    if (keep) {
        show(summaryOf("not tried yet, the cloud is kept until Ctrl-C"));
        await waitUntilInterrupted(stage, proved, progress, signal);
    }
    const destroyRefused = await progress.step("destroy", (say) =>
        tearDown(program.stack, consumer.stack, say, keep ? undefined : signal),
    );
    if (!keep) show(summaryOf(destroyRefused));
}

/** A module that is signed already is stripped first, as `--replace` would: Debian ships signed modules. */
async function signAll(
    stage: Stage,
    submitter: Awaited<ReturnType<Cloud["assumeRole"]>>,
    inputs: Prepared["inputs"],
    say: (line: string) => void,
): Promise<SignedFile[]> {
    return Promise.all(
        inputs.map(async (input) => {
            const bytes = await readInput(input);
            return signFile(stage, submitter, input, input.path.endsWith(".ko") ? stripSignatures(bytes) : bytes, say);
        }),
    );
}

function aborted(signal: AbortSignal): Promise<never> {
    return new Promise((_, failed) => {
        if (signal.aborted) failed(signal.reason);
        signal.addEventListener("abort", () => failed(signal.reason), { once: true });
    });
}
