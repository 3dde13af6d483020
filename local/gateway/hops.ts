/** Drops the headers that belong to one hop (RFC 9110 section 7.6.1). `raw` is name, value, name, value, ... */
export function endToEnd(raw: readonly string[]): string[] {
    const out: string[] = [];
    for (let i = 0; i + 1 < raw.length; i += 2) {
        if (!/^(connection|keep-alive|proxy-.*|transfer-encoding|te|trailer|upgrade|server)$/i.test(raw[i]!)) {
            out.push(raw[i]!, raw[i + 1]!);
        }
    }
    return out;
}
