/** Addresses in CIDR ranges (RFC 4632, RFC 4291), and base64. */

export function isBase64Equal(a: string, b: string): boolean {
    const strict = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
    return a === b && strict.test(a);
}

/** @param range an address, or `ADDRESS/BITS` */
export function isInRange(address: string, range: string): boolean {
    const [base, bits, ...more] = range.split("/");
    const [a, b] = [parseAddress(address), parseAddress(base ?? "")];
    if (a === undefined || b === undefined || a.length !== b.length || more.length > 0) return false;
    const length = bits === undefined ? a.length * 8 : /^(?:0|[1-9][0-9]{0,2})$/.test(bits) ? Number(bits) : -1;
    if (length < 0 || length > a.length * 8) return false;
    return a.every((byte, i) => {
        const kept = Math.min(8, Math.max(0, length - i * 8));
        return byte >> (8 - kept) === (b[i] as number) >> (8 - kept);
    });
}

/** @returns 4 or 16 bytes */
function parseAddress(text: string): number[] | undefined {
    return text.includes(":") ? parseV6(text) : parseV4(text);
}

function parseV4(text: string): number[] | undefined {
    const parts = text.split(".");
    const isOctet = (part: string): boolean => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255;
    return parts.length === 4 && parts.every(isOctet) ? parts.map(Number) : undefined;
}

function parseV6(text: string): number[] | undefined {
    const halves = text.split("::");
    if (halves.length > 2) return undefined;
    const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
    const [head, tail] = [groups[0] ?? [], groups[1] ?? []];
    const missing = 8 - head.length - tail.length;
    if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
    const full = halves.length === 1 ? head : [...head, ...new Array<string>(missing).fill("0"), ...tail];
    if (!full.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
    return full.flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}
