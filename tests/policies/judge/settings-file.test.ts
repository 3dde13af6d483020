/**
 * What `settings --write` does to a file that is there: migrates, keeps, refuses, and never leaves half of one. The proposal is a value here;
 * that it is what the program needs is settings.test.ts.
 */
import {
    chmodSync,
    lstatSync,
    mkdirSync,
    readdirSync,
    readFileSync,
    statSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { programSettings } from "../../../policies/judge/program-settings";
import { writeSettings } from "../../../policies/judge/settings-file";
import { settingsProblems, withoutComments } from "../../../policies/settings-check";
import type { Settings } from "../../../policies/settings";
import { folder, policy } from "./command";

const PIN = "1".repeat(64);
const PROGRAM = {
    prefix: "countersign-dev",
    accountId: "111122223333",
    region: "eu-west-1",
    partition: "aws",
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/admin"],
    keys: [{ name: "files", version: 1 }],
};
const proposal = programSettings(PROGRAM);
const pinned: Partial<Settings> = {
    ...proposal,
    signers: proposal.signers!.map((one) => ({ ...one, codeSha256: [PIN] })),
    checkers: proposal.checkers!.map((one) => ({ ...one, codeSha256: [PIN] })),
};
const [signer] = pinned.signers!;

function fileOf(content: unknown, indent = 4): string {
    const text = typeof content === "string" ? content : `${JSON.stringify(content, null, indent)}\n`;
    return join(folder({ "settings.json": text }), "settings.json");
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any
const parsed = (file: string): any => JSON.parse(readFileSync(file, "utf8"));
const without = <T extends object>(value: T, ...names: readonly string[]): Partial<T> =>
    Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name))) as Partial<T>;

describe("a file of an older schema", () => {
    it("is given what it lacks, since only this command writes it", async () => {
        const old = {
            ...without(pinned, "checkers"),
            signers: pinned.signers!.map((one) => without(one, "environment", "keyEnvironment")),
        };
        expect(settingsProblems(old)).toContain("signers[0].environment is missing");
        const file = fileOf(old);
        const { written, changes, kept } = await writeSettings(file, pinned);
        expect({ written, kept }).toEqual({ written: true, kept: [] });
        expect(changes).toContainEqual(
            expect.stringMatching(/^signers\[countersign-dev-files-v1-signer\]\.environment: new, \{/),
        );
        expect(changes).toContain("checkers[countersign-dev-prepare]: new");
        expect(parsed(file)).toEqual(pinned);
    });

    it("is given another form of what it has: one digest as text, variables by name alone", async () => {
        const file = fileOf({
            ...pinned,
            signers: pinned.signers!.map((one) => ({ ...one, codeSha256: PIN, environment: ["REQUESTS_TABLE"] })),
        });
        await writeSettings(file, pinned);
        expect(parsed(file)).toEqual(pinned);
    });

    it.each<[string, object, readonly RegExp[]]>([
        [
            "an obsolete setting",
            { ...pinned, signerEnvironment: {} },
            [/signerEnvironment is no setting, expected one of/, /change it by hand/],
        ],
        [
            "a setting that is nearly one",
            { ...pinned, keyAdmin: [] },
            [/keyAdmin is no setting, did you mean keyAdmins\?/],
        ],
        [
            "an obsolete member of the program's own signer",
            { ...pinned, signers: [{ ...signer, digest: "x" }] },
            [/signers\[0\]\.digest is no member of it, expected one of role/],
        ],
        [
            "a signer of somebody, without what is new",
            { ...pinned, signers: [...pinned.signers!, without({ ...signer!, role: "other" }, "environment")] },
            [/signers\[2\]\.environment is missing/],
        ],
        [
            "an outside policy by digest",
            { ...pinned, outsidePolicies: [{ arn: "arn:aws:iam::111122223333:policy/x", sha256: PIN }] },
            [/outsidePolicies\[0\]\.document is missing/, /outsidePolicies\[0\]\.sha256 is no member/],
        ],
    ])("is left as it is for %s, and told all of it", async (_name, old, saw) => {
        const file = fileOf(old);
        const before = readFileSync(file, "utf8");
        const failure = await writeSettings(file, pinned).then(
            () => "",
            ({ message }: Error) => message,
        );
        for (const one of saw) expect(failure).toMatch(one);
        expect(readFileSync(file, "utf8")).toBe(before);
        expect(readdirSync(join(file, ".."))).toEqual(["settings.json"]);
    });
});

describe("what people wrote", () => {
    it("stays: settings, entries, comments, order and indentation", async () => {
        const file = fileOf(
            {
                "// who": "ask the release team",
                subjects: [{ forge: "gitlab", project: "a/b", ref: "refs/heads/main", protectedRef: true }],
                oidcProviders: [{ url: "https://gitlab.com", audiences: ["sts.amazonaws.com"] }],
                ...pinned,
                serviceRoles: ["my-alarm", ...pinned.serviceRoles!],
                signerReferrers: [{ type: "aws:cloudwatch/metricAlarm:MetricAlarm", name: "mine" }],
                signers: [{ "//": "since 2026", ...signer!, codeSha256: ["2".repeat(64)] }, pinned.signers![1]],
            },
            2,
        );
        const { changes, kept } = await writeSettings(file, pinned);
        expect(changes.filter((one) => !one.startsWith("signerReferrers["))).toEqual([
            `signers[countersign-dev-files-v1-signer].codeSha256: - ${"2".repeat(64)}`,
            `signers[countersign-dev-files-v1-signer].codeSha256: + ${PIN}`,
        ]);
        expect(kept).toEqual([
            "signerReferrers[aws:cloudwatch/metricAlarm:MetricAlarm mine]",
            "serviceRoles[my-alarm]",
        ]);
        const now = parsed(file) as Record<string, unknown> & Settings;
        expect(Object.keys(now).slice(0, 2)).toEqual(["// who", "subjects"]);
        expect(now.signers[0]).toEqual({ "//": "since 2026", ...signer });
        expect(now.serviceRoles).toContain("my-alarm");
        expect(readFileSync(file, "utf8")).toMatch(/^\{\n {2}"\/\/ who"[^]*\n {4}\{\n {6}"\/\/": "since 2026"/);
        expect(settingsProblems(now)).toEqual([]);
        expect(JSON.stringify(withoutComments(now))).not.toContain('//"');
    });

    it.each([
        ["two spaces", "{\n  ", 2],
        ["four spaces", "{\n    ", 4],
        ["tabs", "{\n\t", "\t"],
    ])("keeps %s", async (_name, start, indent) => {
        const file = fileOf(`${JSON.stringify({ regions: [], ...without(pinned, "regions") }, null, indent)}\n`);
        await writeSettings(file, pinned);
        expect(readFileSync(file, "utf8").startsWith(`${start}"`)).toBe(true);
    });

    it("keeps line ends of Windows", async () => {
        const file = fileOf(JSON.stringify({ ...pinned, regions: [] }, null, 4).replaceAll("\n", "\r\n"));
        await writeSettings(file, pinned);
        expect(readFileSync(file, "utf8").replaceAll("\r\n", "")).not.toContain("\n");
    });

    it("shows each right that comes or goes", async () => {
        const grants = [{ actions: ["dynamodb:GetItem"], resources: ["*"] }];
        const { changes } = await writeSettings(
            fileOf({ ...pinned, signers: [{ ...signer, grants }, pinned.signers![1]] }),
            pinned,
        );
        expect(changes[0]).toBe(
            'signers[countersign-dev-files-v1-signer].grants: - {"actions":["dynamodb:GetItem"],"resources":["*"]}',
        );
        expect(changes.slice(1)).toHaveLength(signer!.grants.length);
        expect(changes.slice(1).every((one) => one.includes(".grants: + {"))).toBe(true);
    });

    it("shows each variable that changes", async () => {
        const { REQUESTS_TABLE, ATTEMPTS_TABLE, ...others } = signer!.environment;
        const file = fileOf({
            ...pinned,
            signers: [
                { ...signer, environment: { ...others, REQUESTS_TABLE: "mine", NODE_OPTIONS: "x" } },
                pinned.signers![1],
            ],
        });
        const at = "signers[countersign-dev-files-v1-signer].environment";
        expect([...(await writeSettings(file, pinned)).changes].sort()).toEqual([
            `${at}.ATTEMPTS_TABLE: new, ${ATTEMPTS_TABLE}`,
            `${at}.NODE_OPTIONS: taken out`,
            `${at}.REQUESTS_TABLE: mine -> ${REQUESTS_TABLE}`,
        ]);
        expect(parsed(file)).toEqual(pinned);
    });

    it("loses its reason for not pinning once it pins, and says so", async () => {
        const file = fileOf({ ...proposal, unpinnedCode: "not yet" });
        expect((await writeSettings(file, pinned)).changes).toContain("unpinnedCode: taken out, since code is pinned");
        expect(parsed(file)).toEqual(pinned);
    });
});

describe("what this command wrote before", () => {
    const of = (more: object): Partial<Settings> => programSettings({ ...PROGRAM, ...more });

    it.each([
        ["another account, as after a fork", { accountId: "444455556666" }],
        ["another region", { region: "us-gov-west-1", partition: "aws-us-gov" }],
        ["another prefix", { prefix: "acme" }],
        [
            "a key more",
            {
                keys: [
                    { name: "files", version: 1 },
                    { name: "drivers", version: 12 },
                ],
            },
        ],
        ["no key at all", { keys: [] }],
    ])("goes with it: %s, and back", async (_name, more) => {
        const file = fileOf(of({}));
        expect((await writeSettings(file, of(more))).kept).toEqual([]);
        expect(parsed(file)).toEqual(of(more));
        const { kept, changes } = await writeSettings(file, of({}));
        expect([kept, parsed(file)]).toEqual([[], of({})]);
        expect(changes.length).toBeGreaterThan(0);
    });

    it("is named as it goes, and stays where somebody changed it or said something", async () => {
        const [first] = of({ keys: [{ name: "a", version: 1 }] }).signers!;
        const [second] = of({ keys: [{ name: "b", version: 1 }] }).signers!;
        const [third] = of({ keys: [{ name: "c", version: 1 }] }).signers!;
        const file = fileOf({
            ...of({}),
            signers: [
                ...of({}).signers!,
                { ...first!, codeSha256: [PIN] },
                { ...second!, invokers: ["mine"] },
                { "//": "x", ...third! },
            ],
        });
        const { changes, kept } = await writeSettings(file, of({}));
        expect(changes).toEqual(["signers[countersign-dev-a-v1-signer]: taken out, since the program has it no more"]);
        expect(kept).toEqual(["signers[countersign-dev-b-v1-signer]", "signers[countersign-dev-c-v1-signer]"]);
    });
});

describe("the file", () => {
    it("is not touched where it says the same, however it is written", async () => {
        const file = fileOf(pinned, 1);
        const before = statSync(file, { bigint: true });
        expect(await writeSettings(file, pinned)).toEqual({ file, written: false, changes: [], kept: [] });
        const after = statSync(file, { bigint: true });
        expect([after.ino, after.mtimeNs]).toEqual([before.ino, before.mtimeNs]);
    });

    it("is replaced as a whole: another file under its name, with its mode, and nothing beside it", async () => {
        const file = fileOf({ ...pinned, regions: [] });
        chmodSync(file, 0o640);
        const before = statSync(file).ino;
        await writeSettings(file, pinned);
        expect([statSync(file).mode & 0o777, statSync(file).ino === before, readdirSync(join(file, ".."))]).toEqual([
            0o640,
            false,
            ["settings.json"],
        ]);
    });

    it("stays a link where it is one", async () => {
        const file = fileOf({ ...pinned, regions: [] });
        const link = join(file, "..", "link.json");
        symlinkSync("settings.json", link);
        await writeSettings(link, pinned);
        expect([lstatSync(link).isSymbolicLink(), parsed(file)]).toEqual([true, pinned]);
    });

    it("is made where there is none", async () => {
        const file = join(folder({}), "new.json");
        expect(await writeSettings(file, pinned)).toMatchObject({ written: true, changes: ["new"] });
        expect(parsed(file)).toEqual(pinned);
    });

    it.each<[string, (root: string) => string, RegExp]>([
        ["a folder that is not there", (root) => join(root, "none", "x.json"), /cannot write .*: no such file/],
        ["a folder in its place", (root) => (mkdirSync(join(root, "x.json")), join(root, "x.json")), /no regular file/],
        ["no JSON", (root) => (writeFileSync(join(root, "x.json"), "{"), join(root, "x.json")), /cannot read .*JSON/],
        ["a list", (root) => (writeFileSync(join(root, "x.json"), "[]"), join(root, "x.json")), /is no JSON object/],
        [
            "a member that stands twice",
            (root) => (
                writeFileSync(join(root, "x.json"), '{"signers":[{"role":"a","role":"b"}]}'),
                join(root, "x.json")
            ),
            /signers\[0\]\.role stands twice, expected once/,
        ],
    ])("ends with usage for %s", async (_name, make, saw) => {
        const root = folder({});
        await expect(writeSettings(make(root), pinned)).rejects.toThrow(saw);
        expect(readdirSync(root).filter((one) => one.endsWith(".tmp"))).toEqual([]);
    });
});

describe("comments", () => {
    it("may stand in settings and in their entries, and reach no rule", async () => {
        const root = folder({
            "settings.json": {
                ...pinned,
                "//": "x",
                signers: [{ "// why": ["x"], ...signer }],
                outsidePolicies: [{ arn: "arn:aws:iam::111122223333:policy/x", document: { "//": "stays" } }],
            },
        });
        const { status, stdout } = await policy("config", "--settings", join(root, "settings.json"));
        expect(status).toBe(0);
        expect(stdout).not.toContain("// why");
        expect(stdout).toContain('"//": "stays"');
    });

    it("are none in an environment, whose every member is a variable", () =>
        expect(settingsProblems({ ...pinned, signers: [{ ...signer, environment: { "//": 7 } }] })).toEqual([
            "signers[0].environment.// is no text",
        ]));
});
