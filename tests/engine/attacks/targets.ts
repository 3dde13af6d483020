import { randomBytes } from "node:crypto";
import { sha256 } from "../../../lib/hash";
import { toBase64, toHex } from "../../../lib/encoding";
import { leafTime } from "../../../lib/record/key-registered";
import { messagesSha256, sealRequest } from "../../../lib/signing/request";
import { ACCOUNT, REGION, TENANT } from "../../../local/story/settings";
import type { StackOutputs } from "../../../local/story/stage";

/** What attacks are aimed at: each signer role, signer function, signing key and control table, and what stands around them. */
export interface Targets {
    readonly prefix: string;
    readonly signers: readonly Signer[];
    /** Names. */
    readonly tables: readonly string[];
    readonly buckets: { readonly uploads: string; readonly results: string; readonly log: string };
    readonly machineArn: string;
    readonly uploadsRule: string;
    /** Of the sequencer's triggers. */
    readonly mappingId: string;
    /** A customer managed policy of the account. */
    readonly policyArn: string;
    /** A user who may become the deploy role. */
    readonly userName: string;
}

export interface Signer {
    readonly roleArn: string;
    readonly roleName: string;
    readonly functionName: string;
    readonly keyArn: string;
    readonly keyAlias: string;
    readonly algorithm: string;
    readonly messageType: "DIGEST" | "RAW";
}

export const CONTROL_TABLES = ["head", "intake", "reconciler", "requests", "rechecks", "attempts"] as const;

export function signersOf(outputs: StackOutputs): readonly Signer[] {
    const text = (name: string): string => String(outputs.all[name]);
    const rsa = { algorithm: "RSASSA_PKCS1_V1_5_SHA_256", messageType: "DIGEST" } as const;
    const files = outputs.keyNames.map((name) => {
        const { arn: keyArn, signerRoleArn: roleArn, signerFunction: functionName } = outputs.keys[name]!;
        return { roleArn, roleName: nameOf(roleArn), functionName, keyArn, keyAlias: text(`${name}KeyAlias`), ...rsa };
    });
    const roleArn = text("logSignerRoleArn");
    const log: Signer = {
        roleArn,
        roleName: nameOf(roleArn),
        functionName: text("sequencerFunction"),
        keyArn: text("logKeyArn"),
        keyAlias: `alias/${outputs.namePrefix}-log-v1`,
        algorithm: "ED25519_SHA_512",
        messageType: "RAW",
    };
    return [...files, log];
}

/** A request for the key of raw files that nobody prepared or rechecked; each role has its own, so that none completes another's. */
export interface Forged {
    readonly id: string;
    readonly request: string;
    readonly messagesSha256: string;
}

export function forge(outputs: StackOutputs): Forged {
    const digest = sha256(randomBytes(16));
    const messages = [
        {
            signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            message_type: "DIGEST",
            message_base64: toBase64(digest),
        },
    ] as const;
    const { id, text } = sealRequest({
        version: 1,
        tenant: TENANT,
        format: "raw",
        key_name: "files",
        key_arn: outputs.keys["files"]!.arn,
        upload: { bucket: outputs.uploadsBucket, key: `${TENANT}/raw/forged`, version_id: "none" },
        artifact_sha256: toHex(digest),
        size: 16,
        created_at: leafTime(new Date()),
        expires_at: leafTime(new Date(Date.now() + 3_600_000)),
        messages,
    });
    return { id, request: text, messagesSha256: messagesSha256(messages) };
}

export function nameOf(arn: string): string {
    return arn.slice(arn.lastIndexOf("/") + 1);
}

export const arnOf = {
    function: (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
    table: (name: string): string => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
    queue: (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
};
