import { createHash } from "node:crypto";
import * as iam from "@pulumi/aws/iam";
import * as kms from "@pulumi/aws/kms";
import * as pulumi from "@pulumi/pulumi";
import { quote } from "../lib/encoding";
import { codedError } from "../lib/errors";
import { checkFormatAlgorithm } from "../lib/formats/registry";
import { algorithmsOf, KeySpec, rulesOf, type MessageType, type SigningAlgorithm } from "../lib/kms/specs";
import { signerArn, type Scope } from "./iam/arns";
import { lambdaTrust } from "./iam/document";
import { signerPolicy, signingKeyPolicy } from "./iam/signing-key";
import { keyNamesOf, type KeyNames } from "./names";
import { defaultPrefix, scopeOf } from "./scope";
import { dataClass, SIGNER_TAG } from "./tags";

export interface SigningKeyArgs {
    /** What the key is for: lowercase letters, digits and hyphens. One key, one purpose. */
    keyName: string;
    /** Counts keys of this name: alias `PREFIX-NAME-vN`. Rotation adds a SigningKey with the next version; nothing is repointed. */
    version: number;
    /**
     * What kind of key.
     *
     * IMPORTANT: a change means a new key; `protect` refuses it. Rotate with a second SigningKey.
     *
     * @default KeySpec.RSA_4096
     */
    spec?: KeySpec;
    /**
     * The one algorithm the key policy admits.
     *
     * @default the first of the spec's, as AWS lists them
     */
    algorithm?: string;
    /** Names of formats that this key signs; they are compiled into its signer. Empty for the log's checkpoint key. */
    formats: string[];
    /** Role ARN of whoever runs `pulumi up`: changes policy and tags, never signs. */
    deployRole: string;
    /** Role ARNs that change the policy, freeze and delete the key, never sign. At least one. */
    keyAdmins: string[];
    /**
     * Name of the function that signs with it; another function with the same role is refused.
     *
     * @default PREFIX-NAME-vN-sign
     */
    signerFunction?: string;
    /** Where given, Sign works only through this VPC endpoint (`vpce-…`). */
    vpcEndpointId?: string;
    /** @default PROJECT-STACK */
    namePrefix?: string;
}

/** A key that cannot leave KMS, and the one role that may sign with it. */
export class SigningKey extends pulumi.ComponentResource {
    public readonly keyName: string;
    public readonly version: number;
    public readonly spec: KeySpec;
    public readonly algorithm: SigningAlgorithm;
    public readonly messageType: MessageType;
    public readonly formats: readonly string[];
    /** `alias/PREFIX-NAME-vN`. For people; callers sign by ARN. */
    public readonly alias: string;
    public readonly signerFunction: string;
    public readonly signerRoleName: pulumi.Output<string>;
    public readonly keyArn: pulumi.Output<string>;
    /** Made of text, so known at preview; the role is created by then (`dependsOn` this component). */
    public readonly signerRoleArn: pulumi.Output<string>;
    /** DER, RFC 5280 SubjectPublicKeyInfo. */
    public readonly spkiBase64: pulumi.Output<string>;
    /** Hex, of the DER. How everybody else names the key. */
    public readonly spkiSha256: pulumi.Output<string>;

    constructor(name: string, args: SigningKeyArgs, opts?: pulumi.ComponentResourceOptions) {
        super("countersign:index:SigningKey", name, {}, opts);
        const settings = resolveSigningKeyArgs(args);
        const scope = scopeOf(this, settings.namePrefix);

        const signer = this.createSigner(name, settings);
        this.createSignerPolicy(name, settings, scope, signer);
        const key = this.createKey(name, settings, scope, signer);
        this.createAlias(name, settings, key);
        const { publicKey } = kms.getPublicKeyOutput({ keyId: key.arn }, { parent: this });

        this.keyName = settings.keyName;
        this.version = settings.version;
        this.spec = settings.spec;
        this.algorithm = settings.algorithm;
        this.messageType = settings.messageType;
        this.formats = settings.formats;
        this.alias = settings.names.alias;
        this.signerFunction = settings.signerFunction;
        this.signerRoleName = signer.name;
        this.keyArn = key.arn;
        this.signerRoleArn = scope.apply((known) => signerArn(known, settings.names.signerRole));
        this.spkiBase64 = publicKey;
        this.spkiSha256 = publicKey.apply((spki) => createHash("sha256").update(spki, "base64").digest("hex"));
        this.registerOutputs({
            keyArn: this.keyArn,
            signerRoleArn: this.signerRoleArn,
            spkiBase64: this.spkiBase64,
            spkiSha256: this.spkiSha256,
        });
    }

    private createSigner(name: string, { names, keyName, version }: ResolvedSigningKeyArgs): iam.Role {
        return new iam.Role(
            `${name}-signer`,
            {
                name: names.signerRole,
                path: "/signing/",
                description: `The one role that may sign with key ${keyName} version ${version}`,
                assumeRolePolicy: JSON.stringify(lambdaTrust()),
                maxSessionDuration: 3600,
                tags: dataClass("key"),
            },
            { parent: this },
        );
    }

    private createSignerPolicy(
        name: string,
        { names, signerFunction }: ResolvedSigningKeyArgs,
        scope: pulumi.Output<Scope>,
        signer: iam.Role,
    ): void {
        new iam.RolePolicy(
            `${name}-signer`,
            {
                name: names.signerRole,
                role: signer.name,
                policy: scope.apply((known) => JSON.stringify(signerPolicy(known, signerFunction))),
            },
            { parent: this },
        );
    }

    private createKey(
        name: string,
        settings: ResolvedSigningKeyArgs,
        scope: pulumi.Output<Scope>,
        signer: iam.Role,
    ): kms.Key {
        const policy = scope.apply((known) =>
            JSON.stringify(
                signingKeyPolicy(known, {
                    signerRole: settings.names.signerRole,
                    algorithms: [settings.algorithm],
                    messageTypes: [settings.messageType],
                    deployRole: settings.deployRole,
                    keyAdmins: settings.keyAdmins,
                    vpcEndpointId: settings.vpcEndpointId,
                }),
            ),
        );
        return new kms.Key(
            name,
            {
                description: `countersign signing key ${settings.keyName} version ${settings.version}`,
                keyUsage: "SIGN_VERIFY",
                customerMasterKeySpec: settings.spec,
                multiRegion: false,
                deletionWindowInDays: 30,
                policy,
                tags: { ...dataClass("key"), [SIGNER_TAG]: settings.names.signerRole },
            },
            // KMS refuses a policy that names a role which does not exist yet.
            { parent: this, protect: true, retainOnDelete: true, dependsOn: [signer] },
        );
    }

    /** Retained with its key, for nobody holds DeleteAlias: deleting and creating would be an unseen move. */
    private createAlias(name: string, { names }: ResolvedSigningKeyArgs, key: kms.Key): void {
        new kms.Alias(
            name,
            { name: names.alias, targetKeyId: key.keyId },
            { parent: this, protect: true, retainOnDelete: true },
        );
    }
}

export interface ResolvedSigningKeyArgs {
    readonly keyName: string;
    readonly version: number;
    readonly spec: KeySpec;
    readonly algorithm: SigningAlgorithm;
    readonly messageType: MessageType;
    readonly formats: readonly string[];
    readonly deployRole: string;
    readonly keyAdmins: readonly string[];
    readonly names: KeyNames;
    readonly signerFunction: string;
    readonly vpcEndpointId: string | undefined;
    readonly namePrefix: string;
}

/**
 * Applies defaults and checks, in the constructor: inside `apply` nobody could catch what this throws.
 *
 * @throws BadName, BadKeySpec, BadSigningAlgorithm, FormatUnknown, FormatNotOfKey, BadConfig
 */
export function resolveSigningKeyArgs(args: SigningKeyArgs): ResolvedSigningKeyArgs {
    const { keyName, version, spec = KeySpec.RSA_4096, formats, deployRole, keyAdmins, vpcEndpointId } = args;
    const namePrefix = args.namePrefix ?? defaultPrefix();
    const names = keyNamesOf(namePrefix, keyName, version);
    const algorithm = args.algorithm ?? algorithmsOf(spec)[0]!;
    const messageType = rulesOf(spec, algorithm).messageTypes[0]!;
    checkFormats(keyName, algorithm, formats);
    checkCustodians(deployRole, keyAdmins);
    return {
        keyName,
        version,
        spec,
        algorithm: algorithm as SigningAlgorithm,
        messageType,
        formats,
        deployRole,
        keyAdmins,
        names,
        signerFunction: args.signerFunction ?? names.signerFunction,
        vpcEndpointId,
        namePrefix,
    };
}

function checkFormats(keyName: string, algorithm: string, formats: readonly string[]): void {
    // A format lists the algorithms whose signature over it the log can hold and prove (transparency-log.md, rule C).
    for (const format of formats) checkFormatAlgorithm(format, algorithm);
    // The submitter chooses the bytes of a raw signature, and 32 chosen bytes can be the digest of anything.
    if (formats.includes("raw") && formats.length > 1) {
        throw codedError(
            "FormatNotOfKey",
            `key ${keyName} has formats ${quote(formats)}, expected raw alone: give other formats a key of their own`,
        );
    }
}

/** @throws BadConfig unless the roles are exact ARNs, outside /signing/, with at least one administrator */
export function checkCustodians(deployRole: string, keyAdmins: readonly string[]): void {
    if (keyAdmins.length === 0) {
        throw codedError("BadConfig", "keyAdmins is empty, expected at least one role ARN: nobody could freeze a key");
    }
    for (const arn of [deployRole, ...keyAdmins]) checkRoleArn(arn);
}

/** @throws BadConfig for a pattern, another kind of principal, or a signer role, which must hold nothing else */
export function checkRoleArn(arn: string): void {
    if (!/^arn:aws(-[a-z]+)*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(arn)) {
        throw codedError("BadConfig", `${quote(arn)} is not the ARN of a role`);
    }
    if (arn.includes(":role/signing/")) {
        throw codedError("BadConfig", `${quote(arn)} is a signer role, expected a role outside /signing/`);
    }
}
