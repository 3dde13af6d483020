import { ACCOUNT, REGION } from "../../../local/story/settings";
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

export function nameOf(arn: string): string {
    return arn.slice(arn.lastIndexOf("/") + 1);
}

export const arnOf = {
    function: (name: string): string => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
    table: (name: string): string => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`,
    queue: (name: string): string => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`,
};
