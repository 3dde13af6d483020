import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { expect, it } from "vitest";
import { zipOf } from "../../../local/provider/services/lambda-code";
import { SIGNATURE } from "../../../local/provider/wire";

const asset = (more: object) => ({ [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17", ...more });
const archive = (assets: object) => ({ [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", assets });
const CODE = archive({ "b.js": asset({ text: "2 ä" }), "a/index.js": asset({ text: "1" }) });
const notSupported = expect.objectContaining({ code: "NotSupported" }) as Error;

it("holds exactly the files of the archive", () => {
    const files = unzipSync(zipOf(CODE));
    expect(
        Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes).toString("utf8")])),
    ).toEqual({
        "a/index.js": "1",
        "b.js": "2 ä",
    });
});

it("is the same bytes whatever the order, the day and the time zone", () => {
    const other = archive({ "a/index.js": asset({ text: "1" }), "b.js": asset({ text: "2 ä" }) });
    const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    expect(hash(zipOf(other))).toBe(hash(zipOf(CODE)));
    const script = `require("ts-node").register({ transpileOnly: true });
        const { zipOf } = require("./local/provider/services/lambda-code");
        process.stdout.write(require("node:crypto").createHash("sha256").update(zipOf(${JSON.stringify(CODE)})).digest("hex"));`;
    const cwd = join(__dirname, "..", "..", "..");
    const run = execFileSync(process.execPath, ["-e", script], {
        cwd,
        encoding: "utf8",
        env: { TZ: "Pacific/Kiritimati" },
    });
    expect(run).toBe(hash(zipOf(CODE)));
});

it("reads a file asset", () => {
    const zipped = unzipSync(
        zipOf(archive({ "package.json": asset({ path: join(__dirname, "..", "..", "..", "package.json") }) })),
    );
    expect(Buffer.from(zipped["package.json"]!).toString("utf8")).toContain('"countersign"');
});

it("refuses what it would have to fetch", () => {
    expect(() => zipOf(archive({ "a.js": asset({ uri: "https://example.org/a.js" }) }))).toThrow(notSupported);
    expect(() => zipOf({ [SIGNATURE]: "0def7320c3a5731c473e5ecbe6d01bc7", path: "code.zip" })).toThrow(notSupported);
    expect(() => zipOf("code")).toThrow(notSupported);
});
