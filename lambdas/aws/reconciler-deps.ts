import { randomBytes } from "node:crypto";
import { toHex } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import { sha256 } from "../../lib/hash";
import { vkeyFromSpki } from "../../lib/tlog/vkey";
import type { ReconcilerDeps } from "../reconciler";
import { environment } from "./environment";
import { dynamoLockStore } from "./lock-store";
import { cloudWatchMetric } from "./metrics";
import { s3ObjectStore } from "./object-store";

const SIGNER_TAG = "countersign:signer";

/** The reconciler's stores and what KMS says of keys, once per cold start. */
export async function reconcilerDeps(origin: string): Promise<ReconcilerDeps> {
    const { GetPublicKeyCommand, KMSClient, ListResourceTagsCommand } = await import("@aws-sdk/client-kms");
    const kms = new KMSClient({ maxAttempts: 5 });
    const publicKeyOf = async (keyArn: string): Promise<Uint8Array> => {
        const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId: keyArn }));
        if (!PublicKey) throw codedError("KmsFailed", "KMS answered GetPublicKey without a key");
        return PublicKey;
    };
    // A key's public half never changes, so an answer holds for ever.
    const fingerprints = new Map<string, string>();
    const logKeyArn = environment("LOG_KEY_ARN");
    const [objects, intake, head, store, metric, spki] = await Promise.all([
        s3ObjectStore(environment("LOG_BUCKET")),
        dynamoLockStore(environment("INTAKE_TABLE")),
        dynamoLockStore(environment("HEAD_TABLE")),
        dynamoLockStore(environment("RECONCILER_TABLE")),
        cloudWatchMetric(environment("METRIC_STACK")),
        publicKeyOf(logKeyArn),
    ]);

    return {
        objects,
        intake,
        head,
        store,
        metric,
        logKey: { arn: logKeyArn, vkey: vkeyFromSpki(origin, spki), spkiSha256: toHex(sha256(spki)) },

        async spkiSha256(keyArn) {
            const known = fingerprints.get(keyArn);
            if (known) return known;
            const fingerprint = toHex(sha256(await publicKeyOf(keyArn)));
            fingerprints.set(keyArn, fingerprint);
            return fingerprint;
        },

        async signerOf(keyArn) {
            const { Tags = [] } = await kms.send(new ListResourceTagsCommand({ KeyId: keyArn }));
            return Tags.find(({ TagKey }) => TagKey === SIGNER_TAG)?.TagValue;
        },

        now: () => new Date(),
        salt: () => new Uint8Array(randomBytes(32)),
    };
}
