import { describe, expect, it } from "vitest";
import { handle, reconcile } from "../../../lambdas/reconciler";
import { handle as sequence } from "../../../lambdas/sequencer";
import { checkLog } from "../../support/check-log";
import { eventOf, message, reconciling } from "./support";

// Proves what becomes of a message that cannot be decided yet, or never, or whose write fails. Proves nothing about SQS.

const reconciler = reconciling();

describe("a record that is not yet in the published tree", () => {
    it("is looked for again, and matched once it is", async () => {
        const leaf = reconciler.world.submit();
        const event = eventOf(leaf.kms_request_id);
        await expect(reconciler.reconcile(event, 1)).rejects.toMatchObject({ code: "NotLogged" });
        await sequence(reconciler.world.deps());
        expect(await reconciler.reconcile(event, 2)).toBe("matched");
    });

    it("counts as none at the fifth look", async () => {
        const leaf = reconciler.world.submit();
        const event = eventOf(leaf.kms_request_id);
        await expect(reconciler.reconcile(event, 4)).rejects.toMatchObject({ code: "NotLogged" });
        expect(await reconciler.reconcile(event, 5)).toBe("unattributed");
        expect(reconciler.world.metrics).toEqual(["UnattributedUses"]);
    });

    it("does not count because the table says so", async () => {
        const leaf = reconciler.world.submit();
        const key = `sig#${leaf.kms_request_id}`;
        await reconciler.world.intake.replace(key, 1, { set: { log_index: 1 }, remove: ["pending"] });
        await expect(reconciler.reconcile(eventOf(leaf.kms_request_id))).rejects.toMatchObject({
            code: "NotLogged",
        });
    });
});

describe("a batch", () => {
    it("returns what cannot be decided, and finishes the rest", async () => {
        const leaf = await reconciler.logged();
        const pending = reconciler.world.submit();
        const batch = {
            Records: [
                { ...message(eventOf(leaf.kms_request_id)), messageId: "matched" },
                { ...message(eventOf(pending.kms_request_id)), messageId: "pending" },
                { ...message(eventOf("secret")), messageId: "unattributed" },
                { ...message(eventOf("x")), body: "not JSON", messageId: "malformed" },
            ],
        };
        expect(await handle(reconciler.deps(), batch)).toEqual({
            batchItemFailures: [{ itemIdentifier: "pending" }, { itemIdentifier: "malformed" }],
        });
        expect(reconciler.world.reconciler.items.has("use#secret")).toBe(true);
    });

    it.each<[string, object | string]>([
        ["no detail", "{}"],
        ["null", "null"],
        ["no key", { resources: [] }],
        ["no request id", { requestID: undefined }],
        ["no event id", { eventID: "" }],
        ["no algorithm", { requestParameters: null }],
        ["no identity", { userIdentity: undefined }],
    ])("keeps a message with %s for a person to see", async (_, change) => {
        const body = typeof change === "string" ? change : message(eventOf("r", change)).body;
        await expect(reconcile(reconciler.deps(), { ...message(eventOf("r")), body })).rejects.toMatchObject({
            code: "BadJson",
        });
    });

    it("asks again when KMS does not say whose key it is", async () => {
        const fails = () => Promise.reject(new Error("ThrottlingException"));
        for (const failing of [{ signerOf: fails }, { spkiSha256: fails }]) {
            const asked = reconcile(reconciler.deps(failing), message(eventOf("r")));
            await expect(asked).rejects.toThrow("Throttling");
        }
        expect(reconciler.world.reconciler.items.size).toBe(0);
    });
});

describe("a write that fails", () => {
    it.each(["lost", "applied"] as const)("and is %s: the repeat gives one leaf", async (fault) => {
        const event = eventOf("secret");
        reconciler.world.reconciler.faults = () => fault;
        await expect(reconciler.reconcile(event)).rejects.toThrow("connection lost");
        reconciler.world.reconciler.faults = () => undefined;
        expect(await reconciler.reconcile(event, 2)).toBe(fault === "lost" ? "unattributed" : "duplicate");
        await sequence(reconciler.world.deps());
        expect(
            (await checkLog(reconciler.world)).entries.filter((entry) => entry.includes("unattributed_use")),
        ).toHaveLength(1);
        expect(reconciler.world.metrics).toContain("UnattributedUses");
    });

    it("two events of one request give one leaf", async () => {
        await reconciler.reconcile(eventOf("secret"));
        expect(await reconciler.reconcile(eventOf("secret"))).toBe("unattributed");
        expect([...reconciler.world.reconciler.items.keys()].filter((key) => key.startsWith("use#"))).toEqual([
            "use#secret",
        ]);
    });
});
