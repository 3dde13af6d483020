import { describe, expect, it } from "vitest";
import { handle, type SignDeps, type SignResult } from "../../../lambdas/sign";
import type { Refusal } from "../../../lambdas/signing/answer";
import type { Claim } from "../../../lib/signing/claim";
import type { SigningWorld } from "../../support/signing-world";
import { approved, approvedForKnownKey, interleave, recorded, sign, stepOf, unrecorded } from "./support";

/** Proves that attempts at one signature end with one record between them. Proves nothing about DynamoDB's conditions. */

/** Died with its claim in hand, long enough ago for others to take it. */
async function deadAttempt(world: SigningWorld, requestId: string): Promise<void> {
    world.attempts.fault = (write) => (["intent", "ended"].includes(stepOf(write)) ? "lost" : undefined);
    await expect(sign(world, requestId)).rejects.toThrow("connection lost");
    world.attempts.fault = () => undefined;
    expect(world.attempts.bodies<Claim>("once#")).toMatchObject([{ state: "claimed" }]);
    world.clock += 60_000;
}

/** KMS refused it, and it gave its claim back. */
async function endedAttempt(world: SigningWorld, requestId: string): Promise<void> {
    world.kmsFault = () => "KmsFailed";
    expect(await sign(world, requestId)).toMatchObject({ ok: false, code: "KmsFailed" });
    world.kmsFault = () => undefined;
    expect(world.attempts.bodies<Claim>("once#")).toMatchObject([{ state: "ended" }]);
}

describe("two attempts at once", () => {
    it("wait for each other, and give up in time", async () => {
        const { world, requestId } = await approvedForKnownKey();
        const never = handle(
            world.signDeps("files", { sign: () => new Promise(() => undefined) }),
            { requestId },
            world.clock + 600_000,
        );
        await Promise.race([never, new Promise((resolve) => setImmediate(resolve))]);
        const before = world.clock;
        expect(await sign(world, requestId)).toMatchObject({ ok: false, code: "Busy" });
        expect(world.clock - before).toBe(10_000);
        expect(world.uses).toEqual([]);
    });

    it("in any interleaving make one use and one record, and both answer with it", async () => {
        for (let seed = 1; seed <= 150; seed++) {
            const { world, requestId } = await approved();
            const other = await approved("web-team/raw/y", "hello\n", world);
            interleave(world, seed);
            const answers = await Promise.all([
                sign(world, requestId),
                sign(world, other.requestId),
                sign(world, requestId),
            ]);
            const hashes = answers.map((answer) => (answer.ok ? answer.recordHashes.join() : answer.code));
            expect(new Set(hashes).size, `seed ${seed}: ${hashes.join(" ")}`).toBe(1);
            expect([world.uses.length, recorded(world).length], `seed ${seed}`).toEqual([1, 1]);
        }
    });

    it("in any interleaving take over a dead attempt's claim once", async () => {
        for (let seed = 1; seed <= 150; seed++) {
            const { world, requestId } = await approved();
            if (seed % 2) await endedAttempt(world, requestId);
            else await deadAttempt(world, requestId);
            interleave(world, seed);
            const answers = await Promise.all([1, 2, 3].map(() => sign(world, requestId)));
            expect(new Set(answers.map((answer) => JSON.stringify(answer))).size, `seed ${seed}`).toBe(1);
            expect([world.uses.length, recorded(world).length], `seed ${seed}`).toEqual([1, 1]);
        }
    });

    it("of which one outlived its deadline end with one record and one use without", async () => {
        const { world, requestId } = await approvedForKnownKey();
        const deps = world.signDeps("files");
        let overtaken: SignResult | Refusal | undefined;
        // While KMS signs for the first, its deadline passes and a second attempt does everything.
        const slow: SignDeps["sign"] = async (message) => {
            const use = await deps.sign(message);
            world.clock += 60_000;
            overtaken = await sign(world, requestId);
            return use;
        };
        await expect(sign(world, requestId, { sign: slow })).rejects.toMatchObject({ code: "ClaimLost" });
        expect(overtaken).toMatchObject({ ok: true });
        expect([world.uses.length, recorded(world).length, unrecorded(world)]).toEqual([2, 1, 1]);
    });

    it("of which one is overtaken after its record was kept agree on that record", async () => {
        const { world, requestId } = await approvedForKnownKey();
        const deps = world.signDeps("files");
        let overtaken: SignResult | Refusal | undefined;
        const slow: SignDeps["intake"] = async (leaf) => {
            world.clock += 60_000;
            overtaken ??= await sign(world, requestId);
            return deps.intake(leaf);
        };
        expect(await sign(world, requestId, { intake: slow })).toEqual(overtaken);
        expect(overtaken).toMatchObject({ ok: true });
        expect([world.uses.length, recorded(world).length]).toEqual([1, 1]);
    });
});
