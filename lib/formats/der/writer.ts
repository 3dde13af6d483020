import { concat, fromHex } from "../../encoding";

/** Just enough DER (X.690 section 10) to write a detached CMS signature. Ready elements are bytes and go in as they are. */
export function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
    const body = concat(...content);
    return concat(Uint8Array.of(tag, ...lengthBytes(body.length)), body);
}

export function sequence(...members: readonly Uint8Array[]): Uint8Array {
    return element(0x30, ...members);
}

/** A SET of one: SETs of more would have to be sorted. */
export function setOfOne(member: Uint8Array): Uint8Array {
    return element(0x31, member);
}

/** `[number]`, constructed. */
export function explicit(number: number, ...content: readonly Uint8Array[]): Uint8Array {
    return element(0xa0 | number, ...content);
}

export function octetString(content: Uint8Array): Uint8Array {
    return element(0x04, content);
}

/** @param value 0 to 127 */
export function smallIntegerOf(value: number): Uint8Array {
    return element(0x02, Uint8Array.of(value));
}

/** @param elementHex a whole OBJECT IDENTIFIER element, from constants */
export function oid(elementHex: string): Uint8Array {
    return fromHex(elementHex);
}

export function nullElement(): Uint8Array {
    return element(0x05);
}

function lengthBytes(length: number): number[] {
    if (length < 0x80) return [length];
    const bytes: number[] = [];
    for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
    return [0x80 | bytes.length, ...bytes];
}
