/** Networks as text, `10.0.0.0/8`, `2001:db8::/32`, read strictly: what is not understood is undefined. */
export interface Network {
    readonly family: 4 | 6;
    readonly address: bigint;
    readonly bits: number;
}

export function networkOf(text: string): Network | undefined {
    const [address, bits, ...rest] = text.split("/");
    if (address === undefined || bits === undefined || rest.length > 0 || !/^(0|[1-9][0-9]{0,2})$/.test(bits))
        return undefined;
    const family = address.includes(":") ? 6 : 4;
    const value = family === 4 ? v4(address) : v6(address);
    const size = family === 4 ? 32 : 128;
    return value === undefined || Number(bits) > size ? undefined : { family, address: value, bits: Number(bits) };
}

/** True if every address of the first is in the second. */
export function isWithin(inner: Network, outer: Network): boolean {
    const size = inner.family === 4 ? 32 : 128;
    const shift = BigInt(size - outer.bits);
    return (
        inner.family === outer.family && inner.bits >= outer.bits && inner.address >> shift === outer.address >> shift
    );
}

function v4(text: string): bigint | undefined {
    const parts = text.split(".");
    if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9][0-9]{0,2})$/.test(part) && Number(part) < 256))
        return undefined;
    return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

/** Without a dotted end, which no security group needs. */
function v6(text: string): bigint | undefined {
    const halves = text.split("::");
    const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
    const given = groups.flat();
    const [head = [], tail] = groups;
    const missing = 8 - given.length;
    if (halves.length > 2 || (tail === undefined ? missing !== 0 : missing < 1)) return undefined;
    if (!given.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return undefined;
    const all = [...head, ...Array.from({ length: missing }, () => "0"), ...(tail ?? [])];
    return all.reduce((value, group) => value * 65536n + BigInt(parseInt(group, 16)), 0n);
}
