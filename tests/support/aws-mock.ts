import { createHash } from "node:crypto";
import type * as Pulumi from "@pulumi/pulumi";
import { answerInvoke, computedOutputs, ED25519_SPKI, idOf } from "./fake-aws";

/** What the real provider would answer, as far as the program reads it; an unexpected call throws. */
export type AwsMock = Pulumi.runtime.Mocks;

/** Stands for an RSA public key wherever only its bytes count. */
export const RSA_SPKI = createHash("sha256").update("spki").digest("base64");

export interface AwsMockOptions {
    readonly preview?: boolean;
    /** Public key by key spec, base64 SPKI; without it ED25519_SPKI and RSA_SPKI. */
    readonly publicKeys?: Readonly<Record<string, string>>;
}

/** Stands in for AWS under Pulumi's mocks, and remembers which keys there are. */
export function mockAws({ preview = false, publicKeys = {} }: AwsMockOptions = {}): AwsMock {
    const specs = new Map<string, string>();
    return {
        newResource: ({ type, name, inputs }) => {
            const properties = inputs as Record<string, unknown>;
            if (preview) return { id: undefined, state: properties };
            const urn = `${type}/${name}`;
            const outputs = computedOutputs({ type, urn, properties });
            if (type === "aws:kms/key:Key") specs.set(String(outputs.arn), String(properties.customerMasterKeySpec));
            return { id: idOf(urn), state: { ...properties, ...outputs } };
        },
        call: ({ token, inputs }) => {
            if (token !== "aws:kms/getPublicKey:getPublicKey") return answerInvoke(token, inputs);
            const { keyId } = inputs as { keyId: string };
            const spec = specs.get(keyId);
            if (spec === undefined) throw new Error(`getPublicKey of ${keyId}, which no key has as ARN`);
            const fallback = spec === "ECC_NIST_EDWARDS25519" ? ED25519_SPKI : RSA_SPKI;
            return { keyId, publicKey: publicKeys[spec] ?? fallback };
        },
    };
}

/** The SPKI's fingerprint, by another way than the program's. */
export function fingerprint(spkiBase64: string): string {
    return createHash("sha256").update(Buffer.from(spkiBase64, "base64")).digest("hex");
}
