/**
 * The settings that the repository holds: each is what `npm run policy -- settings` proposes for its stack's configuration, with the code
 * that the program registers. The records are the real language host's; nothing here proves what a real engine sees: tests/engine.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { codeDigest } from "../../../policies/code-digest";
import type { Settings } from "../../../policies/settings";
import { ROOT } from "../../support/native";
import { record, type Recording, stackConfig } from "../../support/record-harness";
import { saidOf } from "../../support/recorded";
import { folder, policy } from "./command";

const configOf = (stack: string): string => join(ROOT, `Pulumi.${stack}.yaml`);
const settingsOf = (stack: string): Partial<Settings> =>
    JSON.parse(readFileSync(join(ROOT, "policies", `settings.${stack}.json`), "utf8")) as Partial<Settings>;
const refresh = (stack: string): string =>
    `policies/settings.${stack}.json is not what the program needs now. Look at what changed in the code that signs, then run ` +
    `npm run build && npm run -s policy -- settings --stack-config Pulumi.${stack}.yaml --stack ${stack} --write policies/settings.${stack}.json`;

async function proposed(stack: string, ...more: readonly string[]): Promise<Partial<Settings>> {
    const { status, stdout, stderr } = await policy(
        "settings",
        ...["--stack-config", configOf(stack), "--stack", stack],
        ...more,
    );
    // Nothing, or that the program runs.
    expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringMatching(/^(running the program .*\n)?$/) as string,
    });
    return JSON.parse(stdout) as Partial<Settings>;
}

describe.each(["dev", "prod"])("settings of %s", (stack) => {
    it("are what is proposed", async () => expect(settingsOf(stack), refresh(stack)).toEqual(await proposed(stack)));

    it("make a configuration that check-config takes", async () => {
        const { stdout } = await policy("config", "--settings", join(ROOT, "policies", `settings.${stack}.json`));
        const file = join(folder({ "pack.json": stdout }), "pack.json");
        expect(await policy("check-config", file)).toMatchObject({ status: 0, stdout: "no rule is weakened\n" });
    });
});

// What prod registers is judged in the slow lane: tests/engine/code-pins.test.ts.
describe("what the program registers with the configuration of dev", () => {
    let recording: Recording;
    beforeAll(async () => void (recording = await record({ stack: "dev", config: stackConfig("dev") })), 120_000);

    it("is the code that the settings of dev pin for each signer and checker", async () => {
        expect(recording.errors).toEqual([]);
        const functions = recording.records.filter(({ type }) => type === "aws:lambda/function:Function");
        const digests = new Map<unknown, string | undefined>();
        for (const { properties } of functions) digests.set(properties.name, await codeDigest(properties.code));
        const { signers = [], checkers = [] } = settingsOf("dev");
        expect([signers.length, checkers.length]).toEqual([3, 2]);
        for (const signer of [...signers, ...checkers])
            expect({ of: signer.function, pins: signer.codeSha256 }, refresh("dev")).toEqual({
                of: signer.function,
                pins: [digests.get(signer.function)],
            });
    });

    it("lets the pack say nothing of its first preview under the settings of dev, neither violation nor notice", async () =>
        expect(await saidOf(recording, settingsOf("dev"))).toEqual([]));
});

describe("settings of local", () => {
    it("are what is proposed, but that they pin no code and say why", async () => {
        const { unpinnedCode = "", ...rest } = settingsOf("local");
        expect(unpinnedCode).toMatch(/^the local run /);
        const proposal = await proposed("local", "--unpinned", unpinnedCode);
        expect({ ...rest, unpinnedCode }, refresh("local").replace("--write", `--unpinned "..." --write`)).toEqual(
            proposal,
        );
        for (const { codeSha256 } of [...rest.signers!, ...rest.checkers!]) expect(codeSha256).toEqual([]);
    });
});

describe("npm run policy -- settings", () => {
    it("writes over what it proposes and keeps what was reviewed beside it", async () => {
        const subjects = [{ forge: "gitlab", project: "a/b", ref: "refs/heads/main", protectedRef: true }];
        const oidcProviders = [{ url: "https://gitlab.com", audiences: ["sts.amazonaws.com"] }];
        const root = folder({ "settings.json": { subjects, oidcProviders, accountId: "999999999999", regions: [] } });
        const file = join(root, "settings.json");
        const args = ["--stack-config", configOf("dev"), "--stack", "dev", "--unpinned", "a test", "--write", file];
        expect(await policy("settings", ...args)).toMatchObject({
            status: 0,
            stdout: expect.stringContaining(`${file} is written: review the difference\n`) as string,
        });
        const written = JSON.parse(readFileSync(file, "utf8")) as Partial<Settings>;
        expect(written).toMatchObject({ subjects, accountId: "111122223333", unpinnedCode: "a test" });
        expect(await policy("settings", ...args)).toMatchObject({ stdout: `${file} is up to date\n` });
    });

    const unpinned = async (text: string, ...more: readonly string[]) => {
        const file = join(folder({ "Pulumi.x.yaml": text }), "Pulumi.x.yaml");
        return policy("settings", "--stack-config", file, "--stack", "x", "--unpinned", "a test", ...more);
    };
    const DEV = readFileSync(configOf("dev"), "utf8");

    it("reads what `pulumi config set` leaves: numbers, and structure as text", async () => {
        const { config } = parse(DEV) as { config: Record<string, unknown> };
        const set = Object.entries(config).map(([key, value]) => [
            key,
            typeof value === "object" ? JSON.stringify(value) : value,
        ]);
        const text = JSON.stringify({ config: { ...Object.fromEntries(set), "countersign:accountId": 111122223333 } });
        expect((await unpinned(text)).stdout).toBe((await unpinned(DEV)).stdout);
    });

    it("names the partition of the region", async () => {
        const text = `${DEV.replaceAll("arn:aws:", "arn:aws-us-gov:")}    countersign:region: us-gov-west-1\n`;
        const { status, stdout } = await unpinned(text);
        expect(status).toBe(0);
        expect(stdout).toContain("arn:aws-us-gov:dynamodb:us-gov-west-1:111122223333:table/countersign-x-requests");
        expect(stdout).not.toContain("arn:aws:");
    });

    it("says with --json what --write did", async () => {
        const file = join(folder({ "settings.json": { serviceRoles: ["mine"] } }), "settings.json");
        const { status, stdout } = await unpinned(DEV, "--write", file, "--json");
        expect(status).toBe(0);
        expect(JSON.parse(stdout)).toEqual({
            file,
            written: true,
            changes: expect.arrayContaining(["checkers[countersign-x-prepare]: new"]) as string[],
            kept: ["serviceRoles[mine]"],
        });
    });

    it.each([
        [
            "another project's keys",
            DEV,
            ["--project", "other"],
            /no other:accountId; it has keys of countersign: is one/,
        ],
        [
            "an encrypted value",
            DEV.replace(/deployRole: .*/, "deployRole: { secure: AAAB }"),
            [],
            /countersign:deployRole is encrypted, expected plain text/,
        ],
        [
            "keys that are no list",
            DEV.replace(/keyAdmins:\n.*\n/, "keyAdmins: me\n"),
            [],
            /countersign:keyAdmins is no list/,
        ],
        [
            "a name that is a list",
            DEV.replace(/deployRole: .*/, "deployRole: [a]"),
            [],
            /countersign:deployRole is no text/,
        ],
        [
            "a key without version",
            DEV.replace("version: 1", "version: one"),
            [],
            /countersign:keys\[0\] has no name and version/,
        ],
        [
            "an account of 11 digits",
            DEV.replace('"111122223333"', "11112222333"),
            [],
            /makes no settings: accountId does not match/,
        ],
        ["no reason", DEV, ["--unpinned", " "], /--unpinned is empty, expected the reason/],
    ])("ends with 2 and one line for %s", async (_name, text, more, saw) => {
        const { status, stdout, stderr } = await unpinned(text, ...more);
        expect({ status, stdout, stderr }).toEqual({
            status: 2,
            stdout: "",
            stderr: expect.stringMatching(saw) as string,
        });
        expect(stderr.split("\n")).toHaveLength(2);
    });

    it("pins nothing for the older version of a key, which has no function", async () => {
        const text = readFileSync(configOf("dev"), "utf8").replace(
            "        - name: files\n          version: 1",
            (one) =>
                `${one}\n          spec: RSA_4096\n          formats: [raw]\n          algorithm: RSASSA_PKCS1_V1_5_SHA_256\n        - name: files\n          version: 2`,
        );
        const file = join(folder({}), "Pulumi.dev.yaml");
        writeFileSync(file, text);
        const { status, stdout } = await policy("settings", "--stack-config", file, "--stack", "dev");
        const { signers = [] } = JSON.parse(stdout) as Partial<Settings>;
        expect(status).toBe(0);
        expect(signers.map((one) => [one.keys[0], one.codeSha256.length])).toEqual([
            ["modules-v1", 1],
            ["files-v1", 0],
            ["files-v2", 1],
            ["log-key", 1],
        ]);
    });

    it.each([
        ["a file that is not there", "none.yaml", /cannot read .*ENOENT/],
        ["no YAML", "{", /cannot read/],
        ["no configuration", "a: 1", /no config in it/],
        ["a configuration without account", "config: { countersign:owner: me }", /has no countersign:accountId/],
        [
            "one that the program refuses",
            readFileSync(configOf("dev"), "utf8").replace("formats: [kmod, raw]", "formats: [nothing]"),
            /the program does not run with this configuration: format "nothing" is unknown, expected one of raw, kmod\n$/,
        ],
    ])("ends with 2 for %s", async (_name, content, saw) => {
        const root = folder(content.endsWith(".yaml") ? {} : { "config.yaml": content });
        const file = join(root, content.endsWith(".yaml") ? content : "config.yaml");
        const { status, stdout, stderr } = await policy("settings", "--stack-config", file, "--stack", "dev");
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
        expect(stderr).toMatch(saw);
    });
});
