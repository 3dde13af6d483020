/**
 * Globs over literals, `*` and `?`, by dynamic programming: no recursion, no regular expression, O(n m) in the worst case.
 *
 * A compiled glob is a list of code points and tokens. Two tokens stand only in targets, second arguments that is: HEX, one lowercase
 * hexadecimal digit of a key id that does not exist yet, and PART, any run of characters without a colon.
 */
export interface Glob {
    readonly tokens: readonly number[];
    /** Holds a policy variable: read as `*` in `intersects`, and never covers. */
    readonly variable: boolean;
    /** The text itself, where nothing in it is a token: then equality decides. */
    readonly literal?: string;
}

const STAR = -1;
const ANY = -2;
const HEX = -3;
const PART = -4;

export interface GlobOptions {
    /** Compare ASCII letters without case, as actions do. */
    readonly fold?: boolean;
    /** `${...}` is a variable (Version 2012-10-17). */
    readonly variables?: boolean;
    /** Replaces a variable by text that is literal from then on; undefined leaves it unresolved. */
    readonly resolve?: (variable: string) => string | undefined;
}

/** ASCII only: `toLowerCase` would turn the Kelvin sign into a `k`. */
export function foldCase(text: string): string {
    return /[A-Z]/.test(text) ? text.replace(/[A-Z]+/g, (upper) => upper.toLowerCase()) : text;
}

export function compileGlob(text: string, options: GlobOptions = {}): Glob {
    const source = options.fold ? foldCase(text) : text;
    const tokens: number[] = [];
    let variable = false;
    let plain = true;
    for (let i = 0; i < source.length; i++) {
        const char = source[i];
        if (char === "*" || char === "?") {
            plain = false;
            pushWildcard(tokens, char === "*" ? STAR : ANY);
            continue;
        }
        if (char === "$" && source[i + 1] === "{" && options.variables) {
            const end = source.indexOf("}", i);
            const name = end < 0 ? source.slice(i + 2) : source.slice(i + 2, end);
            i = end < 0 ? source.length : end;
            plain = false;
            const value = ["*", "?", "$"].includes(name) ? name : options.resolve?.(name);
            if (value === undefined) {
                variable = true;
                pushWildcard(tokens, STAR);
            } else {
                pushText(tokens, value);
            }
            continue;
        }
        tokens.push(source.charCodeAt(i));
    }
    return plain ? { tokens, variable, literal: source } : { tokens, variable };
}

/** A glob whose `*` and `?` are no wildcards. */
export function literalGlob(text: string): Glob {
    const tokens: number[] = [];
    pushText(tokens, text);
    return { tokens, variable: false, literal: text };
}

/** A glob, then one UUID in lowercase hexadecimal: a single-region key id. */
export function keyIdGlob(prefix: string): Glob {
    const tokens = compileGlob(prefix).tokens.map((token) => (token === STAR ? PART : token));
    for (const [i, count] of [8, 4, 4, 4, 12].entries()) {
        if (i > 0) pushText(tokens, "-");
        for (let n = 0; n < count; n++) tokens.push(HEX);
    }
    return { tokens, variable: false };
}

/**
 * A target that is a glob over ARNs: what its stars stand for holds no colon. Only object keys of S3 may.
 *
 * @param fields of the ARN, six
 */
export function arnGlob(fields: readonly string[]): Glob {
    const text = fields.join(":");
    const tokens = [...compileGlob(text).tokens];
    const keep = fields[2] === "s3" ? compileGlob(fields[5] ?? "").tokens.length : 0;
    const parts = tokens.map((token, i) => (token === STAR && i < tokens.length - keep ? PART : token));
    return { tokens: parts, variable: false, ...(/[*?]/.test(text) ? {} : { literal: text }) };
}

function pushText(tokens: number[], text: string): void {
    for (let i = 0; i < text.length; i++) tokens.push(text.charCodeAt(i));
}

function pushWildcard(tokens: number[], token: number): void {
    if (token !== STAR || tokens[tokens.length - 1] !== STAR) tokens.push(token);
}

function isHexDigit(token: number): boolean {
    return (token >= 48 && token <= 57) || (token >= 97 && token <= 102);
}

const COLON = 58;

/** Whether two tokens that each stand for one character can stand for the same one. */
function meet(a: number, b: number): boolean {
    if (a === b || a === ANY || b === ANY) return true;
    return (a === HEX && isHexDigit(b)) || (b === HEX && isHexDigit(a));
}

/** Whether `a` stands for every character that `b` stands for. */
function contains(a: number, b: number): boolean {
    return a === b || a === ANY || (a === HEX && isHexDigit(b));
}

/** Exact: some string matches both. */
export function intersects(p: string | Glob, q: string | Glob): boolean {
    const [a, b] = [asGlob(p), asGlob(q)];
    if (a.literal !== undefined && b.literal !== undefined) return a.literal === b.literal;
    if (isEverything(a) || isEverything(b)) return true;
    return !endsDiffer(a.tokens, b.tokens) && suffixes(a.tokens, b.tokens, intersectCell);
}

/** Sound, incomplete: true only if every string that matches `q` matches `p`; `?*` against `*?` says no. */
export function covers(p: string | Glob, q: string | Glob): boolean {
    const [a, b] = [asGlob(p), asGlob(q)];
    // A variable in q reads as `*`, so q only grows: still sound.
    if (a.variable) return false;
    if (a.literal !== undefined && b.literal !== undefined) return a.literal === b.literal;
    if (isEverything(a)) return true;
    return !endsDiffer(a.tokens, b.tokens) && suffixes(a.tokens, b.tokens, coverCell);
}

/**
 * f(i, j) speaks of the suffixes from i and j; both rows are one longer than q.
 *
 * @param below f(i + 1, _)
 * @param row f(i, _), filled from the end
 */
type Cell = (x: number | undefined, y: number | undefined, j: number, below: Uint8Array, row: Uint8Array) => boolean;

function intersectCell(
    x: number | undefined,
    y: number | undefined,
    j: number,
    below: Uint8Array,
    row: Uint8Array,
): boolean {
    if (x === STAR) return below[j] === 1 || (y !== undefined && row[j + 1] === 1);
    if (y === STAR) return row[j + 1] === 1 || (x !== undefined && below[j] === 1);
    if (y === PART) return row[j + 1] === 1 || (x !== undefined && x !== COLON && below[j] === 1);
    if (x === undefined || y === undefined) return x === y;
    return below[j + 1] === 1 && meet(x, y);
}

function coverCell(
    x: number | undefined,
    y: number | undefined,
    j: number,
    below: Uint8Array,
    row: Uint8Array,
): boolean {
    if (y === undefined) return x === undefined || (x === STAR && below[j] === 1);
    if (x === STAR) return below[j] === 1 || row[j + 1] === 1;
    if (x === undefined || y === STAR || y === PART) return false;
    return below[j + 1] === 1 && contains(x, y);
}

function suffixes(a: readonly number[], b: readonly number[], cell: Cell): boolean {
    let below = new Uint8Array(b.length + 2);
    let row = new Uint8Array(b.length + 2);
    for (let i = a.length; i >= 0; i--) {
        row[b.length + 1] = 0;
        for (let j = b.length; j >= 0; j--) row[j] = cell(a[i], b[j], j, below, row) ? 1 : 0;
        [below, row] = [row, below];
    }
    return below[0] === 1;
}

function isEverything({ tokens }: Glob): boolean {
    return tokens.length === 1 && tokens[0] === STAR;
}

/** Cheap and exact refusal: literal heads or tails that cannot be one. */
function endsDiffer(a: readonly number[], b: readonly number[]): boolean {
    const length = Math.min(a.length, b.length);
    for (let i = 0; i < length; i++) {
        const [x, y] = [a[i] as number, b[i] as number];
        if (x === STAR || y === STAR || y === PART) break;
        if (!meet(x, y)) return true;
    }
    for (let i = 1; i <= length; i++) {
        const [x, y] = [a[a.length - i] as number, b[b.length - i] as number];
        if (x === STAR || y === STAR || y === PART) break;
        if (!meet(x, y)) return true;
    }
    return false;
}

function asGlob(glob: string | Glob): Glob {
    return typeof glob === "string" ? compileGlob(glob) : glob;
}

/** How many wildcards a pattern has, runs of `*` as one. */
export function countWildcards(text: string): number {
    return compileGlob(text).tokens.filter((token) => token < 0).length;
}
