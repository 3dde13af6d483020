import { randomUUID } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Credentials } from "../cloud";
import type { Say } from "../progress";
import type { Input } from "./inputs";
import { TENANT } from "./settings";
import { clientOptions, until, type Stage } from "./stage";

/** Below the project, ignored by git: what came back stays after the run. */
const SIGNED = join(".countersign", "signed");

export interface SignedFile {
    readonly input: Input;
    readonly format: "kmod" | "raw";
    readonly keyName: string;
    /** What was uploaded. */
    readonly bytes: Uint8Array;
    /** What came back: the signed module, or the detached signature. */
    readonly signed: Uint8Array;
    readonly output: string;
    readonly resultKey: string;
    readonly recordHash: string;
    readonly logIndex: number;
}

/** The result object of docs/results.md, as far as it is read here. */
interface Result {
    readonly status: "signed" | "refused";
    readonly code?: string;
    readonly reason?: string;
    readonly output?: string;
    readonly records?: readonly { readonly record_hash: string; readonly log_index: number }[];
}

/** Uploads a file as the submitter and waits for what comes back. @throws if the stack refuses it, with its reason */
export async function signFile(
    stage: Stage,
    submitter: Credentials,
    input: Input,
    unsigned: Uint8Array,
    say: Say,
): Promise<SignedFile> {
    const { cloud, outputs, project } = stage;
    const s3 = new S3Client({ ...clientOptions(cloud, submitter), forcePathStyle: true });
    const format = input.path.endsWith(".ko") ? "kmod" : "raw";
    const name = basename(input.path);
    const upload = `${TENANT}/${format}/${randomUUID()}/${name}`;
    try {
        say(`uploading ${name}`);
        const put = new PutObjectCommand({ Bucket: outputs.uploadsBucket, Key: upload, Body: unsigned });
        const { VersionId } = await s3.send(put);
        const place = `released/${upload}/${VersionId}`;
        say(`waiting for ${name}`);
        const result = await until(`a result for ${name}`, 60, () =>
            fetchResult(s3, outputs.resultsBucket, `${place}/result.json`),
        );
        if (result.status !== "signed" || result.output === undefined) {
            throw new Error(`${name} was refused: ${result.code}: ${result.reason}`);
        }
        const { Body } = await s3.send(new GetObjectCommand({ Bucket: outputs.resultsBucket, Key: result.output }));
        const signed = await Body!.transformToByteArray();
        const target = join(project, SIGNED, format === "kmod" ? name : `${name}.sig`);
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, signed);
        const record = result.records![0]!;
        return {
            input,
            format,
            keyName: format === "kmod" ? "modules" : "files",
            bytes: unsigned,
            signed,
            output: target,
            resultKey: `${place}/result.json`,
            recordHash: record.record_hash,
            logIndex: record.log_index,
        };
    } finally {
        s3.destroy();
    }
}

export async function readInput(input: Input): Promise<Uint8Array> {
    return new Uint8Array(await readFile(input.path));
}

/** Undefined until it is there: a submitter who may not list the bucket is told 403 for what is missing. */
async function fetchResult(s3: S3Client, Bucket: string, Key: string): Promise<Result | undefined> {
    try {
        const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
        return JSON.parse(await Body!.transformToString()) as Result;
    } catch (error) {
        const { name } = error as Error;
        if (name === "NoSuchKey" || name === "AccessDenied") return undefined;
        throw error;
    }
}
