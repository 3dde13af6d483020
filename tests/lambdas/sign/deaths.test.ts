import { describe, expect, it } from "vitest";
import type { SignResult } from "../../../lambdas/sign";
import type { Refusal } from "../../../lambdas/signing/answer";
import { isCodedError } from "../../../lib/errors";
import type { Claim } from "../../../lib/signing/claim";
import type { Fault } from "../../support/memory-stores";
import { randomFrom } from "../../support/random";
import { approved, approvedForKnownKey, recorded, sign, stepOf, unrecorded } from "./support";

/**
 * Proves what is left after a death at each write of the sign path: one record, and never a use of the key that the log is not told of where
 * that can be helped. Proves nothing about KMS, DynamoDB or IAM.
 */

/**
 * Death at each write, once before it lands and once after. The next attempt comes after the deadline. The number is of uses that no record
 * tells of: unavoidable between KMS's answer and the first write after it.
 */
describe.each(["lost", "applied"] as const)("after a death at a write that was %s", (fault: Fault) => {
    it.each([
        ["registered", 0],
        ["claim", 0],
        ["intent", 0],
        ["keep", fault === "lost" ? 1 : 0],
        ["finished", 0],
        ["done", 0],
    ] as const)("%s: one record, %i uses without", async (step, without) => {
        const { world, requestId } = await approved();
        let dead = false;
        // The dying attempt writes nothing afterwards either.
        world.attempts.fault = (write) => {
            if (dead) return "lost";
            if (stepOf(write) !== step) return undefined;
            dead = true;
            return fault;
        };
        await expect(sign(world, requestId)).rejects.toThrow("connection lost");
        expect(dead).toBe(true);
        world.attempts.fault = () => undefined;
        world.clock += 60_000;
        expect(await sign(world, requestId)).toMatchObject({ ok: true, requestId });
        expect([recorded(world).length, unrecorded(world)]).toEqual([1, without]);
        expect(world.attempts.bodies<Claim>("once#")).toMatchObject([{ state: "finished" }]);
    });

    it("of intake, with the attempt dead afterwards: one record, none without", async () => {
        const { world, requestId } = await approvedForKnownKey();
        world.intakeFault = () => {
            world.attempts.fault = () => "lost";
            return fault;
        };
        await expect(sign(world, requestId)).rejects.toMatchObject({ code: "UnknownOutcome" });
        world.intakeFault = () => undefined;
        world.attempts.fault = () => undefined;
        world.clock += 60_000;
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
        expect([world.uses.length, recorded(world).length]).toEqual([1, 1]);
    });
});

describe("a record that a dead attempt of another tenant left", () => {
    it("is logged in that tenant's name, and refused to this one", async () => {
        const { world, requestId } = await approvedForKnownKey();
        world.intakeFault = () => "lost";
        await expect(sign(world, requestId)).rejects.toMatchObject({ code: "UnknownOutcome" });
        world.intakeFault = () => undefined;
        const other = await approved("kernel-team/raw/x", "hello\n", world);
        expect(await sign(world, other.requestId)).toMatchObject({ ok: false, code: "DuplicateUse" });
        expect(recorded(world)).toHaveLength(1);
        expect(world.attempts.bodies<Claim>("once#")).toMatchObject([{ state: "finished", tenant: "web-team" }]);
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
        expect(world.uses).toHaveLength(1);
    });
});

describe("random deaths", () => {
    /** Everything fails now and then, in both ways; attempts follow each other until one succeeds. */
    it("never make a second record, and no use without one but where KMS's answer was lost", async () => {
        for (let seed = 1; seed <= 150; seed++) {
            const { world, requestId } = await approved();
            const random = randomFrom(seed);
            const fault = (): Fault | undefined =>
                random.below(100) < 12 ? (random.below(2) ? "lost" : "applied") : undefined;
            let excused = 0;
            world.attempts.fault = (write) => {
                const found = fault();
                if (found === "lost" && stepOf(write) === "keep") excused += 1;
                return found;
            };
            world.intakeFault = fault;
            world.kmsFault = () => {
                if (fault() !== "applied") return undefined;
                excused += 1;
                return "applied";
            };
            let answer: SignResult | Refusal | undefined;
            for (let tries = 0; tries < 60 && !answer?.ok; tries++) {
                try {
                    answer = await sign(world, requestId);
                } catch (error) {
                    expect(
                        isCodedError(error) || /connection lost/.test(String(error)),
                        `seed ${seed}: ${String(error)}`,
                    ).toBe(true);
                }
                world.clock += random.below(50_000);
                if (world.clock > Date.parse("2026-11-21T08:55:00Z")) world.clock = Date.parse("2026-11-21T08:50:00Z");
            }
            expect(answer, `seed ${seed}`).toMatchObject({ ok: true });
            expect(recorded(world), `seed ${seed}`).toHaveLength(1);
            expect(unrecorded(world), `seed ${seed}`).toBeLessThanOrEqual(excused);
        }
    });
});
