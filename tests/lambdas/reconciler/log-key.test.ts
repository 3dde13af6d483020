import { describe, expect, it } from "vitest";
import { handle as sequence } from "../../../lambdas/sequencer";
import { ACCOUNT, eventOf, LOG_KEY, LOG_SIGNER, reconciling, resources, role } from "./support";

// Proves that a use of the log's own key counts only if a checkpoint of this log accounts for it. Proves nothing about CloudTrail.

const reconciler = reconciling();

describe("a use of the log's own key", () => {
    const logUse = (requestId: string, change: object = {}) =>
        eventOf(requestId, { resources: resources(LOG_KEY), userIdentity: role(LOG_SIGNER), ...change });

    it("that signed an archived checkpoint is accounted for", async () => {
        await reconciler.logged();
        await reconciler.logged();
        for (const { requestId } of reconciler.world.signed) {
            expect(await reconciler.reconcile(logUse(requestId))).toBe("log-key");
        }
        expect(reconciler.world.metrics).toEqual([]);
    });

    it("that is archived nowhere is unattributed, under the key's alias from entry 0", async () => {
        expect(await reconciler.reconcile(logUse("secret"))).toBe("unattributed");
        expect(reconciler.leafOf("secret")).toMatchObject({
            key_role: "log",
            key_alias: "alias/test-log-v1",
            key_spki_sha256: reconciler.world.spkiSha256,
        });
    });

    it("that names another use's archive is unattributed", async () => {
        const any = { contentType: "", cacheControl: "" };
        await reconciler.world.objects.put("index/use/secret.json", Buffer.from('{"size":2}'), "any", any);
        expect(await reconciler.reconcile(logUse("secret"))).toBe("unattributed");
    });

    it("that signed a fork is unattributed, though the fork is archived", async () => {
        const { world } = reconciler;
        for (let i = 0; i < 3; i += 1) world.submit();
        await sequence(world.deps());
        const any = { contentType: "", cacheControl: "" };
        const bytes = world.forkedArchive(3, "secret");
        world.objects.objects.set("archive/3.json", { bytes, etag: "x", headers: any });
        await world.objects.put("index/use/secret.json", Buffer.from('{"size":3}'), "any", any);
        expect(await reconciler.reconcile(logUse("secret"))).toBe("unattributed");
    });

    it("by anybody but the sequencer is unattributed", async () => {
        const { requestId } = reconciler.world.signed[0] ?? { requestId: "" };
        const change = { userIdentity: role(`arn:aws:iam::${ACCOUNT}:role/administrator`) };
        expect(await reconciler.reconcile(logUse(requestId, change))).toBe("unattributed");
    });

    it.each([
        [{ messageType: "DIGEST", signingAlgorithm: "ED25519_PH_SHA_512" }],
        [{ messageType: "RAW", signingAlgorithm: "ED25519_PH_SHA_512" }],
    ])("with %j is unattributed: no checkpoint is signed so", async (requestParameters) => {
        const { requestId } = reconciler.world.signed[0] ?? { requestId: "" };
        expect(await reconciler.reconcile(logUse(requestId, { requestParameters }))).toBe("unattributed");
    });

    it("whose checkpoint is being published is looked for again", async () => {
        reconciler.world.submit();
        reconciler.world.objects.faults = ({ key }) =>
            key.startsWith("archive/") || key.startsWith("index/use/") ? "lost" : undefined;
        await expect(sequence(reconciler.world.deps())).rejects.toThrow("connection lost");
        reconciler.world.objects.faults = ({ key }) => (key === "checkpoint" ? "lost" : undefined);
        const event = logUse(reconciler.world.signed.at(-1)?.requestId ?? "");
        await expect(reconciler.reconcile(event)).rejects.toMatchObject({ code: "NotLogged" });
        await expect(sequence(reconciler.world.deps())).rejects.toThrow("connection lost");
        await expect(reconciler.reconcile(event)).rejects.toMatchObject({ code: "NotLogged" });
        reconciler.world.objects.faults = () => undefined;
        await sequence(reconciler.world.deps());
        expect(await reconciler.reconcile(event)).toBe("log-key");
    });
});
