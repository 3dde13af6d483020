import { randomBytes } from "node:crypto";
import { toBase64, toHex } from "../../../lib/encoding";
import { sha256 } from "../../../lib/hash";
import { leafTime } from "../../../lib/record/key-registered";
import { messagesSha256, sealRequest, type SigningRequest } from "../../../lib/signing/request";
import { TENANT } from "../../../local/story/settings";
import type { StackOutputs } from "../../../local/story/stage";

/** A request that nobody prepared or rechecked, as it would lie in the tables. */
export interface Crafted {
    readonly id: string;
    readonly request: string;
    readonly messagesSha256: string;
}

/** For the key of raw files, over a random digest, good for an hour and in everything that is not changed. */
export function craft(outputs: StackOutputs, changed: Partial<SigningRequest> = {}): Crafted {
    const digest = sha256(randomBytes(16));
    const now = Date.now();
    const request: SigningRequest = {
        version: 1,
        tenant: TENANT,
        format: "raw",
        key_name: "files",
        key_arn: outputs.keys["files"]!.arn,
        upload: { bucket: outputs.uploadsBucket, key: `${TENANT}/raw/crafted`, version_id: "none" },
        artifact_sha256: toHex(digest),
        size: 16,
        created_at: leafTime(new Date(now)),
        expires_at: leafTime(new Date(now + 3_600_000)),
        messages: [
            {
                signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
                message_type: "DIGEST",
                message_base64: toBase64(digest),
            },
        ],
        ...changed,
    };
    const { id, text } = sealRequest(request);
    return { id, request: text, messagesSha256: messagesSha256(request.messages) };
}
