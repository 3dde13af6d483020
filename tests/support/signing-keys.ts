import { createHash } from "node:crypto";
import type { RegisteredKey } from "../../lambdas/sign";
import { toHex } from "../../lib/encoding";
import { sha256 } from "../../lib/hash";
import type { PipelineKey } from "../../lib/signing/keys";
import { certificate, pem, rsaKey, type TestKey } from "./certificates";

/** The two keys of the signing plane in tests: `modules` for kernel modules, with a certificate, and `files` for all else. */

export type KeyName = "modules" | "files";

/** One pair for all worlds of a file: making them takes longer than a test. */
export const KEYS: Readonly<Record<KeyName, TestKey>> = { modules: rsaKey(), files: rsaKey() };
export const CERTIFICATE = certificate({ key: KEYS.modules });

let other: TestKey | undefined;

/** A key that is neither. Made when first asked for: few tests are. */
export function otherKey(): TestKey {
    return (other ??= rsaKey());
}

const RSA = { spec: "RSA_2048", algorithm: "RSASSA_PKCS1_V1_5_SHA_256", messageType: "DIGEST" } as const;

/** As the functions are told of them. */
export const PIPELINE_KEYS: readonly PipelineKey[] = [
    { name: "modules", formats: ["kmod"], ...RSA, certificatePem: pem(CERTIFICATE) },
    { name: "files", formats: ["raw"], ...RSA },
];

export function keyArn(name: string): string {
    const id = createHash("sha256").update(name).digest("hex").slice(0, 12);
    return `arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-${id}`;
}

/** As its signer knows it. */
export function registeredKey(name: KeyName): RegisteredKey {
    const { spki } = KEYS[name];
    return {
        arn: keyArn(name),
        alias: keyAlias(name),
        formats: [name === "modules" ? "kmod" : "raw"],
        algorithm: RSA.algorithm,
        messageType: RSA.messageType,
        spkiSha256: toHex(sha256(spki)),
        spki,
    };
}

/** As KMS describes it. */
export function describedKey(name: KeyName) {
    return {
        spki: KEYS[name].spki,
        alias: keyAlias(name),
        role: "artifact" as const,
        spec: RSA.spec,
        algorithms: [RSA.algorithm, "RSASSA_PSS_SHA_256"],
        policy: "{}",
        createdAt: new Date(Date.UTC(2026, 10, 20, 8, 0, 10)),
    };
}

function keyAlias(name: KeyName): string {
    return `alias/countersign-dev-${name}-v1`;
}
