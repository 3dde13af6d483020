import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { kmsError } from "../../lambdas/aws/signing-signer";
import { handle as prepare } from "../../lambdas/prepare";
import { handle as recheck } from "../../lambdas/recheck";
import { handle, type SignDeps, type SignResult } from "../../lambdas/sign";
import type { Refusal } from "../../lambdas/signing/answer";
import { registerKey } from "../../lambdas/signing/registering";
import { fromHex, toUtf8 } from "../../lib/encoding";
import { isCodedError } from "../../lib/errors";
import type { SignatureLeaf } from "../../lib/record/leaf";
import type { Claim } from "../../lib/signing/claim";
import { messagesSha256, openRequest, sealRequest, type SigningRequest } from "../../lib/signing/request";
import type { Fault } from "../support/memory-stores";
import { randomFrom } from "../support/random";
import { type AttemptWrite, keyArn, SigningWorld } from "../support/signing-world";

/**
 * Proves the order of the sign path, and what is left after a death at each of its writes: one record, and never a use of the key that the
 * log is not told of where that can be helped. Proves nothing about KMS, DynamoDB or IAM.
 */

async function approved(key = "web-team/raw/x", text = "hello\n", world = new SigningWorld()) {
    const prepared = await prepare(world.prepareDeps(), world.upload(key, toUtf8(text)));
    const requestId = prepared.ok ? prepared.requestId : "";
    await recheck(world.recheckDeps(), { requestId });
    return { world, requestId };
}

const sign = (
    world: SigningWorld,
    requestId: string,
    overrides: Partial<SignDeps> = {},
): Promise<SignResult | Refusal> => handle(world.signDeps("files", overrides), { requestId }, world.deadline);

/** A request that is consistent in itself and rechecked, but not what prepare would have made. */
function forged(world: SigningWorld, requestId: string, change: Partial<SigningRequest>): string {
    const { id, text } = sealRequest({ ...openRequest(requestId, world.requests.get(requestId)), ...change });
    world.requests.set(id, text);
    world.rechecks.set(id, messagesSha256(openRequest(id, text).messages));
    return id;
}

/** Records at intake, by KMS request id. */
function recorded(world: SigningWorld): string[] {
    return [...world.log.intake.items.keys()].filter((id) => id.startsWith("sig#")).map((id) => id.slice(4));
}

/** Uses of the key that no record tells of: CloudTrail does, and the alarm with it. */
function unrecorded(world: SigningWorld): number {
    return world.uses.filter(({ requestId }) => !recorded(world).includes(requestId)).length;
}

/** Which step of the sign path a write belongs to. */
function stepOf({ id, body }: AttemptWrite): string {
    const [kind = ""] = id.split("#");
    if (kind !== "once") return kind;
    const { state, leaf } = JSON.parse(body) as Claim;
    return state === "claimed" ? (leaf === undefined ? "claim" : "keep") : state;
}

function writesOf(world: SigningWorld): string[] {
    world.attempts.fault = (write) => {
        world.calls.push(stepOf(write));
        return undefined;
    };
    return world.calls;
}

describe("sign", () => {
    it("goes in order: claim, intent, one use, record kept, record logged, claim finished, result", async () => {
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
        world.calls.length = 0;
        const calls = writesOf(world);
        const answer = await sign(world, requestId);
        expect(calls).toEqual(["read", "claim", "intent", "sign", "keep", "intake", "finished", "done"]);
        expect(answer).toEqual({ ok: true, requestId, recordHashes: [expect.stringMatching(/^[0-9a-f]{64}$/)] });
        expect(world.uses).toHaveLength(1);
        expect(recorded(world)).toEqual([world.uses[0]?.requestId]);
    });

    it("registers its key before its first use, and once", async () => {
        const { world, requestId } = await approved();
        const calls = writesOf(world);
        await sign(world, requestId);
        expect(calls.indexOf("registered")).toBeLessThan(calls.indexOf("claim"));
        const spki = createHash("sha256").update(world.files.spki).digest("hex");
        expect(world.log.intake.items.has(`key#${spki}#KeyRegistered`)).toBe(true);
        calls.length = 0;
        await world.signDeps("files").key();
        expect(calls).toEqual([]);
    });

    it("writes a record that tells the tenant to nobody without the salt", async () => {
        const { world, requestId } = await approved();
        await sign(world, requestId);
        const leaf = JSON.parse(
            String(world.log.intake.items.get(`sig#${world.uses[0]?.requestId}`)?.value.leaf),
        ) as SignatureLeaf;
        const [intent] = world.attempts.bodies<{ salt_hex: string; tenant: string; attempt: string }>("intent#");
        const salted = createHash("sha256")
            .update(fromHex(intent?.salt_hex ?? ""))
            .update("web-team")
            .digest("hex");
        expect(leaf).toMatchObject({
            type: "signature",
            key_alias: "alias/countersign-dev-files-v1",
            signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            message_type: "DIGEST",
            message_digest_sha256: createHash("sha256").update("hello\n").digest("hex"),
            artifact_sha256: createHash("sha256").update("hello\n").digest("hex"),
            format: "raw",
            principal_hash: salted,
            approvals: [],
        });
        expect(JSON.stringify(leaf)).not.toMatch(/web-team|raw\/x|111122223333|arn:/);
        const before = [...world.attempts.items]
            .filter(([id]) => !id.startsWith("intent#"))
            .map(([, { body }]) => body);
        expect(before.join()).not.toContain(intent?.salt_hex);
    });

    it("keeps an intent that names the attempt, its request and the message", async () => {
        const { world, requestId } = await approved();
        await sign(world, requestId);
        const [claim] = world.attempts.bodies<Claim>("once#");
        expect(world.attempts.bodies("intent#")).toEqual([
            {
                approvals: [],
                attempt: claim?.attempt,
                created_at: "2026-11-21T08:00:10Z",
                decision: "rechecked",
                format: "raw",
                key_spki_sha256: world.registered("files").spkiSha256,
                message_hex: createHash("sha256").update("hello\n").digest("hex"),
                message_type: "DIGEST",
                request_id: requestId,
                salt_hex: expect.stringMatching(/^[0-9a-f]{64}$/),
                signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
                tenant: "web-team",
            },
        ]);
    });
});

describe("a request that must not be signed", () => {
    const cases: readonly [string, (world: SigningWorld, id: string) => string | void][] = [
        ["BadRequestId", () => "once#x"],
        ["NoSuchRequest", (world) => void world.requests.clear()],
        ["RequestEdited", (world, id) => void world.requests.set(id, `${world.requests.get(id)} `)],
        ["NotRechecked", (world) => void world.rechecks.clear()],
        ["RecheckMismatch", (world, id) => void world.rechecks.set(id, "0".repeat(64))],
        ["RequestExpired", (world) => void (world.clock = Date.parse("2026-11-21T09:00:00Z"))],
        ["UnknownKey", (world, id) => forged(world, id, { key_arn: keyArn("modules") })],
        ["FormatNotOfKey", (world, id) => forged(world, id, { format: "kmod" })],
        ["BadMessage", (world, id) => forged(world, id, { messages: [] })],
        ["BadSigningAlgorithm", (world, id) => forged(world, id, message({ signing_algorithm: "RSASSA_PSS_SHA_256" }))],
        ["BadSigningAlgorithm", (world, id) => forged(world, id, message({ message_type: "RAW" }))],
        ["BadDigest", (world, id) => forged(world, id, message({ message_base64: "AAAA" }))],
    ];
    const message = (change: object): Partial<SigningRequest> => ({
        messages: [
            {
                signing_algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
                message_type: "DIGEST",
                message_base64: Buffer.alloc(32).toString("base64"),
                ...change,
            },
        ],
    });

    it.each(cases)("is refused with %s, and no use of the key", async (code, spoil) => {
        const { world, requestId } = await approved();
        const id = spoil(world, requestId) ?? requestId;
        expect(await sign(world, id)).toMatchObject({ ok: false, code, reason: expect.any(String) });
        expect(world.calls).not.toContain("sign");
        expect([...world.attempts.items.keys()].filter((key) => /^(once|intent|done)#/.test(key))).toEqual([]);
    });

    it("is signed in the last second before it expires", async () => {
        const { world, requestId } = await approved();
        world.clock = Date.parse("2026-11-21T08:59:59.999Z");
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
    });

    it.each(["RequestEdited"])("is refused with %s if it hashes to its id and is none", async (code) => {
        const { world } = await approved();
        const text = '{"version":1}';
        const id = createHash("sha256").update(text).digest("hex");
        world.requests.set(id, text);
        expect(await sign(world, id)).toMatchObject({ ok: false, code });
    });
});

describe("a signature that does not verify", () => {
    it("leaves the signer as a refusal, and no record is made of it", async () => {
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
        world.kmsFault = () => "wrong key";
        world.calls.length = 0;
        const calls = writesOf(world);
        expect(await sign(world, requestId)).toMatchObject({ ok: false, code: "SignatureMismatch" });
        expect(calls).toEqual(["read", "claim", "intent", "sign", "ended"]);
        expect(recorded(world)).toEqual([]);
    });
});

describe("a repeat", () => {
    it("of the request is answered from the store", async () => {
        const { world, requestId } = await approved();
        const first = await sign(world, requestId);
        world.clock += 10 * 3_600_000;
        expect(await sign(world, requestId)).toEqual(first);
        expect(world.uses).toHaveLength(1);
    });

    it("by another request for the same bytes is answered from the store", async () => {
        const { world, requestId } = await approved();
        const first = await sign(world, requestId);
        const again = await approved("web-team/raw/other-name", "hello\n", world);
        expect(await sign(world, again.requestId)).toEqual({ ...first, requestId: again.requestId });
        expect(world.uses).toHaveLength(1);
    });

    it("for another tenant is refused, before and after the first is logged", async () => {
        const { world, requestId } = await approved();
        await sign(world, requestId);
        const other = await approved("kernel-team/raw/x", "hello\n", world);
        expect(await sign(world, other.requestId)).toMatchObject({
            ok: false,
            code: "DuplicateUse",
            reason: expect.stringMatching(/soon to be logged/),
        });
        await world.publishLog();
        expect(await sign(world, other.requestId)).toMatchObject({
            ok: false,
            code: "DuplicateUse",
            reason: expect.stringMatching(/entry 2 of the log/),
        });
        expect(world.uses).toHaveLength(1);
    });

    it("under a claim of another message is refused: only an edited table says so", async () => {
        const { world, requestId } = await approved();
        await sign(world, requestId);
        for (const [id, { body, revision }] of [...world.attempts.items]) {
            if (id.startsWith("done#")) world.attempts.items.delete(id);
            const edited = body.replace(/"message_hex":"../, '"message_hex":"00');
            if (id.startsWith("once#")) world.attempts.items.set(id, { body: edited, revision });
        }
        expect(await sign(world, requestId)).toMatchObject({ ok: false, code: "BadMessage" });
        expect(world.uses).toHaveLength(1);
    });

    it("with an algorithm that never repeats is another use, unless it is the same request", async () => {
        const { world, requestId } = await approved();
        const pss = { ...world.registered("files"), algorithm: "RSASSA_PSS_SHA_256" as const };
        const id = forged(world, requestId, {
            messages: [
                {
                    ...openRequest(requestId, world.requests.get(requestId)).messages[0]!,
                    signing_algorithm: pss.algorithm,
                },
            ],
        });
        const pssDeps = { key: async () => pss, sign: async () => pssUse(world) };
        await world.signDeps("files").key();
        expect(await sign(world, id, pssDeps)).toMatchObject({ ok: true });
        expect(await sign(world, id, pssDeps)).toMatchObject({ ok: true });
        expect(world.uses).toHaveLength(1);
        expect([...world.attempts.items.keys()].filter((key) => key.startsWith("once#"))).toEqual([]);
    });

    async function pssUse(world: SigningWorld): Promise<{ requestId: string; signature: Uint8Array }> {
        const { constants, sign: signWith } = await import("node:crypto");
        const options = { key: world.files.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
        const use = {
            requestId: `pss-${world.uses.length}`,
            signature: new Uint8Array(signWith("sha256", toUtf8("hello\n"), options)),
        };
        world.uses.push(use);
        return use;
    }
});

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
    it("that refuses is a refusal, and a repeat does not sign", async () => {
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
        const intake = async (): Promise<{ ok: false; code: string; reason: string }> => ({
            ok: false,
            code: "BadLeaf",
            reason: "no",
        });
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
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
        const intake = async (): Promise<{ ok: true; recordHash: string; status: string }> => ({
            ok: true,
            recordHash: "0".repeat(64),
            status: "pending",
        });
        expect(await sign(world, requestId, { intake })).toMatchObject({ ok: false, code: "IntakeRefused" });
    });

    it("that refuses the key stops all", async () => {
        const { world, requestId } = await approved();
        const deps = world.signDeps("files");
        const intake = async (): Promise<{ ok: false; code: string; reason: string }> => ({
            ok: false,
            code: "KeyMismatch",
            reason: "no",
        });
        const describeKey = async () => world.description("files");
        const key = async () => {
            await registerKey({ ...deps, intake, describeKey }, world.registered("files").spkiSha256);
            return world.registered("files");
        };
        expect(await sign(world, requestId, { key })).toMatchObject({ ok: false, code: "IntakeRefused" });
        expect(world.calls).not.toContain("sign");
    });

    it.each(["lost", "applied"] as const)("that fails twice (%s) is asked a third time", async (fault) => {
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
        let failures = 2;
        world.intakeFault = () => (failures-- > 0 ? fault : undefined);
        expect(await sign(world, requestId)).toMatchObject({ ok: true });
        expect([world.uses.length, recorded(world).length]).toEqual([1, 1]);
    });
});

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
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
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
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
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

describe("two attempts at once", () => {
    it("wait for each other, and give up in time", async () => {
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
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
            const random = randomFrom(seed);
            world.attempts.yieldPoint = async () => {
                for (let turns = random.below(6); turns > 0; turns--) await Promise.resolve();
            };
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
            world.kmsFault = () => "KmsFailed";
            await sign(world, requestId);
            world.kmsFault = () => undefined;
            const random = randomFrom(seed);
            world.attempts.yieldPoint = async () => {
                for (let turns = random.below(6); turns > 0; turns--) await Promise.resolve();
            };
            const answers = await Promise.all([1, 2, 3].map(() => sign(world, requestId)));
            expect(new Set(answers.map((answer) => JSON.stringify(answer))).size, `seed ${seed}`).toBe(1);
            expect([world.uses.length, recorded(world).length], `seed ${seed}`).toEqual([1, 1]);
        }
    });

    it("of which one outlived its deadline end with one record and one use without", async () => {
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
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
        const { world, requestId } = await approved();
        await world.signDeps("files").key();
        const deps = world.signDeps("files");
        let overtaken: SignResult | Refusal | undefined;
        const slow: SignDeps["intake"] = async (leaf) => {
            world.clock += 60_000;
            overtaken ??= await sign(world, requestId);
            return deps.intake(leaf);
        };
        expect(await sign(world, requestId, { intake: slow })).toEqual(overtaken);
        expect([world.uses.length, recorded(world).length]).toEqual([1, 1]);
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
