import * as pulumi from "@pulumi/pulumi";

/** What this program reads from the stack; names and meaning are in components/stack-outputs.ts. */
export interface Countersign {
    /** Verifier key of the log. Pin it where files are verified. */
    readonly logVkey: pulumi.Output<string>;
    readonly logUrl: pulumi.Output<string>;
    readonly resultsBucket: pulumi.Output<string>;
    readonly dataKeyArn: pulumi.Output<string>;
    /** SHA-256 of the key's SPKI, hex. A file counts as signed by this key, not by "a key". */
    spkiSha256(keyName: string): pulumi.Output<string>;
}

/**
 * The outputs of a countersign stack, by name and type.
 *
 * @param stack `organization/PROJECT/STACK`; on a file backend the organization is called `organization`
 */
export function countersign(stack: string, opts?: pulumi.CustomResourceOptions): Countersign {
    const reference = new pulumi.StackReference("countersign", { name: stack }, opts);
    // Fails the deployment where an output is missing, instead of handing on an undefined.
    const text = (name: string) => reference.requireOutput(name) as pulumi.Output<string>;
    return {
        logVkey: text("logVkey"),
        logUrl: text("logUrl"),
        resultsBucket: text("resultsBucket"),
        dataKeyArn: text("dataKeyArn"),
        spkiSha256: (keyName) => text(`${keyName}SpkiSha256`),
    };
}
