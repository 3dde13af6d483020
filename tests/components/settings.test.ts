import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkSettings, currentKeys, readSettings, type Settings } from "../../components/settings";
import { KeySpec } from "../../lib/kms/specs";
import { ROOT } from "../support/native";
import { programConfig } from "../support/program";

const key = {
    name: "release",
    version: 1,
    spec: KeySpec.RSA_4096,
    formats: ["raw"],
    algorithm: "RSASSA_PSS_SHA_256",
};
const settings: Settings = {
    accountId: "111122223333",
    region: "eu-west-1",
    namePrefix: "countersign-dev",
    owner: "tests",
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/admin"],
    logOrigin: "log.example.com/x",
    bootstrapLog: false,
    graceSeconds: 300,
    tenants: [],
    keys: [key],
    certificates: {},
    objectLock: { mode: "GOVERNANCE", days: 1 },
};

/** As much of pulumi.Config as the program uses. */
function configOf(values: Record<string, unknown>) {
    const get = (name: string) => values[name];
    const require = (name: string) => {
        if (values[name] === undefined) throw new Error(`missing ${name}`);
        return values[name];
    };
    return {
        get,
        getBoolean: get,
        getNumber: get,
        getObject: get,
        require,
        requireObject: require,
    } as unknown as Parameters<typeof readSettings>[0];
}

describe("readSettings", () => {
    it("applies defaults", () => {
        const { bootstrapLog, graceSeconds, ...required } = programConfig;
        expect([bootstrapLog, graceSeconds]).toEqual([true, 7]);
        expect(readSettings(configOf({ ...required, namePrefix: "acme" }))).toMatchObject({
            region: "eu-west-1",
            bootstrapLog: false,
            graceSeconds: 300,
            certificates: {},
            namePrefix: "acme",
        });
    });

    it.each(["accountId", "owner", "deployRole", "keyAdmins", "logOrigin", "keys", "objectLock"])(
        "requires %s",
        (name) =>
            expect(() => readSettings(configOf({ ...programConfig, namePrefix: "acme", [name]: undefined }))).toThrow(
                `missing ${name}`,
            ),
    );

    it("reads every key that Pulumi.yaml describes, and no other", () => {
        const described = [...readFileSync(join(ROOT, "Pulumi.yaml"), "utf8").matchAll(/^ {4}(\w+):$/gm)].map(
            ([, name]) => name!,
        );
        const read: string[] = [];
        const values = { ...programConfig, namePrefix: "acme" };
        const spied = new Proxy(values, {
            get: (target, name: string) => (read.push(name), (target as Record<string, unknown>)[name]),
        });
        readSettings(configOf(spied));
        expect([...new Set(read)].sort()).toEqual(
            described.filter((name) => name !== "name" && name !== "options").sort(),
        );
    });
});

describe("checkSettings", () => {
    it("accepts settings that work", () => expect(() => checkSettings(settings)).not.toThrow());

    const refused: [string, Partial<Settings>, string][] = [
        ["an account id that is no account's", { accountId: "123" }, "BadConfig"],
        ["a prefix too long for bucket names", { namePrefix: "a".repeat(28) }, "BadName"],
        ["a key called like the log's", { keys: [{ ...key, name: "log" }] }, "BadConfig"],
        ["a key called like the data key", { keys: [{ ...key, name: "data" }] }, "BadConfig"],
        ["one version twice", { keys: [key, key] }, "BadConfig"],
        ["an unknown lock mode", { objectLock: { mode: "NONE" as never, days: 1 } }, "BadConfig"],
        ["a lock of no days", { objectLock: { mode: "COMPLIANCE", days: 0 } }, "BadConfig"],
    ];
    it.each(refused)("refuses %s", (_what, overrides, code) =>
        expect(() => checkSettings({ ...settings, ...overrides })).toThrow(expect.objectContaining({ code })),
    );
});

describe("currentKeys", () => {
    it("takes the highest version of each name, in order", () => {
        const versions = [
            { keyName: "a", version: 1 },
            { keyName: "b", version: 7 },
            { keyName: "a", version: 10 },
            { keyName: "a", version: 2 },
        ];
        expect(currentKeys(versions)).toEqual([
            { keyName: "b", version: 7 },
            { keyName: "a", version: 10 },
        ]);
    });
});
