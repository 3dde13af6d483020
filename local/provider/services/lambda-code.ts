import { readFileSync } from "node:fs";
import { zipSync, type Zippable } from "fflate";
import { quote } from "../../../lib/encoding";
import { codedError } from "../../../lib/errors";
import { isArchive, isAsset, type Asset } from "../wire";

/**
 * The zip file of a function's code: an archive of text assets. The same code gives the same bytes, so that its hash says
 * whether it changed.
 *
 * @throws NotSupported for code that is not an archive, or that lies elsewhere
 */
export function zipOf(code: unknown): Uint8Array {
    if (!isArchive(code) || !code.assets) {
        throw codedError(
            "NotSupported",
            "code of a function is not an AssetArchive, expected one of text or file assets",
        );
    }
    const files: Zippable = {};
    for (const name of Object.keys(code.assets).sort()) {
        files[name] = bytesOf(name, code.assets[name]!);
    }
    // 1980 begins the zip format's calendar; local time, for that is how the library reads a date.
    return zipSync(files, { level: 6, mtime: new Date(1980, 0, 1), os: 3, attrs: 0o644 << 16 });
}

function bytesOf(name: string, asset: Asset): Uint8Array {
    if (isAsset(asset) && asset.text !== undefined) {
        return new TextEncoder().encode(asset.text);
    }
    if (isAsset(asset) && asset.path) {
        return new Uint8Array(readFileSync(asset.path));
    }
    throw codedError("NotSupported", `file ${quote(name)} of a function's code is neither text nor a local file`);
}
