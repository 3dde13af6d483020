import { expect, it } from "vitest";
import { checkFormatAlgorithm, FORMATS, formatNamed } from "../../../lib/formats/registry";

it("knows its formats by name", () => {
    expect(FORMATS.map(({ name, needsCertificate, detached }) => [name, needsCertificate, detached])).toEqual([
        ["raw", false, true],
        ["kmod", true, false],
    ]);
    expect(formatNamed("kmod").name).toBe("kmod");
});

it.each(["", "KMOD", "zip", "constructor", "__proto__"])("refuses %j", (name) => {
    expect(() => formatNamed(name)).toThrow(expect.objectContaining({ code: "FormatUnknown" }));
});

it("knows which algorithms go with a format", () => {
    checkFormatAlgorithm("raw", "RSASSA_PSS_SHA_512");
    checkFormatAlgorithm("kmod", "RSASSA_PKCS1_V1_5_SHA_256");
    expect(() => checkFormatAlgorithm("kmod", "RSASSA_PSS_SHA_256")).toThrow(
        expect.objectContaining({ code: "BadSigningAlgorithm" }),
    );
    expect(() => checkFormatAlgorithm("raw", "ECDSA_SHA_256")).toThrow(
        expect.objectContaining({ code: "BadSigningAlgorithm" }),
    );
});

it("has no format that an ECDSA key could serve: the log cannot hold such a message", () => {
    expect(
        FORMATS.flatMap(({ algorithms }) => algorithms).filter((algorithm) => !algorithm.startsWith("RSASSA_")),
    ).toEqual([]);
});
