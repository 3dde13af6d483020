import { concat, fromHex } from "../../../lib/encoding";
import { randomFrom } from "../../support/random";

/** Looks like a module to whoever checks no more than sign-file and kernel do before they hash. */
export function module(seed = 1, length = 5000): Uint8Array {
    return concat(fromHex("7f454c46"), randomFrom(seed).bytes(length));
}

/** The bytes in pieces of uneven size, as a stream would give them. */
export async function* inPieces(bytes: Uint8Array, seed = 7): AsyncGenerator<Uint8Array> {
    const random = randomFrom(seed);
    for (let at = 0; at < bytes.length;) {
        const length = random.below(5) ? 1 + random.below(900) : 1 + random.below(5);
        yield bytes.subarray(at, at + length);
        at += length;
    }
}
