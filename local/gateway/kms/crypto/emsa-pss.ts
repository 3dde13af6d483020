import { createHash } from "node:crypto";

/**
 * EMSA-PSS, RFC 8017 section 9.1, over a digest: node:crypto hashes what it is given and so cannot sign a digest with PSS.
 * Hash and MGF1 hash are the same, the salt is as long as the hash: what KMS uses.
 */
export function encodePss(hashName: string, digest: Uint8Array, salt: Uint8Array, emBits: number): Buffer {
    const emLen = Math.ceil(emBits / 8);
    const hLen = digest.length;
    if (emLen < hLen + salt.length + 2) {
        throw new Error(`encoding error: ${emBits} bits cannot hold ${hashName} and a salt of ${salt.length} bytes`);
    }
    const h = hashOfSalted(hashName, digest, salt);
    const db = Buffer.alloc(emLen - hLen - 1);
    db[db.length - salt.length - 1] = 0x01;
    db.set(salt, db.length - salt.length);
    const masked = xor(db, mgf1(hashName, h, db.length));
    masked[0] = masked[0]! & (0xff >> (8 * emLen - emBits));
    return Buffer.concat([masked, h, Buffer.from([0xbc])]);
}

/** RFC 8017 section 9.1.2; the salt must have the length of the hash. */
export function isPss(hashName: string, digest: Uint8Array, em: Uint8Array, emBits: number): boolean {
    const emLen = Math.ceil(emBits / 8);
    const hLen = digest.length;
    const sLen = hLen;
    if (em.length !== emLen || emLen < hLen + sLen + 2 || em[emLen - 1] !== 0xbc) return false;
    const masked = em.subarray(0, emLen - hLen - 1);
    const h = em.subarray(emLen - hLen - 1, emLen - 1);
    const topMask = 0xff >> (8 * emLen - emBits);
    if ((masked[0]! & ~topMask & 0xff) !== 0) return false;
    const db = xor(masked, mgf1(hashName, h, masked.length));
    db[0] = db[0]! & topMask;
    const zeros = db.length - sLen - 1;
    if (db.subarray(0, zeros).some((byte) => byte !== 0) || db[zeros] !== 0x01) return false;
    return hashOfSalted(hashName, digest, db.subarray(zeros + 1)).equals(h);
}

/** Hash of M' = eight zero bytes, digest, salt. */
function hashOfSalted(hashName: string, digest: Uint8Array, salt: Uint8Array): Buffer {
    return createHash(hashName).update(Buffer.alloc(8)).update(digest).update(salt).digest();
}

/** RFC 8017 appendix B.2.1. */
function mgf1(hashName: string, seed: Uint8Array, length: number): Buffer {
    const blocks: Buffer[] = [];
    for (let counter = 0, have = 0; have < length; counter++) {
        const c = Buffer.alloc(4);
        c.writeUInt32BE(counter);
        const block = createHash(hashName).update(seed).update(c).digest();
        blocks.push(block);
        have += block.length;
    }
    return Buffer.concat(blocks).subarray(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
    return Buffer.from(a.map((byte, i) => byte ^ b[i]!));
}
