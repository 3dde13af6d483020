import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const FOLDER = join(__dirname, "../../../examples/pull-request");

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "deploy-"))));
afterEach(() => rmSync(folder, { recursive: true }));

/** The script with npm, npx and curl of ours, each writing down what it saw. `fails`: what ends with 1, by a word of it. */
function deploy(fails = "nothing", env: Record<string, string> = { ID_TOKEN: "given.token" }) {
    const bin = join(folder, "bin");
    mkdirSync(bin);
    for (const name of ["npx", "npm"]) {
        const body = `echo "${name} $*" >> "${folder}/calls"; env > "${folder}/environment"
case "$*" in *"${fails}"*) exit 1;; *" config "*) echo '{"of":"config"}';; *export*) echo '{"of":"export"}';; *stack.json*) cp "$5" "${folder}/judged";; esac`;
        writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
        chmodSync(join(bin, name), 0o755);
    }
    const { status, stderr } = spawnSync("sh", [join(FOLDER, "deploy.sh")], {
        cwd: join(FOLDER, "../.."),
        encoding: "utf8",
        env: {
            PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`,
            TMPDIR: folder,
            STACK: "dev",
            DEPLOY_ROLE_ARN: "arn:aws:iam::111122223333:role/countersign-deployer",
            ...env,
        },
    });
    const seen = (name: string): string =>
        existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8").trimEnd() : "";
    const calls = seen("calls")
        .split("\n")
        .map((line) => /(check-config|preview|up|export|config|stack\.json)\b/.exec(line)?.[1]);
    return { status, stderr, seen, calls };
}

describe("deploy.sh", () => {
    test("checks the configuration, previews and applies under it with refresh, and judges what is deployed", () => {
        const { status, calls, seen } = deploy();
        expect({ status, calls }).toEqual({
            status: 0,
            calls: ["config", "check-config", "preview", "up", "export", "stack.json"],
        });
        for (const operation of ["preview", "up"])
            expect(seen("calls")).toMatch(
                new RegExp(
                    `pulumi ${operation} --non-interactive .*--stack dev --refresh --policy-pack policies --policy-pack-config \\S+/pack\\.json`,
                ),
            );
        expect(seen("calls")).not.toMatch(/skip-preview|refresh=false/);
        expect(seen("judged")).toBe('{"of":"export"}');
        expect(seen("environment")).toContain("AWS_ROLE_ARN=arn:aws:iam::111122223333:role/countersign-deployer");
        expect(seen("environment")).not.toContain("given.token");
    });

    test.each([
        ["the configuration cannot be made", " config ", ["config"]],
        ["the configuration is weakened", "check-config", ["config", "check-config"]],
        ["the pack stops the preview", "pulumi preview", ["config", "check-config", "preview"]],
        ["the update fails", "pulumi up", ["config", "check-config", "preview", "up"]],
        [
            "what is deployed is not clean",
            "stack.json",
            ["config", "check-config", "preview", "up", "export", "stack.json"],
        ],
    ])("ends there if %s", (_name, fails, calls) => {
        const ended = deploy(fails);
        expect({ failed: ended.status !== 0, calls: ended.calls }).toEqual({ failed: true, calls });
    });

    test("without a token nothing is done", () =>
        expect(deploy("nothing", {})).toMatchObject({ status: 3, calls: [undefined] }));
});
