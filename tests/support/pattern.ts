/** Whether a text matches an IAM pattern, for oracles. Regular expressions are safe here: the patterns are a generator's own. */
export function matchesPattern(pattern: string, text: string, flags = ""): boolean {
    const source = pattern
        .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
        .replace(/\*/g, "[^]*")
        .replace(/\?/g, "[^]");
    return new RegExp(`^${source}$`, flags).test(text);
}
