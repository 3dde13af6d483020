import { createHash } from "node:crypto";

/** The name of a signer's one file, as components/inline-function.ts makes it. */
const FILE = "__index.js";

/**
 * SHA-256, hex, of the one file of a function's code: `sha256sum __index.js` of what Lambda has.
 *
 * @param code an AssetArchive, or what a stack export holds of one
 * @returns undefined for anything else than one text `__index.js`: another archive's content is not known to a policy
 */
export async function codeDigest(code: unknown): Promise<string | undefined> {
    const assets = await member(code, "assets");
    if (typeof assets !== "object" || assets === null) return undefined;
    const names = Object.keys(assets);
    if (names.length !== 1 || names[0] !== FILE) return undefined;
    const text = await member((assets as Record<string, unknown>)[FILE], "text");
    return typeof text === "string" ? createHash("sha256").update(text, "utf8").digest("hex") : undefined;
}

async function member(object: unknown, name: string): Promise<unknown> {
    if (typeof object !== "object" || object === null) return undefined;
    return (object as Record<string, unknown>)[name];
}

/** What is behind the SDK's proxy: through it, a promise cannot be awaited. */
export function unproxied(props: Record<string, unknown>): Record<string, unknown> {
    return (props["__getSpecialProxyTarget"] as Record<string, unknown> | undefined) ?? props;
}
