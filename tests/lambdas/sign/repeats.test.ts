import { constants, sign as signWith } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toUtf8 } from "../../../lib/encoding";
import { openRequest } from "../../../lib/signing/request";
import { registeredKey } from "../../support/signing-keys";
import type { SigningWorld } from "../../support/signing-world";
import { approved, approvedForKnownKey, forged, recorded, sign } from "./support";

/** Proves what a second request for the same bytes gets, and whether the key is used for it. Proves nothing about DynamoDB. */

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
        const { world, requestId } = await approvedForKnownKey();
        const pss = { ...registeredKey("files"), algorithm: "RSASSA_PSS_SHA_256" as const };
        const pssDeps = { key: async () => pss, sign: async () => pssUse(world) };
        const ofPss = (id: string): string => {
            const [message] = openRequest(id, world.requests.get(id)).messages;
            return forged(world, id, { messages: [{ ...message!, signing_algorithm: pss.algorithm }] });
        };
        const id = ofPss(requestId);
        const first = await sign(world, id, pssDeps);
        expect(first).toMatchObject({ ok: true });
        expect(await sign(world, id, pssDeps)).toEqual(first);
        expect(world.uses).toHaveLength(1);
        const other = ofPss((await approved("web-team/raw/other-name", "hello\n", world)).requestId);
        expect(await sign(world, other, pssDeps)).toMatchObject({ ok: true });
        expect([world.uses.length, recorded(world).length]).toEqual([2, 2]);
        expect([...world.attempts.items.keys()].filter((key) => key.startsWith("once#"))).toEqual([]);
    });
});

/** PSS draws a salt for each signature, so it never gives the same one twice. */
async function pssUse(world: SigningWorld): Promise<{ requestId: string; signature: Uint8Array }> {
    const options = { key: world.files.privateKey, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 };
    const use = {
        requestId: `pss-${world.uses.length}`,
        signature: new Uint8Array(signWith("sha256", toUtf8("hello\n"), options)),
    };
    world.uses.push(use);
    return use;
}
