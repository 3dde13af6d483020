/** Text from a document for a message: secrets reach rules as plain text, so only ARNs, action names and plain names are printed. */

const PRINTABLE = [
    /^arn:[a-z0-9*?-]{1,24}:[a-z0-9*?-]{0,40}:[a-z0-9*?-]{0,24}:[0-9*?]{0,12}:[A-Za-z0-9_+=,.@/:*?${}-]{0,180}$/,
    /^[A-Za-z0-9*?-]{1,40}:[A-Za-z0-9*?]{1,64}$/,
    /^[A-Za-z][A-Za-z0-9-]{0,31}$/,
    /^[a-z0-9.-]{1,60}\.amazonaws\.com(?:\.cn)?$/,
    /^[0-9]{12}$/,
    /^[*]$/,
];

/** @returns at most 256 characters without control characters */
export function show(text: string): string {
    return text.length <= 256 && PRINTABLE.some((grammar) => grammar.test(text))
        ? text
        : `a string of ${text.length} characters`;
}
