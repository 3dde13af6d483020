/**
 * Globs over literals, `*` and `?`: no recursion, no regular expression, O(n m) in the worst case.
 *
 * A compiled glob is a literal, or a list of code units and tokens. Two tokens stand only in targets, second arguments that is: HEX, one
 * lowercase hexadecimal digit of a key id that does not exist yet, and PART, any run of characters without a colon.
 */
export interface Glob {
    /** Empty where `literal` is all there is. */
    readonly tokens: readonly number[];
    /** Holds a policy variable: read as `*` in `intersects`, and never covers. */
    readonly variable: boolean;
    /** The text itself, where nothing in it is a token: then equality decides. */
    readonly literal: string | undefined;
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

const NONE: readonly number[] = [];

/** ASCII only: `toLowerCase` would turn the Kelvin sign into a `k`. */
export function foldCase(text: string): string {
    let bits = 0;
    for (let i = 0; i < text.length; i++) bits |= text.charCodeAt(i);
    return bits > 127 ? text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase()) : text.toLowerCase();
}

export function compileGlob(text: string, options: GlobOptions = {}): Glob {
    if (text === "*") return EVERYTHING;
    const source = options.fold === true ? foldCase(text) : text;
    const variables = options.variables === true;
    return isPlain(source, variables) ? literalGlob(source) : tokenize(source, variables, options.resolve);
}

const EVERYTHING: Glob = { tokens: [STAR], variable: false, literal: undefined };

function isPlain(source: string, variables: boolean): boolean {
    for (let i = 0; i < source.length; i++) {
        const unit = source.charCodeAt(i);
        if (unit === 42 || unit === 63 || (unit === 36 && variables && source.charCodeAt(i + 1) === 123)) return false;
    }
    return true;
}

function tokenize(source: string, variables: boolean, resolve: GlobOptions["resolve"]): Glob {
    const tokens: number[] = [];
    let variable = false;
    for (let i = 0; i < source.length; i++) {
        const unit = source.charCodeAt(i);
        if (unit === 42 || unit === 63) {
            pushWildcard(tokens, unit === 42 ? STAR : ANY);
        } else if (unit === 36 && variables && source.charCodeAt(i + 1) === 123) {
            const end = source.indexOf("}", i);
            const name = end < 0 ? source.slice(i + 2) : source.slice(i + 2, end);
            i = end < 0 ? source.length : end;
            const value = name === "*" || name === "?" || name === "$" ? name : resolve?.(name);
            if (value === undefined) {
                variable = true;
                pushWildcard(tokens, STAR);
            } else {
                pushText(tokens, value);
            }
        } else {
            tokens.push(unit);
        }
    }
    return { tokens, variable, literal: undefined };
}

/** A glob whose `*` and `?` are no wildcards. */
export function literalGlob(text: string): Glob {
    return { tokens: NONE, variable: false, literal: text };
}

function tokensOf({ tokens, literal }: Glob): readonly number[] {
    if (literal === undefined) return tokens;
    const units: number[] = [];
    pushText(units, literal);
    return units;
}

/** Literal characters and wildcards, as a measure of work. */
export function globLength({ tokens, literal }: Glob): number {
    return literal === undefined ? tokens.length : literal.length;
}

/** A glob, then one UUID in lowercase hexadecimal: a single-region key id. */
export function keyIdGlob(prefix: string): Glob {
    const tokens = tokensOf(compileGlob(prefix)).map((token) => (token === STAR ? PART : token));
    for (const [i, count] of [8, 4, 4, 4, 12].entries()) {
        if (i > 0) pushText(tokens, "-");
        for (let n = 0; n < count; n++) tokens.push(HEX);
    }
    return { tokens, variable: false, literal: undefined };
}

/**
 * A target that is a glob over ARNs: what its stars stand for holds no colon. Only object keys of S3 may.
 *
 * @param fields of the ARN, six
 */
export function arnGlob(fields: readonly string[]): Glob {
    const text = fields.join(":");
    const whole = compileGlob(text);
    if (whole.literal !== undefined) return whole;
    const tokens = whole.tokens;
    const keep = fields[2] === "s3" ? globLength(compileGlob(fields[5] ?? "")) : 0;
    const parts = tokens.map((token, i) => (token === STAR && i < tokens.length - keep ? PART : token));
    return { tokens: parts, variable: false, literal: undefined };
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
    if (b.literal !== undefined) return matches(a, b.literal);
    if (isEverything(a) || isEverything(b)) return true;
    const [x, y] = [tokensOf(a), tokensOf(b)];
    const ends = commonEnds(x, y);
    return ends !== undefined && meetBetween(x, y, ends);
}

/** Sound, incomplete: true only if every string that matches `q` matches `p`; `?*` against `*?` says no. */
export function covers(p: string | Glob, q: string | Glob): boolean {
    const [a, b] = [asGlob(p), asGlob(q)];
    // A variable in q reads as `*`, so q only grows: still sound.
    if (a.variable) return false;
    if (b.literal !== undefined) return matches(a, b.literal);
    if (isEverything(a)) return true;
    const [x, y] = [tokensOf(a), tokensOf(b)];
    const ends = commonEnds(x, y);
    return ends !== undefined && coverBetween(x, y, ends);
}

/** Whether one string matches: the last star takes more for as long as the rest does not fit. */
function matches({ tokens, literal }: Glob, text: string): boolean {
    if (literal !== undefined) return literal === text;
    let [i, j] = [0, 0];
    let [star, retry] = [-1, 0];
    while (j < text.length) {
        const token = tokens[i];
        if (token === STAR) {
            if (i === tokens.length - 1) return true;
            star = i++;
            retry = j;
        } else if (token === ANY || token === text.charCodeAt(j)) {
            i++;
            j++;
        } else if (star < 0) {
            return false;
        } else {
            i = star + 1;
            j = ++retry;
        }
    }
    while (tokens[i] === STAR) i++;
    return i === tokens.length;
}

/** What is left to compare once heads and tails of single characters, which can be the same, are gone. */
interface Ends {
    readonly start: number;
    /** Of the first and of the second list, exclusive. */
    readonly endA: number;
    readonly endB: number;
}

/** Cheap and exact refusal: undefined if heads or tails cannot be one. */
function commonEnds(a: readonly number[], b: readonly number[]): Ends | undefined {
    const length = Math.min(a.length, b.length);
    let start = 0;
    for (; start < length; start++) {
        const [x, y] = [a[start] as number, b[start] as number];
        if (x === STAR || y === STAR || y === PART) break;
        if (!meet(x, y)) return undefined;
    }
    let [endA, endB] = [a.length, b.length];
    for (; endA > start && endB > start; endA--, endB--) {
        const [x, y] = [a[endA - 1] as number, b[endB - 1] as number];
        if (x === STAR || y === STAR || y === PART) break;
        if (!meet(x, y)) return undefined;
    }
    return { start, endA, endB };
}

/** Row i speaks of the suffixes of `a` from i, and column j of those of `b`; each row is filled from its end. */
function meetBetween(a: readonly number[], b: readonly number[], { start, endA, endB }: Ends): boolean {
    const width = endB - start;
    let below = new Uint8Array(width + 1);
    let row = new Uint8Array(width + 1);
    below[width] = 1;
    // Nothing is left of `a`: the rest of `b` must be able to vanish.
    for (let j = width - 1; j >= 0; j--) {
        const y = b[start + j];
        below[j] = (y === STAR || y === PART) && below[j + 1] === 1 ? 1 : 0;
    }
    for (let i = endA - 1; i >= start; i--) {
        const x = a[i] as number;
        let some = (row[width] = x === STAR ? (below[width] as number) : 0);
        for (let j = width - 1; j >= 0; j--) {
            const y = b[start + j] as number;
            let cell: number;
            if (x === STAR) cell = (below[j] as number) | (row[j + 1] as number);
            else if (y === STAR) cell = (row[j + 1] as number) | (below[j] as number);
            else if (y === PART) cell = (row[j + 1] as number) | (x === COLON ? 0 : (below[j] as number));
            else cell = below[j + 1] === 1 && meet(x, y) ? 1 : 0;
            row[j] = cell;
            some |= cell;
        }
        if (some === 0) return false;
        [below, row] = [row, below];
    }
    return below[0] === 1;
}

/** As above; a wildcard of `b` is covered by a star alone. */
function coverBetween(a: readonly number[], b: readonly number[], { start, endA, endB }: Ends): boolean {
    const width = endB - start;
    // Heads and tails met; here they must be covered, too.
    for (let i = 0; i < start; i++) if (!contains(a[i] as number, b[i] as number)) return false;
    for (let n = 1; n <= a.length - endA; n++) {
        if (!contains(a[a.length - n] as number, b[b.length - n] as number)) return false;
    }
    let below = new Uint8Array(width + 1);
    let row = new Uint8Array(width + 1);
    below[width] = 1;
    for (let i = endA - 1; i >= start; i--) {
        const x = a[i] as number;
        let some = (row[width] = x === STAR ? (below[width] as number) : 0);
        for (let j = width - 1; j >= 0; j--) {
            const y = b[start + j] as number;
            let cell: number;
            if (x === STAR) cell = (below[j] as number) | (row[j + 1] as number);
            else if (y === STAR || y === PART) cell = 0;
            else cell = below[j + 1] === 1 && contains(x, y) ? 1 : 0;
            row[j] = cell;
            some |= cell;
        }
        if (some === 0) return false;
        [below, row] = [row, below];
    }
    return below[0] === 1;
}

function isEverything({ tokens }: Glob): boolean {
    return tokens.length === 1 && tokens[0] === STAR;
}

function asGlob(glob: string | Glob): Glob {
    return typeof glob === "string" ? compileGlob(glob) : glob;
}

/** How many wildcards a pattern has, runs of `*` as one. */
export function countWildcards(text: string): number {
    return compileGlob(text).tokens.filter((token) => token < 0).length;
}
