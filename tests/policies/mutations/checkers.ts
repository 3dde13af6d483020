import { each } from "./build";
import { withCode } from "./compute";
import { changed, type Mutant, type Program, UNKNOWN } from "./program";
import type { Registered } from "../../support/pack-process";

/** D: prepare and recheck. Whoever changes both says what a signer signs, in a pull request that touches no signer. */

const PREPARE = "pipeline-prepare";
const RECHECK = "pipeline-recheck";
const RULE = "signer-runtime-pinned";

function withVariables(program: Program, name: string, variables: Record<string, unknown>): Registered {
    const found = program.get("Function", name);
    const { variables: usual } = found.properties.environment as { variables: Record<string, unknown> };
    const all = Object.entries({ ...usual, ...variables }).filter(([, value]) => value !== undefined);
    return changed(found, { environment: { variables: Object.fromEntries(all) } });
}

const believes = (name: string, what: string, variants: Record<string, Record<string, unknown>>): Mutant[] =>
    each(
        "T69",
        RULE,
        Object.fromEntries(
            Object.entries(variants).map(([variant, variables]) => [
                `${what} with ${variant}`,
                (program: Program) => [withVariables(program, name, variables)],
            ]),
        ),
    );

const runs = (name: string, what: string, variants: Record<string, Record<string, unknown>>): Mutant[] =>
    each(
        "T69",
        RULE,
        Object.fromEntries(
            Object.entries(variants).map(([variant, properties]) => [
                `${what} with ${variant}`,
                (program: Program) => [changed(program.get("Function", name), properties)],
            ]),
        ),
    );

export const checkerMutants: readonly Mutant[] = [
    ...each("T69", RULE, {
        "prepare's code, one byte more": (program) => [
            withCode(program.get("Function", PREPARE), (text) => `${text} `),
        ],
        "recheck's code, which finds everything right": (program) => [
            withCode(program.get("Function", RECHECK), (text) => text.replace("RecheckMismatch", "")),
        ],
        "both steps' code changed at once": (program) =>
            [PREPARE, RECHECK].map((name) => withCode(program.get("Function", name), (text) => `${text};`)),
        "another function with recheck's role": (program) => [
            changed(program.get("Function", "pipeline-verify"), {
                role: program.get("Function", RECHECK).properties.role,
            }),
        ],
        "recheck's name with prepare's role": (program) => [
            changed(program.get("Function", RECHECK), { role: program.get("Function", PREPARE).properties.role }),
        ],
    }),
    ...runs(PREPARE, "prepare", {
        "a layer": { layers: ["arn:aws:lambda:eu-west-1:999999999999:layer:x:1"] },
        "another handler": { handler: "other.handler" },
        "an image": { packageType: "Image", imageUri: "x" },
        "an environment not known": { environment: UNKNOWN },
    }),
    ...runs(RECHECK, "recheck", {
        "a bucket's code": { code: undefined, s3Bucket: "code", s3Key: "x.zip" },
        "a role not known": { role: UNKNOWN },
    }),
    ...believes(PREPARE, "prepare", {
        NODE_OPTIONS: { NODE_OPTIONS: "--import=data:text/javascript,1" },
        "uploads of somebody else": { UPLOADS_BUCKET: "uploads-of-mine" },
        "a key of another account": {
            KEY_ARNS: '{"modules":"arn:aws:kms:eu-west-1:999999999999:key/9f0e8a3c-0000-4000-8000-000000000009"}',
        },
        "keys that are no JSON": { KEY_ARNS: "x" },
    }),
    ...believes(RECHECK, "recheck", {
        "another requests table": { REQUESTS_TABLE: "requests-of-mine" },
        "another table for its word": { RECHECKS_TABLE: "countersign-local-attempts" },
        "no uploads bucket": { UPLOADS_BUCKET: undefined },
        "a fingerprint in the place of public keys": { KEY_SPKIS: "00".repeat(32) },
    }),
];
