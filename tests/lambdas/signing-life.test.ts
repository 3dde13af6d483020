import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { handle as assemble } from "../../lambdas/assemble";
import { handle as prepare, type UploadEvent } from "../../lambdas/prepare";
import { handle as publish } from "../../lambdas/publish";
import { handle as recheck } from "../../lambdas/recheck";
import { handle as sign } from "../../lambdas/sign";
import { handle as verify } from "../../lambdas/verify";
import { toUtf8 } from "../../lib/encoding";
import { verifyFile } from "../../lib/formats/recheck/verify";
import type { VerifyRefusal, VerifyResult } from "../../lambdas/verify";
import { module } from "../lib/formats/fixtures";
import { SigningWorld } from "../support/signing-world";

/**
 * Proves that the six functions fit together, with the real intake and sequencer, from an upload to its release. Proves nothing about the
 * state machine, IAM or AWS: the engine tests do.
 */

const ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256";

interface Step {
    readonly ok: boolean;
    readonly requestId?: string;
}

/** As the state machine does it, with a sequencer run where it waits. */
async function run(world: SigningWorld, event: UploadEvent): Promise<Record<string, unknown> | undefined> {
    const { key, "version-id": versionId } = event.detail.object;
    const refuse = async (answer: object): Promise<Record<string, unknown> | undefined> => {
        const { code, reason } = answer as { code: string; reason: string };
        await publish(world.publishDeps(), {
            refusal: { code, reason },
            upload: { key, versionId: versionId as string },
        });
        return world.result(event);
    };
    const prepared = await prepare(world.prepareDeps(), event);
    if (!prepared.ok) return refuse(prepared);
    const { requestId } = prepared;
    const steps: (() => Promise<Step>)[] = [
        () => recheck(world.recheckDeps(), { requestId }),
        () => sign(world.signDeps(prepared.keyName as "files"), { requestId }, world.deadline),
        () => assemble(world.assembleDeps(), { requestId }),
    ];
    for (const step of steps) {
        const answer = await step();
        if (!answer.ok) return refuse(answer);
    }
    let verified: VerifyResult | VerifyRefusal = await verify(world.verifyDeps(), { requestId });
    for (let tries = 0; !verified.ok && verified.pending && tries < 3; tries++) {
        await world.publishLog();
        verified = await verify(world.verifyDeps(), { requestId });
    }
    if (!verified.ok) return refuse(verified);
    await publish(world.publishDeps(), verified);
    return world.result(event);
}

describe("an upload", () => {
    it("comes back as a signed module, with its entry in the log", async () => {
        const world = new SigningWorld();
        const event = world.upload("kernel-team/kmod/build-7/e1000.ko", module());
        const result = await run(world, event);
        expect(result).toMatchObject({
            version: 1,
            status: "signed",
            tenant: "kernel-team",
            format: "kmod",
            key_name: "modules",
            output: "released/kernel-team/kmod/build-7/e1000.ko/version1/signed",
            artifact_sha256: createHash("sha256").update(module()).digest("hex"),
            // The log key's registration, the modules key's, then this.
            records: [{ record_hash: expect.stringMatching(/^[0-9a-f]{64}$/), log_index: 2 }],
        });
        const signed = world.results.get(result?.output as string)?.bytes as Uint8Array;
        const options = {
            spki: world.modules.spki,
            signingAlgorithm: ALGORITHM,
            certificate: world.certificate,
        } as const;
        expect(verifyFile("kmod", signed, options).artifactSha256).toBe(result?.artifact_sha256);
        expect(world.uses).toHaveLength(1);
    });

    it("comes back as a detached signature", async () => {
        const world = new SigningWorld();
        const file = toUtf8("an ordinary file\n");
        const result = await run(world, world.upload("web-team/raw/notes.txt", file));
        const signature = world.results.get(result?.output as string)?.bytes as Uint8Array;
        expect(
            verifyFile("raw", file, { spki: world.files.spki, signingAlgorithm: ALGORITHM, signature }).signature,
        ).toEqual(signature);
    });

    it("comes back twice with one use of the key and one entry", async () => {
        const world = new SigningWorld();
        const first = await run(world, world.upload("web-team/raw/a", toUtf8("same")));
        const second = await run(world, world.upload("web-team/raw/b", toUtf8("same"), "2026-11-21T08:00:05Z"));
        expect(second?.records).toEqual(first?.records);
        expect(second?.request_id).not.toBe(first?.request_id);
        expect(world.uses).toHaveLength(1);
    });

    it("is found in a log of many bundles, by hint", async () => {
        const world = new SigningWorld();
        const first = await run(world, world.upload("web-team/raw/a", toUtf8("old")));
        for (let i = 0; i < 800; i++) world.log.submit();
        await world.publishLog();
        const again = await run(world, world.upload("web-team/raw/b", toUtf8("old"), "2026-11-21T08:00:05Z"));
        expect(again?.records).toEqual(first?.records);
        expect(again?.status).toBe("signed");
    });

    it.each([
        ["outside any tenant", "nobody/raw/x", "OutsideTenant"],
        ["of an unknown format", "kernel-team/zip/x", "FormatUnknown"],
        ["of a format that is not the tenant's", "web-team/kmod/x.ko", "FormatNotOfTenant"],
        ["that is no module", "kernel-team/kmod/x.ko", "NotAKernelModule"],
    ])("%s gets a reason, and no key is used", async (_what, key, code) => {
        const world = new SigningWorld();
        expect(await run(world, world.upload(key, toUtf8("hello")))).toEqual({
            version: 1,
            status: "refused",
            code,
            reason: expect.any(String),
        });
        expect(world.uses).toEqual([]);
        expect(world.requests.size).toBe(0);
    });

    it("that another tenant had signed as something of its own gets a reason that names the entry", async () => {
        const world = new SigningWorld();
        await run(world, world.upload("web-team/raw/a", toUtf8("same")));
        const result = await run(world, world.upload("kernel-team/raw/a", toUtf8("same")));
        expect(result).toMatchObject({
            status: "refused",
            code: "DuplicateUse",
            reason: expect.stringContaining("entry 2 of the log"),
        });
        expect(world.uses).toHaveLength(1);
    });
});
