import type { KeyObject } from "node:crypto";
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

/**
 * ECDSA over a digest. `node:crypto.sign(null, digest, ecKey)` is no way to do it: it hashes again (measured), so the curve
 * arithmetic is noble's. Signatures are DER and s is not made low, as KMS gives them.
 */
const CURVES = { "P-256": p256, "P-384": p384, "P-521": p521, secp256k1 };
const DER = { format: "der", prehash: false, lowS: false } as const;

export function ecdsaSign(key: KeyObject, digest: Uint8Array): Buffer {
    const { crv, d } = key.export({ format: "jwk" });
    // extraEntropy: KMS's nonces are random, so a repeated message has another signature each time.
    return Buffer.from(curve(crv).sign(digest, fromUrl(d), { ...DER, extraEntropy: true }));
}

export function ecdsaVerifies(key: KeyObject, digest: Uint8Array, signature: Uint8Array): boolean {
    const { crv, x, y } = key.export({ format: "jwk" });
    const point = Buffer.concat([Buffer.from([4]), fromUrl(x), fromUrl(y)]);
    try {
        return curve(crv).verify(signature, digest, point, DER);
    } catch {
        return false; // not DER
    }
}

function curve(name: string | undefined): (typeof CURVES)["P-256"] {
    const found = Object.entries(CURVES).find(([known]) => known === name)?.[1];
    if (!found) throw new Error(`no curve ${String(name)}`);
    return found as (typeof CURVES)["P-256"];
}

function fromUrl(text: string | undefined): Buffer {
    return Buffer.from(text ?? "", "base64url");
}
