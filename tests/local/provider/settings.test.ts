import { describe, expect, it } from "vitest";
import { checkAccount, checkSettings, parseSettings } from "../../../local/provider/settings";
import { UNKNOWN } from "../../../local/provider/wire";

const badConfig = expect.objectContaining({ code: "BadConfig" }) as Error;

describe("settings of the provider", () => {
    it("arrive as JSON text, but for text", () => {
        const config = {
            region: "eu-west-1",
            allowedAccountIds: '["111122223333"]',
            defaultTags: '{"tags":{"owner":"x"}}',
        };
        expect(parseSettings(config)).toEqual({
            region: "eu-west-1",
            allowedAccountIds: ["111122223333"],
            forbiddenAccountIds: [],
            defaultTags: { owner: "x" },
        });
    });

    it("need a region, and plain values", () => {
        expect(() => parseSettings({})).toThrow(badConfig);
        expect(() => parseSettings({ region: "eu-west-1", defaultTags: UNKNOWN })).toThrow(badConfig);
    });

    it("may not say where AWS is or who we are", () => {
        const config = {
            region: "x",
            version: "7.48.0",
            skipRegionValidation: "true",
            endpoints: "[]",
            accessKey: "a",
        };
        expect(checkSettings(config).map(({ property }) => property)).toEqual(["endpoints", "accessKey"]);
    });
});

describe("the account", () => {
    const settings = parseSettings({ region: "eu-west-1", allowedAccountIds: '["111122223333"]' });

    it("must be one that the program allows", () => {
        expect(() => checkAccount("111122223333", settings)).not.toThrow();
        expect(() => checkAccount("444455556666", settings)).toThrow(badConfig);
        expect(() => checkAccount("1", { ...settings, allowedAccountIds: [] })).not.toThrow();
    });

    it("must not be one that it forbids", () => {
        expect(() => checkAccount("1", { ...settings, allowedAccountIds: [], forbiddenAccountIds: ["1"] })).toThrow(
            badConfig,
        );
    });
});
