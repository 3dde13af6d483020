import { describe, expect, it, vi } from "vitest";
import { environmentMap } from "../../../lambdas/aws/signing-environment";
import { answering } from "../../../lambdas/signing/answer";
import { collect } from "../../../lambdas/signing/bytes";
import { once } from "../../../lambdas/signing/once";
import { registerKey } from "../../../lambdas/signing/registering";
import { codedError } from "../../../lib/errors";
import { coded } from "../../support/codes";
import { describedKey, registeredKey } from "../../support/signing-keys";
import { SigningWorld } from "../../support/signing-world";

/** Proves the small parts that the signing functions share, where no function's own test reaches. */

describe("answering", () => {
    it("turns a refusal into an answer", async () => {
        const refusal = answering(() => Promise.reject(codedError("FileTooLarge", "too large")));
        expect(await refusal).toEqual({ ok: false, code: "FileTooLarge", reason: "too large" });
    });

    it.each([
        ["what nobody knows", codedError("UnknownOutcome", "x")],
        ["a lost claim", codedError("ClaimLost", "x")],
        ["a mistake of the deployment", codedError("BadConfig", "x")],
        ["a network error, which has a code too", Object.assign(new Error("x"), { code: "ECONNRESET" })],
        ["a bug", new TypeError("x")],
    ])("throws %s", async (_what, error) => {
        await expect(answering(() => Promise.reject(error))).rejects.toBe(error);
    });
});

it("once remembers a success and forgets a failure", async () => {
    let calls = 0;
    const work = once(async () => {
        calls += 1;
        if (calls === 1) throw new Error("first");
        return calls;
    });
    await expect(work()).rejects.toThrow("first");
    expect(await Promise.all([work(), work(), work()])).toEqual([2, 2, 2]);
});

describe("collect", () => {
    const stream = async function* (...chunks: number[][]): AsyncGenerator<Uint8Array> {
        for (const chunk of chunks) yield Uint8Array.from(chunk);
    };

    it("gives exactly what was announced", async () => {
        expect(await collect(stream([1, 2], [], [3]), 3)).toEqual(Uint8Array.of(1, 2, 3));
        expect(await collect(stream(), 0)).toEqual(new Uint8Array());
    });

    it.each([2, 4])("refuses 3 bytes for %i", async (size) => {
        await expect(collect(stream([1, 2], [3]), size)).rejects.toMatchObject({ code: "FileChanged" });
    });

    it("stops reading a stream that does not end", async () => {
        const endless = async function* (): AsyncGenerator<Uint8Array> {
            for (;;) yield new Uint8Array(1000);
        };
        await expect(collect(endless(), 5000)).rejects.toMatchObject({ code: "FileChanged" });
    });
});

describe("environmentMap", () => {
    it.each([undefined, "", "x", "[1]", "null", '{"a":1}', '"a"'])("refuses %j", (value) => {
        vi.stubEnv("KEY_ARNS", value);
        expect(() => environmentMap("KEY_ARNS")).toThrow(coded("BadConfig"));
        vi.unstubAllEnvs();
    });

    it("reads names and values", () => {
        vi.stubEnv("KEY_ARNS", '{"files":"arn"}');
        expect(environmentMap("KEY_ARNS")).toEqual({ files: "arn" });
        vi.unstubAllEnvs();
    });
});

describe("registerKey", () => {
    const parts = (world: SigningWorld) => {
        const { store, intake, pause, now } = world.signDeps("files");
        return { store, intake, pause, now, describeKey: async () => describedKey("files") };
    };
    const registrations = (world: SigningWorld): string[] =>
        [...world.log.intake.items].filter(([id]) => id.startsWith("key#")).map(([, { value }]) => String(value.leaf));

    it("hands in the same bytes after a death, though time and policy went on", async () => {
        const world = new SigningWorld();
        const pin = registeredKey("files").spkiSha256;
        world.intakeFault = () => "lost";
        await expect(registerKey(parts(world), pin)).rejects.toMatchObject({ code: "UnknownOutcome" });
        const [first] = world.attempts.bodies<{ leaf: string }>("registered#");
        world.intakeFault = () => undefined;
        world.clock += 3_600_000;
        const describeKey = async () => ({ ...describedKey("files"), policy: '{"changed":1}' });
        await registerKey({ ...parts(world), describeKey }, pin);
        expect(registrations(world)).toEqual([first?.leaf]);
    });

    it("agrees with other cold starts at the same time", async () => {
        const world = new SigningWorld();
        const pin = registeredKey("files").spkiSha256;
        const start = async (minutes: number): Promise<void> =>
            registerKey({ ...parts(world), now: () => new Date(world.clock + 60_000 * minutes) }, pin);
        await Promise.all([start(0), start(1), start(2)]);
        expect(registrations(world)).toHaveLength(1);
        expect(world.attempts.bodies("registered#")).toEqual([{ accepted: true, leaf: registrations(world)[0] }]);
    });

    it("goes on where intake knows an earlier registration, after the signers' table was lost", async () => {
        const world = new SigningWorld();
        const pin = registeredKey("files").spkiSha256;
        await registerKey(parts(world), pin);
        world.attempts.items.clear();
        world.clock += 3_600_000;
        await registerKey(parts(world), pin);
        expect(registrations(world)).toHaveLength(1);
    });

    it("does not go on with an item that cannot be read", async () => {
        const world = new SigningWorld();
        const store = { get: async () => undefined, put: async () => false };
        await expect(registerKey({ ...parts(world), store }, "0".repeat(64))).rejects.toMatchObject({
            code: "UnknownOutcome",
        });
    });
});
