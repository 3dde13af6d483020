/**
 * The configuration in use, checked from outside: a pack cannot see its own level.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { weaknesses } from "../../../policies/check-config";
import { packConfig } from "../../../policies/config";
import { RULES } from "../../../policies/rules";
import { EXAMPLE_SETTINGS } from "../../../policies/rules/example";
import { folder, policy } from "./command";

const SETTINGS = { ...EXAMPLE_SETTINGS, unpinnedCode: "" };

describe("check-config", () => {
    const full = packConfig({ ...SETTINGS }) as Record<string, Record<string, unknown>>;
    const check = (config: unknown) => policy("check-config", join(folder({ "pack.json": config }), "pack.json"));

    it("ends with 0 for what `config` prints", async () => {
        const root = folder({ "settings.json": SETTINGS });
        const { stdout } = await policy("config", "--settings", join(root, "settings.json"));
        expect(JSON.parse(stdout)).toEqual(full);
        expect(await check(stdout)).toMatchObject({ status: 0, stdout: "no rule is weakened\n" });
    });

    it.each([
        ["all disabled", { ...full, all: "disabled" }, "all is disabled"],
        ["all advisory, as an object", { ...full, all: { enforcementLevel: "advisory" } }, "all is advisory"],
        ["an unknown rule", { ...full, "kms-sign-exclusiv": "mandatory" }, "is no rule of the pack"],
        ["nothing", {}, "is not configured"],
        ["a list", [], "no JSON object"],
        ["settings in its place", SETTINGS, "these are settings, expected what `npm run -s policy -- config"],
        [
            "no checkers, and no reason",
            packConfig({ ...SETTINGS, checkers: [] }),
            "checkers is empty, so nothing pins the code that decides what is signed",
        ],
        [
            "another setting for one rule",
            { ...full, "kms-sign-exclusive": { ...full["kms-sign-exclusive"], accountId: "444455556666" } },
            "another accountId",
        ],
    ])("ends with 1 for %s", async (_name, config, saw) => {
        const { status, stdout } = await check(config);
        expect(status).toBe(1);
        expect(stdout).toContain(saw);
    });

    it("takes no checkers with a reason", async () =>
        expect(await check(packConfig({ ...SETTINGS, checkers: [], unpinnedCode: "a test" }))).toMatchObject({
            status: 0,
        }));

    it("--json has each weakness", async () => {
        const root = folder({
            "pack.json": { ...full, all: "disabled" },
            "twice.json": '{"all":"mandatory","all":"disabled"}',
        });
        const { status, stdout } = await policy("check-config", join(root, "pack.json"), "--json");
        expect({ status, found: JSON.parse(stdout) as unknown }).toEqual({
            status: 1,
            found: { weaknesses: ["all is disabled, expected mandatory or absent"] },
        });
        expect(await policy("check-config", join(root, "twice.json"))).toMatchObject({
            status: 3,
            stderr: expect.stringContaining("all stands twice, expected once") as string,
        });
    });

    it("ends with 3 for what is no JSON", async () => expect((await check("{")).status).toBe(3));
});

describe("a level below its own", () => {
    const full = packConfig({ ...SETTINGS }) as Record<string, Record<string, unknown>>;
    const mandatory = RULES.filter(({ level }) => level === undefined).map(({ id }) => id);
    it.each(mandatory)("of %s is found, as text and as an object", (id) => {
        for (const level of ["advisory", "disabled", "remediate"]) {
            expect(weaknesses({ ...full, [id]: level })).toContain(`${id} is ${level}, expected mandatory`);
            expect(weaknesses({ ...full, [id]: { ...full[id], enforcementLevel: level } })).toContain(
                `${id} is ${level}, expected mandatory`,
            );
        }
    });
});
