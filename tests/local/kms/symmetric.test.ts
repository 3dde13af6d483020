// Proves round trips and refusals of data keys, ciphertexts and MACs. The ciphertext format is ours, as AWS's is opaque.
import { createHmac } from "node:crypto";
import { expect, it } from "vitest";
import { bench, type Bench } from "./support";

type Text = Record<string, string>;
const must = async (kms: Bench, name: string, input: object): Promise<Text> =>
    (await kms.must(name, input)) as unknown as Text;
const PLAIN = Buffer.from("secret").toString("base64");

it("encrypts and decrypts under one key and one context", async () => {
    const kms = bench();
    const { id, arn } = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const EncryptionContext = { table: "requests" };
    const { CiphertextBlob } = await must(kms, "Encrypt", { KeyId: id, Plaintext: PLAIN, EncryptionContext });
    expect(kms.asks.at(-1)!.context).toMatchObject({
        "kms:EncryptionContext:table": "requests",
        "kms:EncryptionContextKeys": ["table"],
        "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    });
    expect(await must(kms, "Decrypt", { CiphertextBlob, EncryptionContext })).toMatchObject({
        Plaintext: PLAIN,
        KeyId: arn,
    });
    expect((await kms.call("Decrypt", { CiphertextBlob })).error?.code).toBe("InvalidCiphertextException");
    const changed = Buffer.from(CiphertextBlob!, "base64");
    changed[changed.length - 1]! ^= 1;
    const broken = { CiphertextBlob: changed.toString("base64"), EncryptionContext };
    expect((await kms.call("Decrypt", broken)).error?.code).toBe("InvalidCiphertextException");
    expect((await kms.call("Decrypt", { CiphertextBlob: "AAAA" })).error?.code).toBe("InvalidCiphertextException");
    const other = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const elsewhere = await kms.call("Decrypt", { CiphertextBlob, EncryptionContext, KeyId: other.id });
    expect(elsewhere.error?.code).toBe("IncorrectKeyException");
});

it("moves a ciphertext to another key under two permissions", async () => {
    const kms = bench();
    const from = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const to = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const { CiphertextBlob } = await must(kms, "Encrypt", {
        KeyId: from.id,
        Plaintext: PLAIN,
        EncryptionContext: { a: "b" },
    });
    const request = { CiphertextBlob, SourceEncryptionContext: { a: "b" }, DestinationKeyId: to.id };
    expect((await kms.call("ReEncrypt", { ...request, DryRun: true })).error?.code).toBe("DryRunOperationException");
    kms.asks.length = 0;
    const moved = await must(kms, "ReEncrypt", request);
    expect(kms.asks.map(({ action, resource }) => [action, resource])).toEqual([
        ["kms:ReEncryptFrom", from.arn],
        ["kms:ReEncryptTo", to.arn],
    ]);
    const opened = await must(kms, "Decrypt", { CiphertextBlob: moved.CiphertextBlob! });
    expect(opened).toMatchObject({ Plaintext: PLAIN, KeyId: to.arn });
    expect((await kms.call("ReEncrypt", { ...request, SourceEncryptionContext: {} })).error?.code).toBe(
        "InvalidCiphertextException",
    );
});

it("gives data keys that its own Decrypt opens", async () => {
    const kms = bench();
    const { id } = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const { CiphertextBlob, Plaintext } = await must(kms, "GenerateDataKey", { KeyId: id, KeySpec: "AES_256" });
    expect(Buffer.from(Plaintext!, "base64")).toHaveLength(32);
    expect(await must(kms, "Decrypt", { CiphertextBlob })).toMatchObject({ Plaintext });
    const hidden = await must(kms, "GenerateDataKeyWithoutPlaintext", { KeyId: id, NumberOfBytes: 64 });
    expect(hidden.Plaintext).toBeUndefined();
    expect(
        Buffer.from((await must(kms, "Decrypt", { CiphertextBlob: hidden.CiphertextBlob! })).Plaintext!, "base64"),
    ).toHaveLength(64);
    for (const wrong of [{}, { KeySpec: "AES_256", NumberOfBytes: 1 }]) {
        expect((await kms.call("GenerateDataKey", { KeyId: id, ...wrong })).error?.code).toBe("ValidationException");
    }
});

it("ends dry runs of each in an error", async () => {
    const kms = bench();
    const { id } = await kms.createKey("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT");
    const { CiphertextBlob } = await must(kms, "Encrypt", { KeyId: id, Plaintext: PLAIN });
    for (const [name, input] of [
        ["Encrypt", { KeyId: id, Plaintext: PLAIN }],
        ["Decrypt", { CiphertextBlob }],
        ["GenerateDataKey", { KeyId: id, NumberOfBytes: 16 }],
        ["GenerateDataKeyWithoutPlaintext", { KeyId: id, KeySpec: "AES_128" }],
    ] as const) {
        expect((await kms.call(name, { ...input, DryRun: true })).error?.code, name).toBe("DryRunOperationException");
    }
});

it("encrypts with RSA, and refuses what does not fit or does not open", async () => {
    const kms = bench();
    const { id } = await kms.createKey("RSA_2048", "ENCRYPT_DECRYPT");
    const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
    const { CiphertextBlob } = await must(kms, "Encrypt", { KeyId: id, Plaintext: PLAIN, EncryptionAlgorithm });
    expect(await must(kms, "Decrypt", { KeyId: id, CiphertextBlob, EncryptionAlgorithm })).toMatchObject({
        Plaintext: PLAIN,
    });
    const tooLong = { KeyId: id, Plaintext: Buffer.alloc(191).toString("base64"), EncryptionAlgorithm };
    expect((await kms.call("Encrypt", tooLong)).error?.code).toBe("ValidationException");
    expect((await kms.call("Decrypt", { KeyId: id, CiphertextBlob: PLAIN, EncryptionAlgorithm })).error?.code).toBe(
        "InvalidCiphertextException",
    );
    expect((await kms.call("Decrypt", { CiphertextBlob, EncryptionAlgorithm })).error?.code).toBe(
        "ValidationException",
    );
    expect((await kms.call("Encrypt", { KeyId: id, Plaintext: PLAIN })).error?.code).toBe("InvalidKeyUsageException");
});

it("makes MACs of the key's own length, and tells a wrong one by name", async () => {
    const kms = bench();
    const { id } = await kms.createKey("HMAC_384", "GENERATE_VERIFY_MAC");
    const request = { KeyId: id, Message: PLAIN, MacAlgorithm: "HMAC_SHA_384" };
    const { Mac } = await must(kms, "GenerateMac", request);
    expect(Buffer.from(Mac!, "base64")).toHaveLength(createHmac("sha384", "").digest().length);
    expect(await kms.must("VerifyMac", { ...request, Mac })).toMatchObject({ MacValid: true });
    expect((await kms.call("VerifyMac", { ...request, Mac: PLAIN })).error?.code).toBe("KMSInvalidMacException");
    expect((await kms.call("GenerateMac", { ...request, MacAlgorithm: "HMAC_SHA_256" })).error?.code).toBe(
        "InvalidKeyUsageException",
    );
    expect((await kms.call("GenerateMac", { ...request, DryRun: true })).error?.code).toBe("DryRunOperationException");
});

it("gives random bytes", async () => {
    const kms = bench();
    const { Plaintext } = await must(kms, "GenerateRandom", { NumberOfBytes: 24 });
    expect(Buffer.from(Plaintext!, "base64")).toHaveLength(24);
});
