import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, it } from "vitest";
import { concat, fromUtf8, toBase64, toUtf8 } from "../../../lib/encoding";
import { type Archive, decodeArchive, encodeArchive } from "../../../lib/tlog/archive";
import { checkpointText, encodeCheckpoint, openCheckpoint, parseCheckpoint } from "../../../lib/tlog/checkpoint";
import { encodeNote, openNote, parseNote } from "../../../lib/tlog/note";
import { encodeTlogProof, parseTlogProof } from "../../../lib/tlog/tlog-proof";
import { ed25519Vkey, encodeVkey, parseVkey, type Vkey, vkeyFromSpki } from "../../../lib/tlog/vkey";
import { coded } from "../../support/codes";

// Proves notes, keys and checkpoints against signed-note's published example. Proves nothing about witnesses.

/** Example of Go's x/mod note package and of C2SP signed-note. */
const EXAMPLE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const EXAMPLE_NOTE =
    "If you think cryptography is the answer to your problem,\n" +
    "then you don't know what your problem is.\n" +
    "\n" +
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

const pair = generateKeyPairSync("ed25519");
const spki = new Uint8Array(pair.publicKey.export({ format: "der", type: "spki" }));
const ORIGIN = "log.example.test/countersign";
const vkey = vkeyFromSpki(ORIGIN, spki);
const signText = (text: string): Uint8Array => new Uint8Array(sign(null, toUtf8(text), pair.privateKey));

const checkpoint = { origin: ORIGIN, size: 70_000n, root: new Uint8Array(32).fill(7) };
const note = encodeCheckpoint(checkpoint, vkey, signText(checkpointText(checkpoint)));
const noteText = fromUtf8(note);

/** Every copy with one byte changed, in each of three ways. */
function* changes(bytes: Uint8Array): Generator<Uint8Array> {
    for (let i = 0; i < bytes.length; i += 1) {
        for (const mask of [0x01, 0x20, 0x80]) yield bytes.map((byte, j) => (i === j ? byte ^ mask : byte));
    }
}

function isAccepted(open: () => unknown): boolean {
    try {
        open();
        return true;
    } catch {
        return false;
    }
}

describe("signed notes", () => {
    it("verify as the specification's example does", () => {
        const opened = openNote(toUtf8(EXAMPLE_NOTE), [parseVkey(EXAMPLE_KEY)]);
        expect(opened.text).toBe(EXAMPLE_NOTE.slice(0, EXAMPLE_NOTE.indexOf("\n\n") + 1));
        expect(opened.signatures.map(({ name, keyId }) => [name, keyId])).toEqual([["PeterNeumann", "c74f20a3"]]);
    });

    it("are written as they were read", () => {
        expect(fromUtf8(encodeNote(parseNote(toUtf8(EXAMPLE_NOTE))))).toBe(EXAMPLE_NOTE);
    });

    it("are rejected with any byte changed", () => {
        const accepted = [...changes(note)].filter((bytes) => isAccepted(() => openCheckpoint(bytes, vkey)));
        expect(accepted.map(fromUtf8)).toEqual([]);
    });

    it("keep blank lines of their text: the last one splits", () => {
        const text = "a\n\nb\n";
        const { signatures } = parseNote(note);
        expect(parseNote(encodeNote({ text, signatures })).text).toBe(text);
    });

    it("may carry signatures of others, also large and many", () => {
        const others = Array.from({ length: 16 }, (_, i) => ({
            name: `witness.example/w${i}`,
            keyId: "0badcafe",
            signature: new Uint8Array(2420).fill(i),
        }));
        const many = encodeNote({ text: parseNote(note).text, signatures: [...others, ...parseNote(note).signatures] });
        expect(openNote(many, [vkey]).signatures).toHaveLength(1);
    });

    it("may carry our name with another key's id, which is not ours", () => {
        const [ours] = parseNote(note).signatures;
        const signatures = [{ ...(ours as never as typeof vkey & { signature: Uint8Array }), keyId: "00000000" }];
        const bytes = encodeNote({ text: parseNote(note).text, signatures });
        expect(() => openNote(bytes, [vkey])).toThrow(coded("SignatureMismatch"));
    });

    it("are rejected if one known signature of two fails", () => {
        const { text, signatures } = parseNote(note);
        const bad = { ...vkey, signature: signText("other") };
        expect(() => openNote(encodeNote({ text, signatures: [...signatures, bad] }), [vkey])).toThrow(
            coded("SignatureMismatch"),
        );
        expect(
            openNote(encodeNote({ text, signatures: [...signatures, ...signatures] }), [vkey]).signatures,
        ).toHaveLength(2);
    });

    it.each<[string, string]>([
        ["no signature", "a\n\n"],
        ["no blank line", "a\n\u2014 x AAAAAAA=\n"],
        ["no last LF", noteText.slice(0, -1)],
        ["a text without LF before the blank line", "\u2014 x AAAAAAA=\n"],
        ["CR", noteText.replace("\n", "\r\n")],
        ["a tab", noteText.replace("log.", "log\t")],
        ["a hyphen for the dash", noteText.replace("\u2014", "-")],
        ["two spaces", noteText.replace("\u2014 ", "\u2014  ")],
        ["a third field", noteText.replace(/\n$/, " x\n")],
        ["unpadded base64", noteText.replace(/=+\n$/, "\n")],
        ["four bytes of signature", "a\n\n\u2014 x AAAAAA==\n"],
        ["a plus in the name", "a\n\n\u2014 x+y AAAAAAA=\n"],
        ["a no-break space in the name", "a\n\n\u2014 x\u00a0y AAAAAAA=\n"],
        ["U+0085 in the name", "a\n\n\u2014 x\u0085y AAAAAAA=\n"],
        ["a line of 8,196 characters", `a\n\n\u2014 x ${"A".repeat(8192)}\n`],
        ["101 signatures", `a\n\n${"\u2014 x AAAAAAA=\n".repeat(101)}`],
        ["more than a mebibyte", `${"a\n".repeat(1 << 19)}\n\u2014 x AAAAAAA=\n`],
    ])("are refused with %s", (_, text) => {
        expect(() => parseNote(toUtf8(text))).toThrow(coded("BadNote"));
    });

    it("are refused if not UTF-8; a byte order mark does not vanish", () => {
        expect(() => parseNote(concat(new Uint8Array([0xff]), note))).toThrow(coded("BadNote"));
        expect(parseNote(concat(new Uint8Array([0xef, 0xbb, 0xbf]), note)).text.startsWith("\ufeff")).toBe(true);
    });

    it("accept a key name with U+FEFF, which is no white space", () => {
        expect(parseNote(toUtf8("a\n\n\u2014 x\ufeff AAAAAAA=\n")).signatures[0]?.name).toBe("x\ufeff");
    });
});

describe("verifier keys", () => {
    it("are written as they were read", () => {
        expect(encodeVkey(parseVkey(EXAMPLE_KEY))).toBe(EXAMPLE_KEY);
        expect(parseVkey(encodeVkey(vkey))).toEqual(vkey);
    });

    it("are refused in every proper substring, and with any byte changed", () => {
        const text = encodeVkey(vkey);
        const parts: string[] = [];
        for (let i = 0; i < text.length; i += 1) {
            for (let j = i; j <= text.length; j += 1) if (j - i < text.length) parts.push(text.slice(i, j));
        }
        expect(parts.filter((part) => isAccepted(() => parseVkey(part)))).toEqual([]);
        const accepted = [...changes(toUtf8(text))].filter((bytes) => isAccepted(() => parseVkey(fromUtf8(bytes))));
        expect(accepted.map(fromUtf8)).toEqual([]);
    });

    it.each([
        EXAMPLE_KEY.replace("c74f", "C74F"),
        `${EXAMPLE_KEY}=`,
        EXAMPLE_KEY.replace("ARpc", "AhpC"),
        `${"x".repeat(1024)}+`,
    ])("are refused as %s", (text) => {
        expect(() => parseVkey(text)).toThrow(coded("BadVkey"));
    });

    it.each(["", "a b", "a+b", "a\u2003b", "a\nb"])("have no name %j", (name) => {
        expect(() => ed25519Vkey(name, new Uint8Array(32))).toThrow(coded("BadName"));
    });

    it("are of Ed25519 keys only", () => {
        expect(() => ed25519Vkey("x", new Uint8Array(31))).toThrow(coded("BadVkey"));
        const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
            format: "der",
            type: "spki",
        });
        expect(() => vkeyFromSpki("x", p256)).toThrow(coded("BadVkey"));
        expect(() => vkeyFromSpki("x", concat(spki, new Uint8Array(1)))).toThrow(coded("BadVkey"));
    });
});

describe("checkpoints", () => {
    const root = toBase64(checkpoint.root);
    const empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";

    it("have three lines", () => {
        expect(checkpointText(checkpoint)).toBe(`${ORIGIN}\n70000\n${root}\n`);
        expect(openCheckpoint(note, vkey)).toEqual(checkpoint);
    });

    it("may have extension lines of others", () => {
        expect(parseCheckpoint(`${ORIGIN}\n70000\n${root}\nextension\n`)).toEqual(checkpoint);
    });

    it.each([
        ["an empty origin", `\n1\n${root}\n`],
        ["two lines", `${ORIGIN}\n1\n`],
        ["no last LF", `${ORIGIN}\n1\n${root}`],
        ["an empty extension line", `${ORIGIN}\n1\n${root}\n\n`],
        ["a leading zero", `${ORIGIN}\n01\n${root}\n`],
        ["hexadecimal", `${ORIGIN}\n0x1\n${root}\n`],
        ["a size of 2^64", `${ORIGIN}\n18446744073709551616\n${root}\n`],
        ["31 bytes of root", `${ORIGIN}\n1\n${toBase64(new Uint8Array(31))}\n`],
        ["unpadded base64", `${ORIGIN}\n1\n${root.replace("=", "")}\n`],
        ["stray bits in base64", `${ORIGIN}\n1\n${root.slice(0, -2)}d=\n`],
        ["size 0 and another root than the empty one", `${ORIGIN}\n0\n${root}\n`],
        ["the empty root and another size than 0", `${ORIGIN}\n1\n${empty}\n`],
    ])("are refused with %s", (_, text) => {
        expect(() => parseCheckpoint(text)).toThrow(coded("BadCheckpoint"));
    });

    it("of the empty log have the empty root", () => {
        expect(parseCheckpoint(`${ORIGIN}\n0\n${empty}\n`).size).toBe(0n);
    });

    it("are of the log that the key names, by equality", () => {
        const other = { ...checkpoint, origin: `${ORIGIN}/other` };
        const bytes = encodeCheckpoint(other, vkey, signText(checkpointText(other)));
        expect(() => openCheckpoint(bytes, vkey)).toThrow(coded("BadCheckpoint"));
    });
});

describe("proof files", () => {
    const hashes = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    const proof = { extra: toUtf8("{}"), index: 5n, hashes, checkpoint: note };
    const text = fromUtf8(encodeTlogProof(proof));

    it("are written as they were read, the checkpoint verbatim", () => {
        expect(text.split("\n").slice(0, 6)).toEqual([
            "c2sp.org/tlog-proof@v1",
            "extra e30=",
            "index 5",
            toBase64(hashes[0] as Uint8Array),
            toBase64(hashes[1] as Uint8Array),
            "",
        ]);
        expect(parseTlogProof(toUtf8(text))).toEqual(proof);
        const bare = { index: 0n, hashes: [], checkpoint: note };
        expect(parseTlogProof(encodeTlogProof(bare))).toEqual(bare);
    });

    it.each([
        ["another header", text.replace("@v1", "@v2")],
        ["no blank line", text.replace(/\n\n/g, "\n")],
        ["no index", text.replace("index 5\n", "")],
        ["an index with a leading zero", text.replace("index 5", "index 05")],
        ["extra after index", text.replace("extra e30=\nindex 5", "index 5\nextra e30=")],
        ["extra that is no base64", text.replace("e30=", "e30")],
        ["a hash of 31 bytes", text.replace(toBase64(hashes[0] as Uint8Array), toBase64(new Uint8Array(31)))],
        ["65 hashes", text.replace("index 5\n", `index 5\n${`${toBase64(new Uint8Array(32))}\n`.repeat(64)}`)],
        ["more than two mebibytes", text.replace("e30=", "A".repeat(2 << 20))],
    ])("are refused with %s", (_, changed) => {
        expect(() => parseTlogProof(toUtf8(changed))).toThrow(coded("BadProof"));
    });

    it("are refused if not UTF-8, or without a note", () => {
        expect(() => parseTlogProof(concat(new Uint8Array([0xff]), toUtf8(text)))).toThrow(coded("BadProof"));
        expect(() => parseTlogProof(toUtf8(text.slice(0, text.indexOf("\n\n") + 2)))).toThrow(coded("BadNote"));
    });
});

describe("archived checkpoints", () => {
    const archive: Archive = { checkpoint: noteText, uses: [{ key_spki_sha256: "00", kms_request_id: "r" }] };

    it("are written as they were read", () => {
        expect(decodeArchive(encodeArchive(archive))).toEqual(archive);
    });

    it.each([
        ["no JSON", "x"],
        ["null", "null"],
        ["white space", ` ${fromUtf8(encodeArchive(archive))}`],
        ["an unknown member", JSON.stringify({ ...archive, extra: 1 })],
        ["uses that are no list", JSON.stringify({ ...archive, uses: {} })],
        ["a use without request id", JSON.stringify({ ...archive, uses: [{ key_spki_sha256: "00" }] })],
    ])("are refused as %s", (_, text) => {
        expect(() => decodeArchive(toUtf8(text))).toThrow(coded("BadCheckpoint"));
    });

    it("hold a note", () => {
        expect(() => decodeArchive(encodeArchive({ ...archive, checkpoint: "x" }))).toThrow(coded("BadNote"));
    });
});

it("names keys by name, type and key", () => {
    const renamed: Vkey = ed25519Vkey("other.example/log", vkey.publicKey);
    expect(renamed.keyId).not.toBe(vkey.keyId);
});
