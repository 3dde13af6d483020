import { equalBytes, fromBase64, quote, toHex } from "../encoding";
import { codedError } from "../errors";
import { verifyFile } from "../formats/recheck/verify";
import { sha256 } from "../hash";
import { decodeLeaf } from "../record/codec";
import type { Leaf, SignatureLeaf } from "../record/leaf";
import { messageOf } from "../record/message";
import { verifySignatureLeaf } from "../record/verify";
import { openCheckpoint, type Checkpoint } from "../tlog/checkpoint";
import { leafHash } from "../tlog/hashing";
import { verifyInclusion } from "../tlog/proof";
import type { TlogProof } from "../tlog/tlog-proof";
import type { Vkey } from "../tlog/vkey";
import { check, checkAsync, type CheckName } from "./check";
import type { Subject } from "./subject";

/** The offline verifier: transparency-log.md section 19, in its order. Nothing is read here but what is given. */
export interface ProofToVerify {
    readonly subject: Subject;
    /** Strictly parsed; nothing in it is trusted. */
    readonly proof: TlogProof;
    readonly vkey: Vkey;
    /** SHA-256 of SPKI, hex: the keys whose signatures the user accepts. Never empty: the log's own word proves nothing. */
    readonly keys: readonly string[];
    /** A SubjectPublicKeyInfo of this fingerprint, from wherever: it is hashed. Undefined if none is known. */
    readonly spkiOf: (fingerprint: string) => Promise<Uint8Array | undefined>;
}

export interface VerifiedProof extends VerifiedEntry {
    readonly leaf: SignatureLeaf;
    /** Those that ran, in order. */
    readonly checks: readonly CheckName[];
}

export interface VerifiedEntry {
    readonly checkpoint: Checkpoint;
    readonly index: bigint;
    readonly leaf: Leaf;
}

/** @throws a failed check, by name */
export async function verifyProof({ subject, proof, vkey, keys, spkiOf }: ProofToVerify): Promise<VerifiedProof> {
    const { checkpoint, index, leaf } = verifyEntry(proof, vkey);
    const signed = check("leaf", () => expectSignature(leaf, index));
    const spki = await checkAsync("key", () => pinnedKey(signed, keys, spkiOf));
    check("signature", () => verifySignatureLeaf(signed, spki));
    check("content", () => verifyContent(subject, signed, spki));
    const checks: readonly CheckName[] = ["checkpoint", "inclusion", "leaf", "key", "signature", "content"];
    return { checkpoint, index, leaf: signed, checks };
}

/** Steps 2 to 5, for an entry of any type. @throws the checks `checkpoint`, `inclusion`, `leaf` */
export function verifyEntry({ checkpoint: bytes, index, hashes, extra }: TlogProof, vkey: Vkey): VerifiedEntry {
    const checkpoint = check("checkpoint", () => openCheckpoint(bytes, vkey));
    const entry = check("inclusion", () => {
        if (!extra) throw codedError("BadProof", "proof file has no extra line, expected the entry's bytes there");
        const { size, root } = checkpoint;
        verifyInclusion({ index, size, root, proof: hashes, leafHash: leafHash(extra) });
        return extra;
    });
    return { checkpoint, index, leaf: check("leaf", () => decodeLeaf(entry)) };
}

function expectSignature(leaf: Leaf, index: bigint): SignatureLeaf {
    if (leaf.type !== "signature") {
        throw codedError("BadLeaf", `entry ${index} is of type ${quote(leaf.type)}, expected "signature"`);
    }
    return leaf;
}

async function pinnedKey(
    { key_spki_sha256: fingerprint }: SignatureLeaf,
    keys: readonly string[],
    spkiOf: ProofToVerify["spkiOf"],
): Promise<Uint8Array> {
    if (!keys.includes(fingerprint)) {
        throw codedError("UnknownKey", `entry is of key ${fingerprint}, expected ${keys.join(" or ")}`);
    }
    const spki = await spkiOf(fingerprint);
    if (!spki || toHex(sha256(spki)) !== fingerprint) {
        throw codedError("UnknownKey", `no public key with fingerprint ${fingerprint} is known: give it as a file`);
    }
    return spki;
}

/** `artifact_sha256` is of the file before signing, so only that part is compared with it. */
function verifyContent({ file, signature }: Subject, leaf: SignatureLeaf, spki: Uint8Array): void {
    const found = verifyFile(leaf.format, file, { spki, signingAlgorithm: leaf.signing_algorithm, signature });
    if (!equalBytes(found.digest, messageOf(leaf))) {
        throw codedError(
            "FileChanged",
            `file has digest ${toHex(found.digest)}, the entry records ${toHex(messageOf(leaf))}`,
        );
    }
    if (!equalBytes(found.signature, fromBase64(leaf.signature_base64))) {
        throw codedError(
            "SignatureMismatch",
            "the file's signature verifies, but is not the one that the entry records",
        );
    }
    if (leaf.artifact_sha256 !== undefined && leaf.artifact_sha256 !== found.artifactSha256) {
        throw codedError(
            "FileChanged",
            `file before signing has SHA-256 ${found.artifactSha256}, the entry records ${leaf.artifact_sha256}`,
        );
    }
}
