import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { handle as sequence } from "../../lambdas/sequencer";
import { decodeLeaf } from "../../lib/record/codec";
import { checkLog } from "../support/check-log";
import {
    ACCOUNT,
    eventOf,
    FINGERPRINT,
    KEY,
    OTHER_KEY,
    reconciling,
    resources,
    role,
    SIGNER,
} from "./reconciler/support";

// Proves how events and records are joined, over a real log in memory; reconciler/ has the log's own key, and batches, waiting and failures.
// Proves nothing about CloudTrail, EventBridge or SQS.

const reconciler = reconciling();

describe("a use of a signing key", () => {
    it("with its record in the published tree is matched", async () => {
        const leaf = await reconciler.logged();
        expect(await reconciler.reconcile(eventOf(leaf.kms_request_id))).toBe("matched");
        expect(reconciler.world.metrics).toEqual([]);
    });

    it("seen twice counts once", async () => {
        const leaf = await reconciler.logged();
        const event = eventOf(leaf.kms_request_id);
        await reconciler.reconcile(event);
        expect(await reconciler.reconcile(event)).toBe("duplicate");
        expect(reconciler.world.metrics).toEqual([]);
        const unrecorded = eventOf("secret-use");
        await reconciler.reconcile(unrecorded);
        expect(await reconciler.reconcile(unrecorded)).toBe("duplicate");
        expect(reconciler.world.metrics).toEqual(["UnattributedUses"]);
    });

    it("without record becomes a leaf of the log, and an alarm", async () => {
        const event = eventOf("secret-use");
        expect(await reconciler.reconcile(event)).toBe("unattributed");
        expect(reconciler.world.metrics).toEqual(["UnattributedUses"]);
        await sequence(reconciler.world.deps());
        const { entries } = await checkLog(reconciler.world);
        expect(decodeLeaf(Buffer.from(entries.at(-1) ?? ""))).toMatchObject({
            type: "unattributed_use",
            key_spki_sha256: FINGERPRINT,
            key_alias: "alias/test-files-v1",
            key_role: "artifact",
            kms_request_id: "secret-use",
            cloudtrail_event_id: event.eventID,
            event_time: "2026-11-21T08:00:01Z",
            source: "eventbridge",
            expected_principal: true,
            open_intent: false,
            principal_hash: createHash("sha256").update(Buffer.alloc(32, 9)).update(SIGNER).digest("hex"),
            signing_algorithm: "ED25519_SHA_512",
            message_type: "RAW",
        });
    });

    it("says nothing public about who it was", async () => {
        await reconciler.reconcile(eventOf("secret-use"));
        const leaf = JSON.stringify(reconciler.leafOf("secret-use"));
        expect(leaf).not.toContain(ACCOUNT);
        expect(leaf).not.toContain("signer");
    });

    it.each<[string, object, boolean]>([
        ["algorithm", { requestParameters: { messageType: "RAW", signingAlgorithm: "RSASSA_PSS_SHA_256" } }, true],
        ["message type", { requestParameters: { messageType: "DIGEST", signingAlgorithm: "ED25519_SHA_512" } }, true],
        ["signer", { userIdentity: role(`arn:aws:iam::${ACCOUNT}:role/administrator`) }, false],
        [
            "signer of that name elsewhere",
            { userIdentity: role("arn:aws:iam::444455556666:role/signing/test-files-v1-signer") },
            false,
        ],
        [
            "user, not a role",
            { userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${ACCOUNT}:user/test-files-v1-signer` } },
            false,
        ],
        ["root user", { userIdentity: { type: "Root", arn: `arn:aws:iam::${ACCOUNT}:root` } }, false],
    ])("by another %s than its record's is unattributed", async (_what, change, expected_principal) => {
        const leaf = await reconciler.logged();
        expect(await reconciler.reconcile(eventOf(leaf.kms_request_id, change))).toBe("unattributed");
        expect(reconciler.leafOf(leaf.kms_request_id)).toMatchObject({ expected_principal });
    });

    it("whose message type is left out was RAW, as KMS reads it", async () => {
        const leaf = await reconciler.logged();
        const event = eventOf(leaf.kms_request_id, { requestParameters: { signingAlgorithm: "ED25519_SHA_512" } });
        expect(await reconciler.reconcile(event)).toBe("matched");
    });

    it("of another registered key under a recorded request id is unattributed", async () => {
        const leaf = await reconciler.logged();
        reconciler.tags[OTHER_KEY] = "test-files-v1-signer";
        const item = reconciler.world.intake.items.get(`key#${FINGERPRINT}#KeyRegistered`);
        await reconciler.world.intake.create(`key#${"ff".repeat(32)}#KeyRegistered`, item?.value ?? {});
        const event = eventOf(leaf.kms_request_id, { resources: resources(OTHER_KEY) });
        expect(await reconciler.reconcile(event)).toBe("unattributed");
    });

    it("counts though its key's tag was taken off", async () => {
        const leaf = await reconciler.logged();
        delete reconciler.tags[KEY];
        expect(await reconciler.reconcile(eventOf(leaf.kms_request_id))).toBe("unattributed");
    });
});

describe("events that are no use of ours", () => {
    it.each<[string, object]>([
        ["failed", { errorCode: "AccessDenied" }],
        ["failed", { errorCode: "DryRunOperationException" }],
        ["unrelated", { eventName: "Verify" }],
        ["unrelated", { eventSource: "s3.amazonaws.com" }],
        ["foreign", { recipientAccountId: "444455556666" }],
        ["not-ours", { resources: resources(OTHER_KEY) }],
    ])("%s: no leaf, no alarm", async (kind, change) => {
        expect(await reconciler.reconcile(eventOf("r", change))).toBe(kind);
        expect(reconciler.world.metrics).toEqual([]);
        expect([...reconciler.world.reconciler.items.keys()].filter((key) => key.startsWith("use#"))).toEqual([]);
    });

    it("but a key with our tag that never registered is an alarm", async () => {
        reconciler.tags[OTHER_KEY] = "test-other-v1-signer";
        expect(await reconciler.reconcile(eventOf("r", { resources: resources(OTHER_KEY) }))).toBe("unknown-key");
        expect(reconciler.world.metrics).toEqual(["UnattributedUses"]);
    });
});
