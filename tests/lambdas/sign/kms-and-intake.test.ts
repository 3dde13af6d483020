import { describe, expect, it } from "vitest";
import { kmsError } from "../../../lambdas/aws/signing-signer";
import type { SignDeps } from "../../../lambdas/sign";
import { registerKey } from "../../../lambdas/signing/registering";
import { describedKey, registeredKey } from "../../support/signing-keys";
import { approved, approvedForKnownKey, recorded, sign, unrecorded } from "./support";

/** Proves what the signer makes of each answer of KMS and of intake, and of none. Proves nothing about either service. */

describe("KMS", () => {
    it("that is throttled is asked again, each time by an attempt of its own", async () => {
        const { world, requestId } = await approved();
        let failures = 2;
        world.kmsFault = () => (failures-- > 0 ? "KmsUnavailable" : undefined);
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
        expect(world.attempts.bodies("intent#")).toHaveLength(3);
        expect(world.uses).toHaveLength(1);
    });

    it.each([
        ["KmsUnavailable", 3],
        ["KmsFailed", 1],
    ] as const)("that answers %s is asked %i times, and the claim is free at once", async (fault, times) => {
        const { world, requestId } = await approved();
        world.kmsFault = () => fault;
        expect(await sign(world, requestId)).toMatchObject({ ok: false, code: fault });
        expect(world.calls.filter((call) => call === "sign")).toHaveLength(times);
        world.kmsFault = () => undefined;
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
        expect(unrecorded(world)).toBe(0);
    });

    it("that does not answer is not asked again by the same invocation", async () => {
        const { world, requestId } = await approved();
        world.kmsFault = () => "applied";
        await expect(sign(world, requestId)).rejects.toMatchObject({ code: "UnknownOutcome" });
        expect(world.uses).toHaveLength(1);
        world.kmsFault = () => undefined;
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
        expect([world.uses.length, unrecorded(world)]).toEqual([2, 1]);
    });

    it("says by its error whether it signed", () => {
        const error = (name: string, httpStatusCode?: number): unknown =>
            Object.assign(new Error("x"), { name, $metadata: { httpStatusCode } });
        const codes: readonly [string, number | undefined, string][] = [
            ["ThrottlingException", 400, "KmsUnavailable"],
            ["KMSInternalException", 500, "KmsUnavailable"],
            ["KeyUnavailableException", 500, "KmsUnavailable"],
            ["DependencyTimeoutException", 503, "KmsUnavailable"],
            ["DisabledException", 409, "KmsFailed"],
            ["AccessDeniedException", 400, "KmsFailed"],
            ["KMSInvalidStateException", 400, "KmsFailed"],
            ["UnknownError", 502, "UnknownOutcome"],
            ["TimeoutError", undefined, "UnknownOutcome"],
            ["ThrottlingException", undefined, "UnknownOutcome"],
        ];
        for (const [name, status, code] of codes) expect(kmsError(error(name, status)), name).toMatchObject({ code });
        expect(kmsError(new Error("socket hang up"))).toMatchObject({ code: "UnknownOutcome" });
    });
});

describe("intake", () => {
    const refusing =
        (code: string): SignDeps["intake"] =>
        async () => ({ ok: false, code, reason: "no" });

    it("that refuses is a refusal, and a repeat does not sign", async () => {
        const { world, requestId } = await approvedForKnownKey();
        const intake = refusing("BadLeaf");
        for (let i = 0; i < 2; i++) {
            expect(await sign(world, requestId, { intake })).toMatchObject({
                ok: false,
                code: "IntakeRefused",
                reason: expect.stringMatching(/BadLeaf: no/),
            });
        }
        expect(world.uses).toHaveLength(1);
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
        expect([world.uses.length, unrecorded(world)]).toEqual([1, 0]);
    });

    it("that took another record is a refusal", async () => {
        const { world, requestId } = await approvedForKnownKey();
        const intake: SignDeps["intake"] = async () => ({ ok: true, recordHash: "0".repeat(64), status: "pending" });
        expect(await sign(world, requestId, { intake })).toMatchObject({ ok: false, code: "IntakeRefused" });
    });

    it("that refuses the key stops all", async () => {
        const { world, requestId } = await approved();
        const deps = world.signDeps("files");
        const intake = refusing("KeyMismatch");
        const describeKey = async () => describedKey("files");
        const key = async () => {
            await registerKey({ ...deps, intake, describeKey }, registeredKey("files").spkiSha256);
            return registeredKey("files");
        };
        expect(await sign(world, requestId, { key })).toMatchObject({ ok: false, code: "IntakeRefused" });
        expect(world.calls).not.toContain("sign");
    });

    it.each(["lost", "applied"] as const)("that fails twice (%s) is asked a third time", async (fault) => {
        const { world, requestId } = await approvedForKnownKey();
        let failures = 2;
        world.intakeFault = () => (failures-- > 0 ? fault : undefined);
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
        expect([world.uses.length, recorded(world).length]).toEqual([1, 1]);
    });
});
