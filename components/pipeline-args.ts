import type * as pulumi from "@pulumi/pulumi";
import { quote } from "../lib/encoding";
import { codedError } from "../lib/errors";
import { formatNamed } from "../lib/formats/registry";
import { certificateFromPem } from "../lib/formats/x509";
import type { PipelineKey } from "../lib/signing/keys";
import type { ObjectLock } from "./private-bucket";
import { defaultPrefix } from "./scope";
import { checkRoleArn, type SigningKey } from "./signing-key";

export interface TenantArgs {
    /** First part of every upload's key: lowercase letters, digits and hyphens. */
    name: string;
    /** What it may have signed; second part of an upload's key. */
    formats: string[];
    /** Role ARNs that upload for it and fetch its results. At least one. */
    submitters: string[];
}

export interface SigningPipelineArgs {
    /** One for each purpose; each format belongs to exactly one of them. */
    keys: SigningKey[];
    /**
     * PEM by key name, for formats that name a certificate. Compiled into the functions, so a change is a reviewed deployment.
     *
     * @default none, and files of such a format are refused with NoCertificate
     */
    certificates?: Record<string, string>;
    tenants: TenantArgs[];
    /** Of the TransparencyLog with the same namePrefix. */
    logOrigin: string;
    logVkey: pulumi.Input<string>;
    /** Encrypts buckets, tables and logs. */
    dataKeyArn: pulumi.Input<string>;
    /** Retention of results. */
    objectLock: ObjectLock;
    /** How long a request may wait to be signed, in seconds. @default 3600 */
    requestTtlSeconds?: number;
    /** Larger uploads are refused. @default 67,108,864 (64 MiB) */
    maxUploadBytes?: number;
    /** Days until an upload is deleted. @default 90 */
    uploadDays?: number;
    /** @default PROJECT-STACK */
    namePrefix?: string;
}

export type ResolvedPipelineArgs = Readonly<Required<SigningPipelineArgs>>;

/**
 * Applies defaults and checks, in the constructor.
 *
 * @throws BadConfig, FormatUnknown, BadCertificate
 */
export function resolvePipelineArgs(args: SigningPipelineArgs): ResolvedPipelineArgs {
    const { keys, certificates = {}, tenants } = args;
    const keyOfFormat = checkKeys(keys);
    for (const [keyName, pem] of Object.entries(certificates)) checkCertificate(keys, keyName, pem);
    checkTenants(tenants, keyOfFormat);
    return {
        ...args,
        certificates,
        requestTtlSeconds: args.requestTtlSeconds ?? 3600,
        maxUploadBytes: args.maxUploadBytes ?? 64 * 1024 * 1024,
        uploadDays: args.uploadDays ?? 90,
        namePrefix: args.namePrefix ?? defaultPrefix(),
    };
}

/** Only plain members: what a function closes over is serialized whole. */
export function pipelineKeys({ keys, certificates }: ResolvedPipelineArgs): PipelineKey[] {
    return keys.map(({ keyName, formats, spec, algorithm, messageType }) => {
        const certificatePem = certificates[keyName];
        return {
            name: keyName,
            formats: [...formats],
            spec,
            algorithm,
            messageType,
            ...(certificatePem !== undefined && { certificatePem }),
        };
    });
}

function checkKeys(keys: readonly SigningKey[]): Map<string, string> {
    if (keys.length === 0) throw codedError("BadConfig", "the pipeline has no keys, expected at least one SigningKey");
    const keyOfFormat = new Map<string, string>();
    const names = new Set<string>();
    for (const { keyName, formats } of keys) {
        if (names.has(keyName)) {
            throw codedError("BadConfig", `key ${quote(keyName)} is given twice, expected one version of it`);
        }
        names.add(keyName);
        for (const format of formats) {
            const other = keyOfFormat.get(format);
            if (other !== undefined) {
                throw codedError(
                    "BadConfig",
                    `format ${quote(format)} belongs to keys ${other} and ${keyName}, expected one key`,
                );
            }
            keyOfFormat.set(format, keyName);
        }
    }
    return keyOfFormat;
}

function checkCertificate(keys: readonly SigningKey[], keyName: string, pem: string): void {
    const key = keys.find((candidate) => candidate.keyName === keyName);
    if (!key)
        throw codedError("BadConfig", `certificate for key ${quote(keyName)}, which is not a key of the pipeline`);
    if (!key.formats.some((format) => formatNamed(format).needsCertificate)) {
        // Who trusts the certificate would trust whatever bytes a submitter had signed raw.
        throw codedError(
            "BadConfig",
            `certificate for key ${quote(keyName)}, none of whose formats takes one: remove it`,
        );
    }
    certificateFromPem(pem);
}

function checkTenants(tenants: readonly TenantArgs[], keyOfFormat: ReadonlyMap<string, string>): void {
    const names = new Set<string>();
    for (const { name, formats, submitters } of tenants) {
        if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
            throw codedError("BadConfig", `tenant ${quote(name)} is not lowercase letters, digits and hyphens`);
        }
        if (names.has(name)) throw codedError("BadConfig", `tenant ${quote(name)} is given twice`);
        names.add(name);
        for (const format of formats) {
            if (!keyOfFormat.has(formatNamed(format).name)) {
                throw codedError("BadConfig", `tenant ${quote(name)} has format ${quote(format)}, which no key signs`);
            }
        }
        if (submitters.length === 0) {
            throw codedError("BadConfig", `tenant ${quote(name)} has no submitters, expected at least one role ARN`);
        }
        submitters.forEach(checkRoleArn);
    }
}
