/** Proves the codec against the signatures of the Pulumi SDK. Proves nothing about the engine: tests/engine does. */
import { describe, expect, it } from "vitest";
import {
    specialArchiveSig,
    specialAssetSig,
    specialSecretSig,
    specialSigKey,
    unknownValue,
} from "@pulumi/pulumi/runtime/rpc";
import {
    decode,
    empty,
    encode,
    hasUnknown,
    isArchive,
    isAsset,
    SIGNATURE,
    UNKNOWN,
    type Properties,
} from "../../../local/provider/wire";

const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** Puts plain JSON on the wire, and reads it. */
function received(values: Properties) {
    return decode(encode(values));
}

describe("decode", () => {
    it("knows the SDK's marks", () => {
        expect(SIGNATURE).toBe(specialSigKey);
        expect(decode(encode({ a: UNKNOWN })).values).toEqual({ a: UNKNOWN });
        expect(encode({ a: UNKNOWN }).toJavaScript()).toEqual({ a: unknownValue });
    });

    it("keeps every JSON value, and drops null, which means absent", () => {
        const values = {
            text: "x",
            number: 1.5,
            no: false,
            list: [1, "a", { b: true }],
            empty: {},
            object: { a: { b: [] } },
        };
        expect(received({ ...values, nothing: null, inside: { nothing: null, a: 1 } }).values).toEqual({
            ...values,
            inside: { a: 1 },
        });
    });

    it("takes a secret out of its mark, at any depth, and names the property", () => {
        const secret = { [SIGNATURE]: specialSecretSig, value: "hidden" };
        const { values, secrets } = received({ plain: 1, top: secret, deep: { list: [{ x: secret }] } });
        expect(values).toEqual({ plain: 1, top: "hidden", deep: { list: [{ x: "hidden" }] } });
        expect([...secrets].sort()).toEqual(["deep", "top"]);
    });

    it("reads output values: known, secret, unknown", () => {
        const { values, secrets } = received({
            known: { [SIGNATURE]: OUTPUT, value: "a" },
            hidden: { [SIGNATURE]: OUTPUT, value: "b", secret: true },
            unknown: { [SIGNATURE]: OUTPUT },
        });
        expect(values).toEqual({ known: "a", hidden: "b", unknown: UNKNOWN });
        expect([...secrets]).toEqual(["hidden"]);
    });

    it("reads a resource reference as its id, unknown while there is none", () => {
        const made = { [SIGNATURE]: RESOURCE, urn: "urn", id: "i-1" };
        expect(received({ made, planned: { [SIGNATURE]: RESOURCE, urn: "urn", id: "" } }).values).toEqual({
            made: "i-1",
            planned: UNKNOWN,
        });
    });

    it("leaves assets and archives as they came", () => {
        const text = { [SIGNATURE]: specialAssetSig, text: "exports.x = 1", hash: "h" };
        const code = { [SIGNATURE]: specialArchiveSig, assets: { "index.js": text }, hash: "h" };
        const { values } = received({ code, text });
        expect(values).toEqual({ code, text });
        expect([isArchive(values["code"]), isAsset(values["text"]), isArchive(values["text"])]).toEqual([
            true,
            true,
            false,
        ]);
    });

    it("refuses a mark it does not know", () => {
        expect(() => received({ a: { [SIGNATURE]: "1".repeat(32) } })).toThrow(
            expect.objectContaining({ code: "BadWire" }),
        );
    });

    it("reads an absent struct as nothing", () => {
        expect(decode(undefined)).toEqual({ values: {}, secrets: new Set() });
    });
});

it("marks a property as secret as a whole", () => {
    const struct = encode({ a: { b: 1 }, c: 2, gone: undefined }, new Set(["a"]));
    expect(struct.toJavaScript()).toEqual({ a: { [SIGNATURE]: specialSecretSig, value: { b: 1 } }, c: 2 });
});

it("finds an unknown at any depth", () => {
    expect(hasUnknown({ a: [{ b: UNKNOWN }] })).toBe(true);
    expect(hasUnknown({ a: [{ b: 1 }], c: "x" })).toBe(false);
});

it("makes an empty message that the SDK's own serializer takes", () => {
    expect(empty().serializeBinary()).toHaveLength(0);
});
