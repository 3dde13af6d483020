import { codedError } from "../../lib/errors";

/**
 * A stream's bytes in one piece, copied once.
 *
 * @param size bytes that were announced
 * @throws FileChanged if it has more or fewer
 */
export async function collect(chunks: AsyncIterable<Uint8Array>, size: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(size);
    let at = 0;
    for await (const chunk of chunks) {
        if (at + chunk.length > size)
            throw codedError("FileChanged", `file has more than the ${size} bytes that were announced`);
        bytes.set(chunk, at);
        at += chunk.length;
    }
    if (at !== size) throw codedError("FileChanged", `file has ${at} bytes, ${size} were announced`);
    return bytes;
}
