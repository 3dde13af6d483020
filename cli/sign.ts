import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { quote } from "../lib/encoding";
import { readSubject } from "../lib/verifier/subject";
import type { VerifiedProof } from "../lib/verifier/verify-proof";
import { exitOf, COULD_NOT_TELL, NOT_VERIFIED, usageError, VERIFIED } from "./exit";
import type { Io } from "./io";
import {
    logUrlOf,
    needed,
    pinnedKeys,
    readOutputs,
    vkeyOf,
    type KeyOptions,
    type LogOptions,
    type Outputs,
} from "./settings";
import { startStatus, type Status } from "./status";
import { openBuckets, submit, type Buckets, type Released } from "./submit";
import { verifyByLog, type LogQuestion } from "./verify";

export interface SignArgs extends LogOptions, KeyOptions {
    readonly files: readonly string[];
    readonly tenant?: string;
    readonly format?: string;
    readonly outputDir?: string;
    readonly uploadsBucket?: string;
    readonly resultsBucket?: string;
    readonly timeout?: string;
    readonly json?: boolean;
}

/**
 * countersign sign FILE... Exit: 0 all signed and verified, 1 one was refused or does not verify, 2 usage, 3 could not tell.
 *
 * Nothing is overwritten, and what does not verify never gets the name of a result.
 */
export async function sign(io: Io, args: SignArgs): Promise<number> {
    const status = startStatus(io.stderr);
    try {
        const job = await prepareJob(io, args);
        const s3 = await openBuckets(io.env, job.buckets);
        const statuses: number[] = [];
        try {
            // One after the other: the stack has its own queue, and a refusal is read beside its file.
            for (const [i, file] of job.files.entries()) {
                status.say(`${file.path}: signing (${i + 1} of ${job.files.length})`);
                statuses.push(
                    await signOne(io, args, job, file, (submission) => submit(s3, job.buckets, submission), status),
                );
            }
        } finally {
            s3.destroy();
        }
        return (
            [NOT_VERIFIED, COULD_NOT_TELL].find((code) => statuses.includes(code)) ?? Math.max(...statuses, VERIFIED)
        );
    } catch (error) {
        return exitOf(io, error, args);
    } finally {
        status.end();
    }
}

interface FileToSign {
    readonly path: string;
    readonly bytes: Uint8Array;
    readonly format: string;
    readonly output: string;
}

interface Job {
    readonly buckets: Buckets;
    readonly files: readonly FileToSign[];
    readonly tenant: string;
    readonly timeoutSeconds: number;
    readonly log: Pick<LogQuestion, "url" | "vkey" | "pinned">;
}

/** All that can be wrong with the command line, before anything is uploaded. */
async function prepareJob(io: Io, args: SignArgs): Promise<Job> {
    const outputs = await readOutputs(io, args);
    const buckets = {
        uploads: needed(args.uploadsBucket ?? outputs["uploadsBucket"], "the uploads bucket", "--uploads-bucket NAME"),
        results: needed(args.resultsBucket ?? outputs["resultsBucket"], "the results bucket", "--results-bucket NAME"),
        region: regionOf(outputs),
    };
    const tenant = args.tenant ?? io.env["COUNTERSIGN_TENANT"];
    if (tenant === undefined || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(tenant)) {
        throw usageError(
            `tenant is ${quote(tenant)}, expected --tenant NAME, one that the stack's configuration lists`,
        );
    }
    const log = {
        url: logUrlOf(io, outputs, args),
        vkey: vkeyOf(io, outputs, args),
        pinned: await pinnedKeys(io, outputs, args),
    };
    const timeoutSeconds = Number(args.timeout ?? "120");
    if (!(timeoutSeconds > 0 && timeoutSeconds <= 3600)) {
        throw usageError(`--timeout ${quote(args.timeout)}, expected seconds from 1 to 3600`);
    }
    const files: FileToSign[] = [];
    for (const path of args.files) files.push(await readFileToSign(io, args, path));
    const outputsTwice = files.find(({ output }, i) => files.findIndex((other) => other.output === output) !== i);
    if (outputsTwice) throw usageError(`two files would be written to ${quote(outputsTwice.output)}`);
    return { buckets, files, tenant, timeoutSeconds, log };
}

async function readFileToSign(io: Io, { format: given, outputDir }: SignArgs, path: string): Promise<FileToSign> {
    const format = given ?? (path.endsWith(".ko") ? "kmod" : "raw");
    const name = format === "kmod" ? `${basename(path).replace(/\.ko$/, "")}.signed.ko` : `${basename(path)}.sig`;
    const output = join(outputDir ?? dirname(path), name);
    for (const taken of [output, unverifiedName(output)]) {
        if (existsSync(taken))
            throw usageError(
                `${quote(taken)} exists already, and nothing is overwritten: move it, or use --output-dir`,
            );
    }
    return { path, bytes: await io.read(path), format, output };
}

async function signOne(
    io: Io,
    args: SignArgs,
    { tenant, timeoutSeconds, log }: Job,
    file: FileToSign,
    send: (submission: Parameters<typeof submit>[2]) => Promise<Released>,
    status: Status,
): Promise<number> {
    try {
        const { path, bytes, format, output } = file;
        const released = await send({ tenant, format, path, bytes, timeoutSeconds });
        const verified = await verifyReleased(log, file, released, status).catch(async (error: unknown) => {
            await io.create(unverifiedName(output), released.signed);
            const kept = `what came back is in ${unverifiedName(output)}`;
            throw error instanceof Error
                ? Object.assign(error, { message: `${path}: ${error.message}; ${kept}` })
                : error;
        });
        await io.create(output, released.signed);
        io.out(args.json ? JSON.stringify(reportOf(file, released, verified)) : textOf(file, released, verified));
        return VERIFIED;
    } catch (error) {
        return exitOf(io, error, args);
    }
}

async function verifyReleased(
    log: Job["log"],
    file: FileToSign,
    released: Released,
    status: Status,
): Promise<VerifiedProof> {
    return verifyByLog({ ...log, subject: subjectOf(file, released), index: indexOf(released) }, status);
}

/** The log answers for the file that was submitted, so a module is checked as signed and any other file beside its signature. */
function subjectOf(file: FileToSign, { signed }: Released): LogQuestion["subject"] {
    return file.format === "kmod" ? readSubject(signed, undefined) : readSubject(file.bytes, signed);
}

function indexOf({ records }: Released): bigint | undefined {
    const index = records[0]?.logIndex;
    return index !== undefined && Number.isSafeInteger(index) && index >= 0 ? BigInt(index) : undefined;
}

/** Known from the stack's names when the environment does not say. */
function regionOf(outputs: Outputs): string | undefined {
    const arn = outputs["logKeyArn"];
    return typeof arn === "string" ? arn.split(":")[3] : undefined;
}

const unverifiedName = (output: string): string => `${output}.unverified`;

function reportOf(
    { path, format, output }: FileToSign,
    { requestId, keyName }: Released,
    { index, leaf, checks }: VerifiedProof,
): object {
    const entry = { index: Number(index), record_hash: leaf.record_hash, key_spki_sha256: leaf.key_spki_sha256 };
    return { verified: true, file: path, format, output, request_id: requestId, key_name: keyName, ...entry, checks };
}

function textOf({ path, output }: FileToSign, { keyName }: Released, { index, checks }: VerifiedProof): string {
    return `signed: ${path} -> ${output}\n  key ${keyName}, entry ${index} of the log; checks ${checks.join(", ")}`;
}
