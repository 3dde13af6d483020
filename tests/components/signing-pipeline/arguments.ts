import { describe, expect, it } from "vitest";
import type { SigningPipelineArgs } from "../../../components/pipeline-args";
import { certificate, pem as pemOf, rsaKey } from "../../support/certificates";
import { loadNative } from "../../support/native";
import { CI, DATA_KEY } from "./program";

/** What a pipeline takes, and what it refuses before anything is registered. */
export function argumentsSuite(): void {
    describe("SigningPipeline's arguments, refused in the constructor", () => {
        const { resolvePipelineArgs, pipelineKeys } =
            loadNative<typeof import("../../../components/pipeline-args")>("components/pipeline-args.ts");
        const key = (keyName: string, formats: string[]) =>
            ({
                keyName,
                formats,
                spec: "RSA_4096",
                algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
                messageType: "DIGEST",
            }) as never;
        const tenant = { name: "acme", formats: ["raw"], submitters: [CI] };
        const good: SigningPipelineArgs = {
            keys: [key("modules", ["kmod"]), key("files", ["raw"])],
            tenants: [tenant],
            logOrigin: "log.example.com/x",
            logVkey: "VKEY",
            dataKeyArn: DATA_KEY,
            objectLock: { mode: "GOVERNANCE", days: 1 },
            namePrefix: "countersign-dev",
        };

        it("has defaults", () =>
            expect(resolvePipelineArgs(good)).toMatchObject({
                certificates: {},
                requestTtlSeconds: 3600,
                maxUploadBytes: 67_108_864,
                uploadDays: 90,
            }));

        it("compiles a certificate into the key it belongs to", () => {
            const pem = pemOf(certificate({ key: rsaKey() }));
            const keys = pipelineKeys(resolvePipelineArgs({ ...good, certificates: { modules: pem } }));
            expect(keys.map(({ name, certificatePem }) => [name, certificatePem])).toEqual([
                ["modules", pem],
                ["files", undefined],
            ]);
        });

        const refused: [string, Partial<SigningPipelineArgs>, string][] = [
            ["no keys", { keys: [] }, "BadConfig"],
            ["one key twice", { keys: [key("files", ["raw"]), key("files", ["kmod"])] }, "BadConfig"],
            ["two keys of one format", { keys: [key("a", ["raw"]), key("b", ["raw"])] }, "BadConfig"],
            ["a certificate for no key", { certificates: { other: "-" } }, "BadConfig"],
            ["a certificate over a raw key", { certificates: { files: "-" } }, "BadConfig"],
            ["a certificate that is none", { certificates: { modules: "-" } }, "BadCertificate"],
            ["a tenant with a slash", { tenants: [{ ...tenant, name: "a/b" }] }, "BadConfig"],
            ["a tenant twice", { tenants: [tenant, tenant] }, "BadConfig"],
            ["a format that does not exist", { tenants: [{ ...tenant, formats: ["rpm"] }] }, "FormatUnknown"],
            [
                "a format that no key signs",
                { keys: [key("files", ["raw"])], tenants: [{ ...tenant, formats: ["kmod"] }] },
                "BadConfig",
            ],
            ["a tenant whom nobody submits for", { tenants: [{ ...tenant, submitters: [] }] }, "BadConfig"],
            ["everybody as submitter", { tenants: [{ ...tenant, submitters: ["*"] }] }, "BadConfig"],
            [
                "a signer as submitter",
                { tenants: [{ ...tenant, submitters: ["arn:aws:iam::111122223333:role/signing/x"] }] },
                "BadConfig",
            ],
        ];
        it.each(refused)("refuses %s", (_what, overrides, code) =>
            expect(() => resolvePipelineArgs({ ...good, ...overrides })).toThrow(expect.objectContaining({ code })),
        );
    });
}
