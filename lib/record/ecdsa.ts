import { codedError } from "../errors";

/**
 * r of an ECDSA signature: `SEQUENCE { INTEGER r, INTEGER s }` (RFC 3279 section 2.2.3) in minimal DER.
 *
 * @param signature caller-controlled
 * @returns r without leading zeros
 * @throws SignatureMismatch for any other encoding: else one signature had many spellings
 */
export function ecdsaR(signature: Uint8Array): Uint8Array {
    // Above 127 bytes of content, which only P-521 reaches, the length takes two bytes.
    const long = signature[1] === 0x81;
    const start = long ? 3 : 2;
    const length = signature[start - 1] ?? 0;
    const isMinimal = long === length > 0x7f;
    if (signature[0] !== 0x30 || !isMinimal || length !== signature.length - start) throw bad();
    const r = integerAt(signature, start);
    const s = integerAt(signature, r.end);
    if (s.end !== signature.length) throw bad();
    return r.bytes;
}

function integerAt(der: Uint8Array, at: number): { readonly bytes: Uint8Array; readonly end: number } {
    const length = der[at + 1] ?? 0;
    const end = at + 2 + length;
    const bytes = der.subarray(at + 2, end);
    const [first = 0, second = 0] = bytes;
    const isMinimal = first !== 0 || (length > 1 && second > 0x7f);
    if (der[at] !== 0x02 || length === 0 || length > 0x7f || end > der.length || first > 0x7f || !isMinimal)
        throw bad();
    return { bytes: first === 0 ? bytes.subarray(1) : bytes, end };
}

function bad(): Error {
    return codedError("SignatureMismatch", "ECDSA signature is not minimal DER of two positive integers");
}
