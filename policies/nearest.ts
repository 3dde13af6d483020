/** `did you mean X?` where one of the names is a slip of the keyboard away, and all of them where none is. */
export function nearest(saw: string, names: readonly string[]): string {
    const far = names.map((name) => distance(saw.slice(0, 64).toLowerCase(), name.toLowerCase()));
    const least = Math.min(...far);
    const found = names.filter((_, i) => far[i] === least && least <= 2);
    return found.length === 1 ? `did you mean ${found[0]!}?` : `expected one of ${names.join(", ")}`;
}

/** Levenshtein's: insertions, deletions and replacements of single characters. */
function distance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++)
            next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
        row = next;
    }
    return row[b.length]!;
}
