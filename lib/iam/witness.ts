/** Concrete names for classes of callers. */

/** What IAM allows in names (IAM User Guide, "IAM and STS quotas"). */
const NAME_CHARACTERS = "zqxjkvbwyfgpmucdlhrsntioaeZQXJKVBWYFGPMUCDLHRSNTIOAE7394816520_-+=,.@";

/** A name that none of the texts' literal characters can match, too long for patterns of single wildcards; undefined if every character is taken. */
export function freshText(texts: readonly string[]): string | undefined {
    const used = new Set(texts.join(""));
    const free = [...NAME_CHARACTERS].find((char) => !used.has(char));
    return free?.repeat(64);
}

/**
 * What may follow `prefix` in strings that match `pattern`: the patterns that remain once it is consumed.
 * Walks all positions at once, O(n m).
 */
export function remainders(pattern: string, prefix: string): string[] {
    const starts = (positions: Set<number>): Set<number> => {
        for (const position of positions) if (pattern[position] === "*") positions.add(position + 1);
        return positions;
    };
    let positions = starts(new Set([0]));
    for (const char of prefix) {
        const next = new Set<number>();
        for (const position of positions) {
            const token = pattern[position];
            if (token === "*") next.add(position);
            else if (token === "?" || token === char) next.add(position + 1);
        }
        positions = starts(next);
        if (positions.size === 0) return [];
    }
    const rests = [...positions].map((position) => pattern.slice(position).replace(/\*+/g, "*"));
    // `*x` holds all that `x` holds.
    return [...new Set(rests)].filter((rest) => rest !== "" && !rests.includes(`*${rest}`));
}

/** Shortest first: wildcards gone, then one character each. Falls back to the pattern where every try is taken. */
export function witnessOf(pattern: string, fresh: string | undefined, taken: readonly string[]): string {
    const char = (fresh ?? "z").charAt(0);
    const singles = pattern.split("?").join(char);
    const tries = ["", char, char.repeat(8)].map((fill) => singles.split("*").join(fill));
    return tries.find((text) => text !== "" && !text.endsWith("/") && !taken.includes(text)) ?? pattern;
}
