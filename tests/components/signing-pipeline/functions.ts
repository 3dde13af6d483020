import { expect, it } from "vitest";
import { fingerprint, RSA_SPKI } from "../../support/aws-mock";
import { type Graph, keyIdOf } from "../../support/graph";

/** The functions: as whom they run, and what they are told. */
export function functionsSuite(graph: () => Graph): void {
    const inputs = (type: string, name: string) => graph().one(type, name).inputs;

    it("gives each function a role of its name, and signers the role of their key", () => {
        const roles = Object.fromEntries(
            graph()
                .ofType("aws:lambda/function:Function")
                .map(({ inputs: { name, role } }) => [name, role]),
        );
        expect(roles).toEqual({
            "countersign-dev-prepare": "arn:aws:iam::111122223333:role/countersign-dev-prepare",
            "countersign-dev-recheck": "arn:aws:iam::111122223333:role/countersign-dev-recheck",
            "countersign-dev-assemble": "arn:aws:iam::111122223333:role/countersign-dev-assemble",
            "countersign-dev-verify": "arn:aws:iam::111122223333:role/countersign-dev-verify",
            "countersign-dev-publish": "arn:aws:iam::111122223333:role/countersign-dev-publish",
            "countersign-dev-modules-v1-sign":
                "arn:aws:iam::111122223333:role/signing/countersign-dev-modules-v1-signer",
            "countersign-dev-files-v1-sign": "arn:aws:iam::111122223333:role/signing/countersign-dev-files-v1-signer",
        });
    });

    it("gives functions these environments, and no more", () => {
        const variables = (name: string) =>
            (inputs("aws:lambda/function:Function", `pipeline-${name}`).environment as { variables: object }).variables;
        const UPLOADS_BUCKET = "countersign-dev-uploads-111122223333-eu-west-1";
        const RESULTS_BUCKET = "countersign-dev-results-111122223333-eu-west-1";
        const REQUESTS_TABLE = "countersign-dev-requests";
        const RECHECKS_TABLE = "countersign-dev-rechecks";
        const ATTEMPTS_TABLE = "countersign-dev-attempts";
        const arn = (name: string) => `arn:aws:kms:eu-west-1:111122223333:key/${keyIdOf(graph(), name)}`;
        const KEY_SPKIS = JSON.stringify({ modules: RSA_SPKI, files: RSA_SPKI });
        expect(arn("modules-v1")).not.toBe(arn("files-v1"));
        expect(variables("prepare")).toEqual({
            UPLOADS_BUCKET,
            REQUESTS_TABLE,
            KEY_ARNS: JSON.stringify({ modules: arn("modules-v1"), files: arn("files-v1") }),
            KEY_SPKIS,
        });
        expect(variables("recheck")).toEqual({ UPLOADS_BUCKET, REQUESTS_TABLE, RECHECKS_TABLE, KEY_SPKIS });
        expect(variables("assemble")).toEqual({ UPLOADS_BUCKET, RESULTS_BUCKET, REQUESTS_TABLE, ATTEMPTS_TABLE });
        expect(variables("verify")).toEqual({
            UPLOADS_BUCKET,
            RESULTS_BUCKET,
            REQUESTS_TABLE,
            ATTEMPTS_TABLE,
            LOG_BUCKET: "countersign-dev-log-111122223333-eu-west-1",
            LOG_VKEY: "VKEY",
            KEY_SPKIS,
        });
        expect(variables("publish")).toEqual({ RESULTS_BUCKET, REQUESTS_TABLE });
        for (const key of ["modules", "files"]) {
            expect(variables(`sign-${key}`)).toEqual({
                KEY_ARN: arn(`${key}-v1`),
                KEY_SPKI_SHA256: fingerprint(RSA_SPKI),
                REQUESTS_TABLE,
                RECHECKS_TABLE,
                ATTEMPTS_TABLE,
                INTAKE_FUNCTION: "countersign-dev-intake",
            });
        }
    });
}
