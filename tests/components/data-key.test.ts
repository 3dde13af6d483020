import { describe, expect, it } from "vitest";
import type * as Module from "../../components/data-key";
import { capture, json, shape } from "../support/graph";
import { loadNative } from "../support/native";

/** Proves what the component registers. Proves nothing about encryption. */

const args = {
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/admin"],
    submitters: ["arn:aws:iam::111122223333:role/ci"],
};

function program() {
    const { DataKey } = loadNative<typeof Module>("components/data-key.ts");
    return { keyArn: new DataKey("data", args).keyArn };
}

describe("DataKey", () => {
    it("makes one symmetric key that rotates and stays", async () => {
        const graph = await capture(program);
        expect(shape(graph)).toEqual([
            "aws:kms/alias:Alias data < data",
            "aws:kms/key:Key data < data",
            "countersign:index:DataKey data < countersign-dev",
        ]);
        const { inputs, protect, retainOnDelete } = graph.one("aws:kms/key:Key", "data");
        const { policy, ...rest } = inputs;
        expect(rest).toEqual({
            description: "countersign data key of countersign-dev",
            keyUsage: "ENCRYPT_DECRYPT",
            customerMasterKeySpec: "SYMMETRIC_DEFAULT",
            multiRegion: false,
            enableKeyRotation: true,
            deletionWindowInDays: 30,
            tags: { "data-class": "key" },
        });
        expect(json(policy)).toMatchObject({ Version: "2012-10-17" });
        expect([protect, retainOnDelete]).toEqual([true, true]);
        expect(graph.one("aws:kms/alias:Alias", "data")).toMatchObject({
            inputs: { name: "alias/countersign-dev-data" },
            protect: true,
            retainOnDelete: true,
        });
        expect(graph.outputs.keyArn).toMatch(/^arn:aws:kms:eu-west-1:111122223333:key\//);
    });

    it.each([
        ["nobody to freeze it", { keyAdmins: [] }, "BadConfig"],
        ["everybody as submitter", { submitters: ["*"] }, "BadConfig"],
        ["a prefix that is none", { namePrefix: "No" }, "BadName"],
    ])("refuses %s", (_what, overrides, code) => {
        const { resolveDataKeyArgs } = loadNative<typeof Module>("components/data-key.ts");
        expect(() => resolveDataKeyArgs({ ...args, namePrefix: "acme", ...overrides })).toThrow(
            expect.objectContaining({ code }),
        );
    });
});
