import { quote, toHex } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { sha256 } from "../../lib/hash";
import { keyRegisteredLeaf } from "../../lib/record/key-registered";
import { vkeyFromSpki } from "../../lib/tlog/vkey";
import type { LogKey } from "../log/deps";

/** The checkpoint key in KMS. Its public key is read once per cold start. */
export async function kmsLogKey(keyArn: string, alias: string, origin: string): Promise<LogKey> {
    const { DescribeKeyCommand, GetKeyPolicyCommand, GetPublicKeyCommand, KMSClient, SignCommand } =
        await import("@aws-sdk/client-kms");
    const reads = new KMSClient({ maxAttempts: 5 });
    // A retry would be a second use of the key, of which only one request id is seen.
    const signer = new KMSClient({ maxAttempts: 1, requestHandler: { connectionTimeout: 1000, requestTimeout: 3000 } });
    const { PublicKey: spki = new Uint8Array() } = await reads.send(new GetPublicKeyCommand({ KeyId: keyArn }));

    return {
        vkey: vkeyFromSpki(origin, spki),
        spki,
        spkiSha256: toHex(sha256(spki)),

        async sign(message) {
            const { Signature, $metadata } = await signer.send(
                new SignCommand({
                    KeyId: keyArn,
                    Message: message,
                    MessageType: "RAW",
                    SigningAlgorithm: "ED25519_SHA_512",
                }),
            );
            if (!Signature || !$metadata.requestId)
                throw codedError("KmsFailed", "KMS answered Sign without signature or request id");
            return { signature: Signature, kmsRequestId: $metadata.requestId };
        },

        async registration() {
            const [{ KeyMetadata }, { Policy }] = await Promise.all([
                reads.send(new DescribeKeyCommand({ KeyId: keyArn })),
                reads.send(new GetKeyPolicyCommand({ KeyId: keyArn, PolicyName: "default" })),
            ]);
            const { Origin, MultiRegion, KeySpec, SigningAlgorithms, CreationDate } = KeyMetadata ?? {};
            if (Origin !== "AWS_KMS" || MultiRegion || !KeySpec || !CreationDate || !Policy) {
                throw codedError(
                    "KeyMismatch",
                    `log key has origin ${quote(Origin)}, expected AWS_KMS in one region, with a policy`,
                );
            }
            const key = { spki, alias, role: "log", spec: KeySpec, policy: Policy, createdAt: CreationDate } as const;
            return keyRegisteredLeaf({ ...key, algorithms: SigningAlgorithms ?? [] }, new Date());
        },
    };
}
