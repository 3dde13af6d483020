import type { RawPolicy } from "../oracle";
import type { Random } from "../random";

/** The same document as people and tools write it: a statement that is no list, values that are no text, escapes, white space. */
export function spell(policy: RawPolicy, random: Random): string {
    const [only, ...more] = policy.Statement;
    const Statement = more.length === 0 && random.chance(0.3) ? only : policy.Statement;
    const unquoted = random.chance(0.2);
    let text = JSON.stringify({ ...policy, Statement }, null, random.chance(0.1) ? 2 : undefined);
    // Booleans and numbers stand in conditions alone.
    if (unquoted)
        text = text.replace(/"(true|false|[1-9][0-9]{0,11})"/g, (all, value: string, at: number) =>
            isValue(text, at) ? value : all,
        );
    if (!random.chance(0.1)) return text;
    return text.replace(/"[^"\\]*"/g, (quoted) =>
        quoted.replace(/[SKar]/g, (char) => (random.chance(0.1) ? escape(char) : char)),
    );
}

const escape = (char: string): string => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** Whether the text stands below Condition, and is no key. */
function isValue(text: string, at: number): boolean {
    const before = text.slice(0, at);
    const condition = before.lastIndexOf('"Condition"');
    const principal = Math.max(before.lastIndexOf('"Principal"'), before.lastIndexOf('"NotPrincipal"'));
    return condition > principal && !/^"[^"]*"\s*:/.test(text.slice(at));
}
