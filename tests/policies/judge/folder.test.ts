/**
 * A folder of IAM JSON, from outside: what is judged, and what is refused instead of being passed over.
 */
import { mkdirSync, rmSync, symlinkSync, truncateSync, writeFileSync, chmodSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXAMPLE_SETTINGS } from "../../../policies/rules/example";
import { ROOT } from "../../support/native";
import { allow, clean, KEY_POLICY, ROLE } from "./clean-folder";
import { folder, policy } from "./command";

async function rulesOf(files: Readonly<Record<string, unknown>>): Promise<{ status: number; rules: string[] }> {
    const { status, stdout } = await policy(folder({ ...clean, ...files }), "--json");
    const { violations } = JSON.parse(stdout) as { violations: { rule: string; resource: string }[] };
    return { status, rules: violations.map(({ rule, resource }) => `${rule} ${resource}`) };
}

describe("users and groups", () => {
    it("are clean with what nobody minds", async () =>
        expect(
            await rulesOf({
                "user-policies/alice/read.json": allow("s3:GetObject", "arn:aws:s3:::results/*"),
                "group-policies/auditors/look.json": allow("kms:DescribeKey"),
            }),
        ).toEqual({ status: 0, rules: [] }));

    it.each([
        ["user-policies/alice/sign.json", allow("kms:Sign"), "iam-sign-identity-docs user alice sign"],
        ["group-policies/devs/grant.json", allow("kms:Create*"), "iam-sign-identity-docs group devs grant"],
        ["user-policies/alice/all.json", allow("*"), "iam-admin-star user alice all"],
        ["group-policies/devs/code.json", allow("lambda:UpdateFunctionCode"), "iam-signer-takeover group devs code"],
        ["group-policies/devs/pass.json", allow("iam:PassRole"), "iam-passrole-scoped group devs pass"],
        ["group-policies/devs/become.json", allow("sts:AssumeRole"), "iam-no-chains group devs become"],
        ["user-policies/alice/make.json", allow("iam:CreateAccessKey"), "iam-no-chains user alice make"],
        ["user-policies/alice/run.json", allow("airflow:CreateCliToken"), "iam-known-actions user alice run"],
        ["user-policies/alice/bad.json", "{", "iam-policy-doc-strict-json user alice bad"],
        // Not the role that is called so.
        [
            "user-policies/countersign-dev-modules-v1-signer/sign.json",
            allow("kms:Sign"),
            "iam-sign-identity-docs user countersign-dev-modules-v1-signer sign",
        ],
        ["user-policies/deployer/put.json", allow("kms:PutKeyPolicy"), "iam-sign-identity-docs user deployer put"],
        [
            "user-policies/deployer/code.json",
            allow("lambda:UpdateFunctionCode"),
            "iam-signer-takeover user deployer code",
        ],
    ])("%s is found", async (path, document, found) =>
        expect(await rulesOf({ [path]: document })).toEqual({
            status: 1,
            rules: expect.arrayContaining([found]) as string[],
        }),
    );
});

it("names the user and the group, whom rules know as the holder only", async () => {
    const root = folder({
        ...clean,
        "user-policies/alice/sign.json": allow("kms:Sign"),
        "group-policies/devs/code.json": allow("lambda:UpdateFunctionCode"),
    });
    const { violations } = JSON.parse((await policy(root, "--json")).stdout) as {
        violations: { rule: string; principal: string; path: string }[];
    };
    expect(violations).toContainEqual(
        expect.objectContaining({ rule: "iam-sign-identity-docs", principal: "user/alice" }),
    );
    const paths = violations.filter(({ rule }) => rule === "iam-signer-takeover").map(({ path }) => path);
    expect(paths).toContainEqual(expect.stringMatching(/^arn:aws:iam::111122223333:group\/devs -> lambda:Update/));
    expect(JSON.stringify(violations)).not.toMatch(/holder-of|whoever/);
});

it("a key that no signer has is said to be so, in words of the settings", async () => {
    const { status, stdout } = await policy(folder({ ...clean, "key-policies/other.json": KEY_POLICY }), "--json");
    const { violations } = JSON.parse(stdout) as { violations: Record<string, string>[] };
    expect(status).toBe(1);
    expect(new Set(violations.map(({ at, saw }) => `${at}: ${saw}`))).toEqual(
        new Set(["signers[].keys of the settings: no signer of the settings has key other, expected one of modules"]),
    );
});

describe("what cannot be decided ends with 3 and says why", () => {
    const spoiled: [string, (root: string) => void, RegExp][] = [
        ["an empty document", (root) => put(root, "key-policies/other.json", ""), /other\.json: the file is empty/],
        [
            "a document that is no UTF-8",
            (root) => put(root, "key-policies/other.json", Buffer.from([0x7b, 0xff, 0x7d])),
            /other\.json: no UTF-8/,
        ],
        [
            "a byte order mark",
            (root) => put(root, "key-policies/other.json", `\ufeff${KEY_POLICY}`),
            /other\.json: a byte order mark, expected UTF-8 without/,
        ],
        [
            "UTF-16",
            (root) => put(root, "key-policies/other.json", Buffer.from(`\ufeff${KEY_POLICY}`, "utf16le")),
            /other\.json: no UTF-8/,
        ],
        [
            "a huge document",
            (root) => {
                put(root, "managed-policies/huge.json", "{}");
                truncateSync(join(root, "managed-policies/huge.json"), 1024 * 1024 + 1);
            },
            /huge\.json: 1048577 bytes, expected at most 1048576/,
        ],
        [
            "a symbolic link to a document",
            (root) => symlinkSync(join(root, "settings.json"), join(root, "key-policies/linked.json")),
            /linked\.json is a symbolic link, expected a \.json file/,
        ],
        [
            "a symbolic link to a role's folder",
            (root) => symlinkSync(join(root, "key-policies"), join(root, "identity-policies/linked")),
            /linked is a symbolic link, expected a folder/,
        ],
        [
            "names that differ in case alone",
            (root) => put(root, `identity-policies/${ROLE.toUpperCase()}/read.json`, "{}"),
            /differ in case alone/,
        ],
        [
            "a name that is no role's",
            (root) => put(root, "trust-policies/a role.json", "{}"),
            /a role\.json is no name of IAM's, expected letters, digits/,
        ],
        [
            "a name with a newline",
            (root) => put(root, "trust-policies/a\nb.json", "{}"),
            /a\?b\.json is no name of IAM's/,
        ],
        [
            "a hidden file",
            (root) => put(root, "key-policies/.DS_Store", "x"),
            /\.DS_Store is a file, expected a \.json/,
        ],
        ["a file of no name", (root) => put(root, "key-policies/.json", "{}"), /is no name of IAM's/],
        [
            "an unknown folder",
            (root) => put(root, "role-policies/a.json", "{}"),
            /role-policies has no place in the layout/,
        ],
        [
            "a file where a folder belongs",
            (root) => {
                rmSync(join(root, "identity-policies"), { recursive: true });
                writeFileSync(join(root, "identity-policies"), "{}");
            },
            /identity-policies is no folder/,
        ],
        [
            "a role's folder that is empty, in a folder without documents",
            (root) => {
                rmSync(join(root, "key-policies"), { recursive: true });
                rmSync(join(root, `identity-policies/${ROLE}/read.json`));
            },
            /no document in the folder/,
        ],
    ];
    it.each(spoiled)("%s", async (_name, spoil, saw) => {
        const root = join(folder({}), "iam");
        for (const [path, content] of Object.entries(clean))
            put(root, path, typeof content === "string" ? content : JSON.stringify(content));
        expect((await policy(root)).status).toBe(0);
        spoil(root);
        const { status, stdout, stderr } = await policy(root);
        expect({ status, stdout, stderr }).toEqual({
            status: 3,
            stdout: "",
            stderr: expect.stringMatching(saw) as string,
        });
        expect(stderr).toMatch(/^cannot be decided: [^\n]*\n$/);
    });

    it.each(["key-policies", "key-policies/modules.json", `identity-policies/${ROLE}`, ""])(
        "no permission to read %s",
        async (path) => {
            const root = folder(clean);
            chmodSync(root, 0o755);
            chmodSync(join(root, path), 0);
            const { status, stderr } = await unprivileged(() =>
                policy(root, "--settings", JSON.stringify(EXAMPLE_SETTINGS)),
            );
            chmodSync(join(root, path), 0o700);
            expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(/EACCES/) as string });
        },
    );

    it.each([
        ["what is not there", "/nowhere/at/all", /ENOENT/],
        ["what is neither file nor folder", "/dev/null", /neither a file nor a folder/],
    ])("%s", async (_name, file, saw) => {
        const { status, stderr } = await policy(file, "--settings", "{}");
        expect({ status, stderr }).toEqual({ status: 3, stderr: expect.stringMatching(saw) as string });
    });

    it("a huge export", async () => {
        const file = join(folder({ "stack.json": "{}" }), "stack.json");
        truncateSync(file, 64 * 1024 * 1024 + 1);
        const { status, stderr } = await policy(file, "--settings", "{}");
        expect({ status, stderr }).toEqual({
            status: 3,
            stderr: expect.stringContaining("67108865 bytes, expected at most 67108864") as string,
        });
    });

    it("an export nested a million deep", async () => {
        const nested = `{"version":3,"deployment":{"resources":${"[".repeat(1e6)}${"]".repeat(1e6)}}}`;
        const file = join(folder({ "stack.json": nested }), "stack.json");
        expect((await policy(file, "--settings", "{}")).status).toBe(3);
    });
});

describe("--json", () => {
    it.each([
        ["3", ["/nowhere", "--settings", "{}", "--json"], 3],
        ["2 for settings", [join(ROOT, "package.json"), "--settings", "none.json", "--format", "json"], 2],
        ["2 for an option", ["/nowhere", "--nothing", "--json"], 2],
        ["2 for no file", ["--format=json"], 2],
    ])("is JSON on standard output also for %s", async (_name, args, exit) => {
        const { status, stdout, stderr } = await policy(...args);
        expect(status).toBe(exit);
        expect(stderr).not.toBe("");
        expect(JSON.parse(stdout)).toEqual({ error: { status: exit, message: expect.stringMatching(/./) as string } });
    });

    it("is nothing else than JSON where something is judged", async () => {
        const { stdout } = await policy(folder(clean), "--json");
        expect(JSON.parse(stdout)).toEqual({ violations: [], notices: [] });
    });
});

function put(root: string, path: string, content: string | Uint8Array): void {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), content);
}

/** Permissions mean nothing to root. */
async function unprivileged<T>(run: () => Promise<T>): Promise<T> {
    if (process.geteuid?.() !== 0) return run();
    process.seteuid!(65534);
    try {
        return await run();
    } finally {
        process.seteuid!(0);
    }
}
