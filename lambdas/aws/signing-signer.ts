import { randomBytes, randomUUID } from "node:crypto";
import { quote, toHex } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import type { Message } from "../../lib/formats/format";
import { sha256 } from "../../lib/hash";
import { type MessageType, rulesOf, type SigningAlgorithm } from "../../lib/kms/specs";
import type { RegisteredKey as KeyDescription } from "../../lib/record/key-registered";
import type { KeyUse } from "../../lib/signing/records";
import type { RegisteredKey, SignDeps } from "../sign";
import type { AttemptStore } from "../signing/attempts";
import type { IntakeAnswer, IntakeDeps } from "../signing/intake";
import { once } from "../signing/once";
import { registerKey } from "../signing/registering";
import { environment } from "./environment";
import { revisionTable, textTable } from "./signing-tables";

/** Compiled into one signer. */
export interface SignerSettings {
    readonly keyName: string;
    /** alias/NAME-vN. For people: KMS is asked by key ARN. */
    readonly keyAlias: string;
    readonly spec: string;
    readonly formats: readonly string[];
    readonly algorithm: string;
    readonly messageType: string;
}

export async function signerDeps(settings: SignerSettings): Promise<SignDeps> {
    rulesOf(settings.spec, settings.algorithm);
    const [key, store, requests, rechecks, intake] = await Promise.all([
        kmsKey(environment("KEY_ARN")),
        revisionTable(environment("ATTEMPTS_TABLE")),
        textTable(environment("REQUESTS_TABLE"), "request"),
        textTable(environment("RECHECKS_TABLE"), "messages_sha256"),
        intakeFunction(environment("INTAKE_FUNCTION")),
    ]);
    const pin = environment("KEY_SPKI_SHA256");
    return {
        ...intake,
        store,
        key: once(() => registeredKey(settings, key, pin, store, intake)),
        readRequest: async (id) => {
            const [request, recheck] = await Promise.all([requests.get(id), rechecks.get(id)]);
            return { request, recheck };
        },
        sign: key.sign,
        now: () => new Date(),
        uuid: () => randomUUID(),
        salt: () => new Uint8Array(randomBytes(32)),
    };
}

/** @throws KeyMismatch unless KMS holds the pinned key behind this ARN */
async function registeredKey(
    settings: SignerSettings,
    key: KmsKey,
    pin: string,
    store: AttemptStore,
    intake: IntakeDeps,
): Promise<RegisteredKey> {
    const spki = await key.publicKey();
    const spkiSha256 = toHex(sha256(spki));
    if (spkiSha256 !== pin)
        throw codedError("KeyMismatch", `key has fingerprint ${spkiSha256}, expected the pinned ${quote(pin)}`);
    const describeKey = async (): Promise<KeyDescription> => ({
        ...(await key.describe(settings.spec)),
        spki,
        alias: settings.keyAlias,
        role: "artifact",
    });
    await registerKey({ ...intake, store, describeKey, now: () => new Date() }, spkiSha256);
    return {
        arn: key.arn,
        alias: settings.keyAlias,
        formats: settings.formats,
        algorithm: settings.algorithm as SigningAlgorithm,
        messageType: settings.messageType as MessageType,
        spkiSha256,
        spki,
    };
}

interface KmsKey {
    readonly arn: string;
    publicKey(): Promise<Uint8Array>;
    /** @throws KeyMismatch for a key that is not of this spec, made in KMS, in one region */
    describe(spec: string): Promise<Pick<KeyDescription, "spec" | "algorithms" | "policy" | "createdAt">>;
    sign(message: Message): Promise<KeyUse>;
}

async function kmsKey(arn: string): Promise<KmsKey> {
    const { DescribeKeyCommand, GetKeyPolicyCommand, GetPublicKeyCommand, KMSClient, SignCommand } =
        await import("@aws-sdk/client-kms");
    const reader = new KMSClient({});
    // A hidden retry would be a second use, of which we would see one request id. Milliseconds; without the last, the handler only warns.
    const requestHandler = { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true };
    const signer = new KMSClient({ maxAttempts: 1, requestHandler });
    return {
        arn,
        publicKey: async () => {
            const { PublicKey } = await reader.send(new GetPublicKeyCommand({ KeyId: arn }));
            return new Uint8Array(PublicKey ?? []);
        },
        describe: async (spec) => {
            const [{ KeyMetadata: key }, { Policy: policy }] = await Promise.all([
                reader.send(new DescribeKeyCommand({ KeyId: arn })),
                reader.send(new GetKeyPolicyCommand({ KeyId: arn, PolicyName: "default" })),
            ]);
            if (key?.KeySpec !== spec || key.Origin !== "AWS_KMS" || key.MultiRegion || !key.CreationDate || !policy) {
                const saw = { spec: key?.KeySpec, origin: key?.Origin, multiRegion: key?.MultiRegion };
                throw codedError(
                    "KeyMismatch",
                    `key is ${quote(saw)}, expected spec ${spec}, made in KMS, in one region`,
                );
            }
            return { spec, algorithms: key.SigningAlgorithms ?? [], policy, createdAt: key.CreationDate };
        },
        sign: async ({ signingAlgorithm, messageType, message }) => {
            const command = new SignCommand({
                KeyId: arn,
                Message: message,
                MessageType: messageType,
                SigningAlgorithm: signingAlgorithm,
            });
            const answer = await signer.send(command).catch((error: unknown) => {
                throw kmsError(error);
            });
            const { requestId } = answer.$metadata;
            if (!answer.Signature || !requestId)
                throw codedError("UnknownOutcome", "KMS signed, and answered without signature or request id");
            return { requestId, signature: new Uint8Array(answer.Signature) };
        },
    };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html#API_Sign_Errors: those after which it is worth another attempt. */
const RETRYABLE: readonly string[] = [
    "DependencyTimeoutException",
    "KeyUnavailableException",
    "KMSInternalException",
    "ThrottlingException",
];

/** An error that KMS answered with means that it did not sign; anything else means that nobody knows. */
export function kmsError(error: unknown): Error {
    const { name, message, $metadata } = error as Error & { readonly $metadata?: { readonly httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    if (status !== undefined && RETRYABLE.includes(name))
        return codedError("KmsUnavailable", `KMS did not sign: ${name}`, error);
    if (status !== undefined && status >= 400 && status < 500)
        return codedError("KmsFailed", `KMS did not sign: ${name}`, error);
    return codedError("UnknownOutcome", `KMS did not answer: ${name}: ${message}`, error);
}

async function intakeFunction(FunctionName: string): Promise<IntakeDeps> {
    const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
    const client = new LambdaClient({});
    return {
        intake: async (leaf) => {
            const Payload = Buffer.from(JSON.stringify({ leaf }));
            const answer = await client.send(new InvokeCommand({ FunctionName, Payload }));
            if (answer.FunctionError || !answer.Payload) {
                throw codedError("UnknownOutcome", `the log's intake failed: ${answer.FunctionError ?? "no answer"}`);
            }
            return JSON.parse(Buffer.from(answer.Payload).toString("utf8")) as IntakeAnswer;
        },
        pause: (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds)),
    };
}
