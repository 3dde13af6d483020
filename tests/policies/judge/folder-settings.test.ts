/**
 * Settings of a folder of IAM JSON, as docs/policies.md has them, and what is said of wrong ones.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "../../support/native";
import { allow, clean, KEY_POLICY } from "./clean-folder";
import { folder, policy } from "./command";

describe("settings of a folder", () => {
    it("may be as short as docs/policies.md says, and still decide", async () => {
        const guide = readFileSync(join(ROOT, "docs", "policies.md"), "utf8");
        const text = /```\n(\{[^`]*"signers"[^`]*\})\n```/.exec(guide)![1]!;
        expect(text.split("\n").length).toBeLessThanOrEqual(20);
        const files = { "settings.json": text, "key-policies/modules.json": KEY_POLICY };
        expect(await policy(folder(files))).toMatchObject({ status: 0, stdout: "no violation (1 document judged)\n" });
        const open = await policy(folder({ ...files, "key-policies/modules.json": allow("kms:*") }), "--json");
        expect(open.status).toBe(1);
    });

    it("with the subjects of docs/policies.md admit the trust policy beside them, and no other place", async () => {
        const guide = readFileSync(join(ROOT, "docs", "policies.md"), "utf8");
        const blocks = [...guide.matchAll(/```\n(\{[^`]*\})\n```/g)].map(([, text]) => text!);
        const [settings, trust] = ['"subjects"', '"Federated"'].map((word) =>
            blocks.find((one) => one.includes(word))!,
        );
        const ends = async (text: string): Promise<number> =>
            (await policy(folder({ "settings.json": settings, "trust-policies/driver-submitter.json": text }))).status;
        expect(await ends(trust!)).toBe(0);
        for (const [from, to] of [
            ["driver@2002", "driver@2003"],
            ['heads/main",', 'heads/dev",'],
            ["submit.yml", "other.yml"],
            [":sub", ":actor"],
        ] as const) {
            expect(trust).toContain(from);
            expect(await ends(trust!.replace(from, to))).toBe(1);
        }
    });

    it("say what is wrong with a subject, before a role is judged", async () => {
        const subject = { forge: "github", owner: "a", ownerId: "1", repo: "b", repoId: "2", tag: "v1" };
        const workflow = "a/b/.github/workflows/c.yml@refs/tags/v1";
        const url = "https://token.actions.githubusercontent.com";
        const saidWith = async (issuer: string, ...subjects: readonly unknown[]): Promise<string> => {
            const settings = { subjects, oidcProviders: [{ url: issuer, audiences: ["sts.amazonaws.com"] }] };
            return (await policy("config", "--settings", JSON.stringify(settings))).stderr;
        };
        const said = (...subjects: readonly unknown[]): Promise<string> => saidWith(url, ...subjects);
        expect(await said({ ...subject, workflow })).toBe("");
        expect(await saidWith(`${url}/acme`, { ...subject, workflow })).toBe(
            `--settings: subjects[0] admits nobody: its issuer ${url} is not one of oidcProviders\n`,
        );
        for (const [one, saw] of [
            [{ forge: "gitea" }, "subjects[0].forge is no forge, expected one of github, forgejo, gitlab"],
            [{ ...subject, ownerid: "1" }, "subjects[0].ownerid is no member of it, did you mean ownerId?"],
            [{ ...subject, ownerId: 1 }, "subjects[0].ownerId is not text"],
            [{ ...subject, protectedTags: "yes" }, "subjects[0].protectedTags is not true, or left out"],
            [{ forge: "gitlab", tag: "v1" }, "subjects[0].project is missing"],
            [{ ...subject, tag: undefined }, "subjects[0] names 0 places, expected one of ref, tag, environment"],
            [{ ...subject, ref: "refs/heads/x" }, "subjects[0] names 2 places, expected one of ref, tag, environment"],
            [subject, "subjects[0]: subject workflow undefined, expected the top-level workflow"],
        ] as const)
            expect(await said(one)).toContain(`--settings: ${saw}`);
    });

    it("name the nearest setting, members that stand twice, and where", async () => {
        const said = async (text: string): Promise<string> => (await policy("config", "--settings", text)).stderr;
        expect(await said('{"keyAdmin":[]}')).toBe("--settings: keyAdmin is no setting, did you mean keyAdmins?\n");
        expect(await said('{"nothing like it":[]}')).toMatch(
            /^--settings: a member of 15 characters is no setting, expected one of /,
        );
        expect(await said('{"signers":[{"role":"a","role":"b"}]}')).toBe(
            "cannot read --settings: signers[0].role stands twice, expected once\n",
        );
    });

    it("are missed by name", async () => {
        const root = folder({ "key-policies/modules.json": KEY_POLICY });
        const { status, stdout, stderr } = await policy(root);
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
        expect(stderr).toBe(
            `no ${join(root, "settings.json")}, and --settings is missing: see docs/policies.md, section Judging without engine\n`,
        );
    });

    it("without signers make every key a violation, never clean", async () =>
        expect(
            (await policy(folder({ ...clean, "settings.json": { accountId: "111122223333", regions: ["eu-west-1"] } })))
                .status,
        ).toBe(1));

    it.each([
        ["empty", "", /the file is empty/],
        ["no JSON", "{", /JSON/],
        ["a list", "[]", /no JSON object/],
        ["with a byte order mark", "\ufeff{}", /byte order mark/],
    ])("%s are wrong usage", async (_name, text, saw) => {
        const { status, stderr } = await policy(folder({ ...clean, "settings.json": text }));
        expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringMatching(saw) as string });
    });
});
