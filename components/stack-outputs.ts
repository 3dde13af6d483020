import type { Input } from "@pulumi/pulumi";
import type { SigningKey } from "./signing-key";

/**
 * What the stack tells others. Flat, so that a StackReference, a shell and a workflow read it alike; names are an interface
 * and do not change. With each key, under its name, come the six of `KeyOutputs`.
 */
export interface StackOutputs {
    /** Where anybody reads the log: `URL/checkpoint`, `URL/tile/…`. */
    readonly logUrl: Input<string>;
    readonly logOrigin: Input<string>;
    /** Verifier key of the log's checkpoints (C2SP signed-note). Pin it. */
    readonly logVkey: Input<string>;
    readonly logBucket: Input<string>;
    readonly logKeyArn: Input<string>;
    readonly logKeySpkiBase64: Input<string>;
    readonly logSignerRoleArn: Input<string>;
    /** Submitters put `TENANT/FORMAT/NAME` here. */
    readonly uploadsBucket: Input<string>;
    /** Submitters get `released/UPLOAD KEY/VERSION ID/{result.json,signed}` here. */
    readonly resultsBucket: Input<string>;
    readonly stateMachineArn: Input<string>;
    /** Names of the keys that sign. */
    readonly keyNames: Input<string>[];
    readonly dataKeyArn: Input<string>;
    readonly trailArn: Input<string>;
    readonly alarmTopicArn: Input<string>;
    readonly unattributedAlarm: Input<string>;
    readonly logHaltedAlarm: Input<string>;
    readonly namePrefix: Input<string>;
    readonly sequencerFunction: Input<string>;
    readonly intakeFunction: Input<string>;
    readonly headTable: Input<string>;
    readonly intakeTable: Input<string>;
}

/** Prefixed with the key's name: `modulesKeyArn`. */
export interface KeyOutputs {
    readonly KeyArn: Input<string>;
    /** For people; sign and verify by ARN and SPKI. */
    readonly KeyAlias: Input<string>;
    /** DER, SubjectPublicKeyInfo. */
    readonly SpkiBase64: Input<string>;
    /** Hex. Pin it. */
    readonly SpkiSha256: Input<string>;
    readonly SignerRoleArn: Input<string>;
    readonly SignerFunction: Input<string>;
}

export function keyOutputs(keys: readonly SigningKey[]): Record<string, Input<string>> {
    return Object.fromEntries(
        keys.flatMap((key) => {
            const outputs: KeyOutputs = {
                KeyArn: key.keyArn,
                KeyAlias: key.alias,
                SpkiBase64: key.spkiBase64,
                SpkiSha256: key.spkiSha256,
                SignerRoleArn: key.signerRoleArn,
                SignerFunction: key.signerFunction,
            };
            return Object.entries(outputs).map(([role, value]) => [`${key.keyName}${role}`, value]);
        }),
    );
}
