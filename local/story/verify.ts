import { execFile } from "node:child_process";
import { join } from "node:path";
import { splitSignature } from "../../lib/formats/kmod";
import type { Signed } from "../summary";
import type { Issued } from "./certificate";
import { opinionOnModule, opinionOnRaw, type Opinion } from "./openssl";
import type { SignedFile } from "./sign";
import type { Stage } from "./stage";

/**
 * Verifies a signed file with `countersign verify`, the command anyone would use: it gets the file, the log's address and
 * the pinned keys, no credentials, and calls no cloud. Then OpenSSL is asked.
 *
 * @throws if either does not verify, or accepts a changed file
 */
export async function proveFile(stage: Stage, file: SignedFile, issued: Issued): Promise<Signed> {
    const key = stage.outputs.keys[file.keyName]!;
    const ours = await verifyCommand(stage, file);
    const opinion =
        file.format === "kmod"
            ? await opinionOnModule(file.bytes, splitSignature(file.signed)!.cms, issued.certificate, issued.authority)
            : await opinionOnRaw(file.bytes, file.signed, key.spki);
    if (opinion.verified === false || opinion.refusedChanged === false) {
        throw new Error(
            `${opinion.command} ${opinion.verified ? "accepts a changed file" : "does not verify"}: ${file.output}`,
        );
    }
    return {
        file: file.input.path,
        origin: file.input.origin,
        format: file.format,
        output: file.output,
        index: file.logIndex,
        record_hash: file.recordHash,
        checks: [
            { by: "countersign verify", result: ours },
            { by: opinion.command, result: textOf(opinion) },
        ],
    };
}

function textOf({ verified }: Opinion): string {
    return verified === undefined ? "not run: there is no openssl here" : "verified, and refused a changed file";
}

/** @throws with what the command said, unless it exits 0 */
async function verifyCommand(stage: Stage, file: SignedFile): Promise<string> {
    const { outputs, cloud, project } = stage;
    const subject = file.format === "kmod" ? [file.output] : [file.input.path, "--signature", file.output];
    const args = [
        join(project, "dist", "cli.js"),
        "verify",
        ...subject,
        "--key",
        outputs.keys[file.keyName]!.spkiSha256,
        "--log-url",
        await cloud.logUrl(outputs.logUrl),
        "--vkey",
        outputs.logVkey,
        "--json",
    ];
    return new Promise((done, failed) => {
        execFile(process.execPath, args, { env: {}, timeout: 30_000 }, (error, stdout, stderr) => {
            if (error) return failed(new Error(`countersign verify exited ${error.code}: ${stderr || stdout}`));
            const { index, checks } = JSON.parse(stdout) as { index: number; checks?: string[] };
            return done(`entry ${index}: ${checks?.join(", ") ?? "all checks passed"}`);
        });
    });
}
