import type { Benign } from "./benign";
import { each } from "./build";
import { changed, type Json, type Mutant, type Program, UNKNOWN, withKeyPolicy } from "./program";
import type { Registered } from "../../support/pack-process";

/** D and A: what the signer's code believes, and what its key lets it sign. */

const FUNCTION = "pipeline-sign-modules";
const OTHER_KEY = "arn:aws:kms:eu-west-1:111122223333:key/9f0e8a3c-0000-4000-8000-000000000009";

/** The signer with some variables changed; undefined takes one away. */
function withVariables(
    program: Program,
    variables: Record<string, unknown>,
    more: Partial<Registered> = {},
): Registered {
    const found = program.get("Function", FUNCTION);
    const { variables: usual } = found.properties.environment as { variables: Record<string, unknown> };
    const all = Object.entries({ ...usual, ...variables }).filter(([, value]) => value !== undefined);
    return { ...changed(found, { environment: { variables: Object.fromEntries(all) } }), ...more };
}

const believes = (variants: Record<string, Record<string, unknown>>): Mutant[] =>
    each(
        "T69",
        "signer-runtime-pinned",
        Object.fromEntries(
            Object.entries(variants).map(([name, variables]) => [
                `the signer with ${name}`,
                (program: Program) => [withVariables(program, variables)],
            ]),
        ),
    );

/** The signer's variables come from these keys, by dependency. */
const comesFrom = (name: string, ...keys: readonly string[]): Mutant[] =>
    each(
        "T69",
        "signer-runtime-pinned",
        {
            [name]: (program: Program) => [
                withVariables(
                    program,
                    { KEY_ARN: UNKNOWN },
                    { propertyDependencies: { environment: keys.map((key) => program.get("Key", key).urn!) } },
                ),
            ],
        },
        { level: "stack" },
    );

const signs = (threat: string, rule: string, variants: Record<string, (one: Json) => Json>): Mutant[] =>
    each(
        threat,
        rule,
        Object.fromEntries(
            Object.entries(variants).map(([name, change]) => [
                name,
                (program: Program) => [
                    withKeyPolicy(program, (all) => all.map((one) => (one.Sid === "Signer" ? change(one) : one))),
                ],
            ]),
        ),
    );

const under =
    (Condition: Json) =>
    (one: Json): Json => ({ ...one, Condition });
const ALGORITHM = { "kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256" };
const DIGEST = { "kms:MessageType": "DIGEST" };

export const signerMutants: readonly Mutant[] = [
    ...believes({
        "another requests table": { REQUESTS_TABLE: "requests-of-mine" },
        "the other stack's requests table": { REQUESTS_TABLE: "countersign-dev-requests" },
        "its tables swapped": {
            REQUESTS_TABLE: "countersign-local-rechecks",
            RECHECKS_TABLE: "countersign-local-requests",
        },
        "a requests table in another account": {
            REQUESTS_TABLE: "arn:aws:dynamodb:eu-west-1:999999999999:table/countersign-local-requests",
        },
        "a requests table not known": { REQUESTS_TABLE: UNKNOWN },
        "an intake that keeps nothing": { INTAKE_FUNCTION: "countersign-local-verify" },
        "an intake in another account": {
            INTAKE_FUNCTION: "arn:aws:lambda:eu-west-1:999999999999:function:countersign-local-intake",
        },
        "no attempts table": { ATTEMPTS_TABLE: undefined },
        "a table in a list": { ATTEMPTS_TABLE: ["countersign-local-attempts"] },
        "a key of another account": { KEY_ARN: OTHER_KEY.replace("111122223333", "999999999999") },
        "a key of another region": { KEY_ARN: OTHER_KEY.replace("eu-west-1", "us-east-1") },
        "an alias for its key": { KEY_ARN: "alias/countersign-local-files-v1" },
        "no fingerprint of its key": { KEY_SPKI_SHA256: "" },
    }),
    ...comesFrom("the signer with the key of another signer, by dependency", "files-v1"),
    ...comesFrom("the signer with another key beside its own, by dependency", "modules-v1", "log-key"),
    ...comesFrom("the signer with a key not known and from nowhere"),
    ...signs("T07", "kms-signing-key-shape", {
        "Sign without a condition": under(undefined),
        "Sign with any algorithm": under({ StringEquals: DIGEST }),
        "Sign of any form of message": under({ StringEquals: ALGORITHM }),
        "Sign of messages that KMS hashes": under({ StringEquals: { ...ALGORITHM, "kms:MessageType": "RAW" } }),
        "Sign of either form": under({ StringEquals: { ...ALGORITHM, "kms:MessageType": ["DIGEST", "RAW"] } }),
        "Sign with either of two algorithms": under({
            StringEquals: { ...DIGEST, "kms:SigningAlgorithm": [...Object.values(ALGORITHM), "RSASSA_PSS_SHA_256"] },
        }),
        "Sign with an algorithm of other keys": under({
            StringEquals: { ...DIGEST, "kms:SigningAlgorithm": "ECDSA_SHA_256" },
        }),
        "Sign with an algorithm by pattern": under({
            StringLike: { "kms:SigningAlgorithm": "RSASSA_*" },
            StringEquals: DIGEST,
        }),
        "Sign with an algorithm if there is one": under({ StringEqualsIfExists: { ...ALGORITHM, ...DIGEST } }),
        "Sign with all algorithms that are given": under({ "ForAllValues:StringEquals": { ...ALGORITHM, ...DIGEST } }),
        "Sign with any algorithm but one": under({
            StringNotEquals: { "kms:SigningAlgorithm": "RSASSA_PSS_SHA_256" },
            StringEquals: DIGEST,
        }),
        "Sign and reads under the algorithm": (one) => ({ ...one, Action: ["kms:Sign", "kms:GetPublicKey"] }),
        "Sign by exclusion under the algorithm": ({ Action: _action, ...one }) => ({
            ...one,
            NotAction: "kms:Decrypt",
        }),
    }),
];

/** The program's key under another spec, and its signer's Allow under this condition. */
function signsAs(name: string, customerMasterKeySpec: string, Condition: Json): Benign {
    return {
        threat: "T07",
        name,
        change: (program) => [
            changed(
                withKeyPolicy(program, (all) => all.map((one) => (one.Sid === "Signer" ? { ...one, Condition } : one))),
                { customerMasterKeySpec },
            ),
        ],
    };
}

export const benignSigner: readonly Benign[] = [
    signsAs("Sign under one algorithm, spelled otherwise, and one condition more", "RSA_3072", {
        StringEquals: { "KMS:signingalgorithm": ["RSASSA_PSS_SHA_384"], "kms:MessageType": ["DIGEST"] },
        Bool: { "aws:SecureTransport": "true" },
    }),
    signsAs("Sign of whole messages, for an Ed25519 key", "ECC_NIST_EDWARDS25519", {
        StringEquals: { "kms:SigningAlgorithm": "ED25519_SHA_512", "kms:MessageType": "RAW" },
    }),
    signsAs("Sign of a message or its representative, for an ML-DSA key", "ML_DSA_65", {
        StringEquals: { "kms:SigningAlgorithm": "ML_DSA_SHAKE_256", "kms:MessageType": ["RAW", "EXTERNAL_MU"] },
    }),
];
