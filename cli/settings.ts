import { createPublicKey } from "node:crypto";
import { fromUtf8, toHex } from "../lib/encoding";
import { isCodedError } from "../lib/errors";
import { sha256 } from "../lib/hash";
import { parseVkey, type Vkey } from "../lib/tlog/vkey";
import { usageError } from "./exit";
import type { Io } from "./io";

/**
 * Where the log is and whom to trust. Each comes from its option, else from the environment, else from the outputs of the stack
 * (`pulumi stack output --json > FILE`), so that a pin given by hand is never overruled by a file.
 */
export interface LogOptions {
    readonly stackOutputs?: string;
    readonly logUrl?: string;
    readonly vkey?: string;
}

export interface KeyOptions {
    /** SHA-256 of SPKI, hex. */
    readonly key?: readonly string[];
    readonly publicKey?: readonly string[];
}

export type Outputs = Readonly<Record<string, unknown>>;

export async function readOutputs(io: Io, { stackOutputs }: LogOptions): Promise<Outputs> {
    const path = stackOutputs ?? io.env["COUNTERSIGN_STACK_OUTPUTS"];
    if (path === undefined || path === "") return {};
    const bytes = await io.read(path);
    try {
        const value = JSON.parse(fromUtf8(bytes)) as unknown;
        if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Outputs;
    } catch {
        // said below
    }
    throw usageError(`${JSON.stringify(path)} is not a JSON object, expected what "pulumi stack output --json" prints`);
}

export function logUrlOf(io: Io, outputs: Outputs, { logUrl }: LogOptions): string {
    return needed(logUrl ?? io.env["COUNTERSIGN_LOG_URL"] ?? outputs["logUrl"], "the log's address", "--log-url URL");
}

/** @throws usage: a key that cannot be read is a mistake of whoever gave it */
export function vkeyOf(io: Io, outputs: Outputs, { vkey }: LogOptions): Vkey {
    const text = needed(
        vkey ?? io.env["COUNTERSIGN_VKEY"] ?? outputs["logVkey"],
        "the log's verifier key",
        "--vkey VKEY",
    );
    return asUsage("the log's verifier key (--vkey)", () => parseVkey(text));
}

export interface PinnedKeys {
    /** Fingerprints, hex. */
    readonly keys: readonly string[];
    /** By fingerprint, where the key itself is known. */
    readonly spkis: ReadonlyMap<string, Uint8Array>;
}

/** @throws usage, also if no key is pinned at all: the log's own word for a key proves nothing */
export async function pinnedKeys(
    io: Io,
    outputs: Outputs,
    { key = [], publicKey = [] }: KeyOptions,
): Promise<PinnedKeys> {
    for (const text of key) {
        if (!/^[0-9a-f]{64}$/.test(text)) {
            throw usageError(
                `--key ${JSON.stringify(text)}, expected the SHA-256 of a public key (SPKI DER): 64 lowercase hex digits`,
            );
        }
    }
    const files = await Promise.all(publicKey.map(async (path) => spkiOf(await io.read(path), path)));
    const spkis = new Map([...files, ...outputSpkis(outputs)].map((spki) => [toHex(sha256(spki)), spki]));
    const given = [...key, ...files.map((spki) => toHex(sha256(spki)))];
    const keys = given.length > 0 ? given : outputFingerprints(outputs);
    if (keys.length === 0) {
        throw usageError("no key is pinned, expected --key FINGERPRINT, --public-key FILE or --stack-outputs FILE");
    }
    return { keys, spkis };
}

function outputFingerprints(outputs: Outputs): string[] {
    return keyNames(outputs)
        .map((name) => outputs[`${name}SpkiSha256`])
        .filter((text) => typeof text === "string");
}

function outputSpkis(outputs: Outputs): Uint8Array[] {
    const texts = keyNames(outputs).map((name) => outputs[`${name}SpkiBase64`]);
    return texts.filter((text) => typeof text === "string").map((text) => new Uint8Array(Buffer.from(text, "base64")));
}

function keyNames(outputs: Outputs): string[] {
    const names = outputs["keyNames"];
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
}

/** PEM or DER, a certificate's key too: Node reads them, and exports the one DER form. */
function spkiOf(bytes: Uint8Array, path: string): Uint8Array {
    const pem = Buffer.from(bytes).includes("-----BEGIN");
    const key = Buffer.from(bytes);
    try {
        const parsed = createPublicKey(pem ? key : { key, format: "der", type: "spki" });
        return new Uint8Array(parsed.export({ format: "der", type: "spki" }));
    } catch {
        throw usageError(
            `${JSON.stringify(path)} is no public key, expected SPKI in DER or PEM, or a certificate in PEM`,
        );
    }
}

export function needed(value: unknown, what: string, option: string): string {
    if (typeof value === "string" && value !== "") return value;
    throw usageError(`${what} is not known, expected ${option} or --stack-outputs FILE`);
}

function asUsage<T>(what: string, run: () => T): T {
    try {
        return run();
    } catch (error) {
        throw isCodedError(error) ? usageError(`${what}: ${error.message}`) : error;
    }
}
