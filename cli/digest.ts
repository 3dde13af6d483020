import { toHex } from "../lib/encoding";
import { KMOD_MAGIC } from "../lib/formats/constants";
import { kmod } from "../lib/formats/kmod";
import { hash, sha256, type HashName } from "../lib/hash";
import { exitOf, VERIFIED } from "./exit";
import type { Io } from "./io";

export interface DigestArgs {
    readonly file: string;
    readonly json?: boolean;
}

interface DigestReport {
    readonly file: string;
    readonly format: "raw" | "kmod";
    /** Signatures that the file holds. */
    readonly signatures: number;
    /** Of the file before signing: how the log names it. */
    readonly artifact_sha256: string;
    /** What a key signs, or signed, by hash. */
    readonly digests: Readonly<Partial<Record<HashName, string>>>;
}

/** countersign digest FILE: what the key signed. The SHA-256 of a signed file is not it. Exit: 0, 1 malformed, 2 usage. */
export async function digest(io: Io, args: DigestArgs): Promise<number> {
    try {
        const report = reportOf(args.file, await io.read(args.file));
        io.out(args.json ? JSON.stringify(report) : textOf(report));
        return VERIFIED;
    } catch (error) {
        return exitOf(io, error, args);
    }
}

/** A module without a signature is signed as it is, and so is any other file: only what has a signature differs. */
function reportOf(file: string, bytes: Uint8Array): DigestReport {
    if (!toHex(bytes.subarray(-KMOD_MAGIC.length / 2)).endsWith(KMOD_MAGIC)) {
        const names = ["sha256", "sha384", "sha512"] as const;
        const digests = Object.fromEntries(names.map((name) => [name, toHex(hash(name, bytes))]));
        return { file, format: "raw", signatures: 0, artifact_sha256: toHex(sha256(bytes)), digests };
    }
    const found = kmod.recover(bytes);
    const outer = found[0]!;
    const name = `sha${outer.signingAlgorithm.slice(-3)}` as HashName;
    const digests = { [name]: toHex(outer.digest) };
    return { file, format: "kmod", signatures: found.length, artifact_sha256: toHex(sha256(outer.unsigned)), digests };
}

function textOf({ file, format, signatures, artifact_sha256, digests }: DigestReport): string {
    const what =
        format === "kmod"
            ? `kernel module with ${signatures} signature${signatures === 1 ? "" : "s"}`
            : "file without a signature in it";
    return [
        `${file}: ${what}`,
        ...Object.entries(digests).map(([name, value]) => `  ${name}  ${value}`),
        `  artifact_sha256  ${artifact_sha256}`,
    ].join("\n");
}
