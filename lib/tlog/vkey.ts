import { createPublicKey, verify } from "node:crypto";
import { concat, equalBytes, fromBase64, fromHex, quote, toBase64, toHex, toUtf8 } from "../encoding";
import { codedError } from "../errors";
import { sha256 } from "../hash";

/**
 * Verifier keys of signed notes (C2SP signed-note v1.0.0), type 0x01, Ed25519, which is what logs and public witnesses use:
 *
 *     <name>+<key ID, hex>+<base64 of type || public key>
 */
export interface Vkey {
    readonly name: string;
    /** First four bytes of SHA-256(name || LF || type || public key), hex. */
    readonly keyId: string;
    /** 32 bytes. */
    readonly publicKey: Uint8Array;
}

const ED25519 = 0x01;
/** SubjectPublicKeyInfo of an Ed25519 key up to the key (RFC 8410 section 4). */
const SPKI_PREFIX = "302a300506032b6570032100";
const MAX_LENGTH = 1024;

/** @throws BadName for an empty name, or one with white space, a plus sign or a control character */
export function checkKeyName(name: string): void {
    // Not \s, which lacks U+0085 and adds U+FEFF.
    if (!/^[^\p{White_Space}+\x00-\x1f]+$/u.test(name)) {
        throw codedError("BadName", `key name ${quote(name)}, expected no white space and no plus sign`);
    }
}

/** @throws BadName, BadVkey unless the public key has 32 bytes */
export function ed25519Vkey(name: string, publicKey: Uint8Array): Vkey {
    checkKeyName(name);
    if (publicKey.length !== 32) throw codedError("BadVkey", `Ed25519 key has ${publicKey.length} bytes, expected 32`);
    const keyId = sha256(toUtf8(`${name}\n`), new Uint8Array([ED25519]), publicKey).subarray(0, 4);
    return { name, keyId: toHex(keyId), publicKey };
}

/** @throws BadVkey unless the SPKI is Ed25519's, whose last 32 bytes are the key; BadName */
export function vkeyFromSpki(name: string, spki: Uint8Array): Vkey {
    const prefix = fromHex(SPKI_PREFIX);
    if (spki.length !== prefix.length + 32 || !equalBytes(spki.subarray(0, prefix.length), prefix)) {
        throw codedError(
            "BadVkey",
            "key is not an Ed25519 SubjectPublicKeyInfo, the only kind that a checkpoint can be signed with",
        );
    }
    return ed25519Vkey(name, spki.slice(prefix.length));
}

export function encodeVkey({ name, keyId, publicKey }: Vkey): string {
    return `${name}+${keyId}+${toBase64(concat(new Uint8Array([ED25519]), publicKey))}`;
}

/**
 * @param text caller-controlled
 * @throws BadVkey, also if the key ID is not that of name and key
 */
export function parseVkey(text: string): Vkey {
    // The first two plus signs: base64 has some of its own.
    const [name = "", , encoded = ""] = text.length <= MAX_LENGTH ? splitTwice(text) : [];
    const key = decodeKey(encoded, text);
    const vkey = ed25519Vkey(name, key);
    if (encodeVkey(vkey) !== text)
        throw codedError("BadVkey", `${quote(text)}: key ID is not ${vkey.keyId}, that of name and key`);
    return vkey;
}

function splitTwice(text: string): string[] {
    const first = text.indexOf("+");
    const second = text.indexOf("+", first + 1);
    return second < 0 ? [] : [text.slice(0, first), text.slice(first + 1, second), text.slice(second + 1)];
}

function decodeKey(encoded: string, text: string): Uint8Array {
    const bytes = decodeBase64(encoded);
    if (bytes?.length !== 33 || bytes[0] !== ED25519) {
        throw codedError("BadVkey", `${quote(text)}, expected <name>+<key ID>+<base64 of 0x01 and an Ed25519 key>`);
    }
    return bytes.slice(1);
}

function decodeBase64(text: string): Uint8Array | undefined {
    try {
        return fromBase64(text);
    } catch {
        return undefined;
    }
}

/** Ed25519 (RFC 8032), which refuses S >= L. */
export function isSignedBy({ publicKey }: Vkey, message: Uint8Array, signature: Uint8Array): boolean {
    const spki = Buffer.from(concat(fromHex(SPKI_PREFIX), publicKey));
    const key = createPublicKey({ key: spki, format: "der", type: "spki" });
    return signature.length === 64 && verify(null, message, key, signature);
}
