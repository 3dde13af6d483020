import { createHash } from "node:crypto";
import { beforeEach, describe, expect, it } from "vitest";
import { handle, reconcile, type ReconcilerDeps } from "../../lambdas/reconciler";
import { handle as sequence } from "../../lambdas/sequencer";
import { encodeCanonical } from "../../lib/record/canonical";
import { decodeLeaf } from "../../lib/record/codec";
import { keyRegisteredLeaf } from "../../lib/record/key-registered";
import type { SignatureLeaf } from "../../lib/record/leaf";
import { encodeArchive } from "../../lib/tlog/archive";
import { encodeNote } from "../../lib/tlog/note";
import { checkLog } from "../support/check-log";
import { ARTIFACT_SPKI, LogWorld, ORIGIN, START } from "../support/log-world";

// Proves how events and records are joined, over a real log in memory. Proves nothing about CloudTrail, EventBridge or SQS.

const ACCOUNT = "111122223333";
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/files`;
const LOG_KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/log`;
const OTHER_KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/other`;
const SIGNER = `arn:aws:iam::${ACCOUNT}:role/signing/test-files-v1-signer`;
const LOG_SIGNER = `arn:aws:iam::${ACCOUNT}:role/signing/test-log-v1-signer`;
const FINGERPRINT = createHash("sha256").update(ARTIFACT_SPKI).digest("hex");

let world: LogWorld;
let tags: Record<string, string>;

const deps = (overrides: Partial<ReconcilerDeps> = {}): ReconcilerDeps => ({
    objects: world.objects,
    intake: world.intake,
    head: world.head,
    store: world.reconciler,
    logKey: { arn: LOG_KEY, vkey: world.vkey, spkiSha256: world.spkiSha256 },
    spkiSha256: (arn) => Promise.resolve(arn === KEY ? FINGERPRINT : "ff".repeat(32)),
    signerOf: (arn) => Promise.resolve(tags[arn]),
    now: () => new Date(world.clock),
    salt: () => new Uint8Array(32).fill(9),
    metric: (name) => {
        world.metrics.push(name);
        return Promise.resolve();
    },
    ...overrides,
});

beforeEach(async () => {
    world = new LogWorld();
    tags = { [KEY]: "test-files-v1-signer", [LOG_KEY]: "test-log-v1-signer" };
    const key = { spki: ARTIFACT_SPKI, alias: "alias/test-files-v1", role: "artifact", policy: "{}" } as const;
    const leaf = keyRegisteredLeaf(
        { ...key, spec: "ECC_NIST_EDWARDS25519", algorithms: ["ED25519_SHA_512"], createdAt: new Date(START) },
        new Date(START),
    );
    await world.intake.create(`key#${FINGERPRINT}#KeyRegistered`, {
        leaf: encodeCanonical(leaf),
        record_hash: leaf.record_hash,
        pending: "1",
        received_at: "0",
    });
    await sequence(world.deps());
});

let events = 0;

/** As CloudTrail writes it; `change` goes into the record. */
function eventOf(requestId: string, change: object = {}): { eventID: string; record: object } {
    const eventID = `event-${(events += 1)}`;
    const record = {
        eventVersion: "1.11",
        userIdentity: { type: "AssumedRole", sessionContext: { sessionIssuer: { type: "Role", arn: SIGNER } } },
        eventTime: "2026-11-21T08:00:01Z",
        eventSource: "kms.amazonaws.com",
        eventName: "Sign",
        requestParameters: { messageType: "RAW", keyId: KEY, signingAlgorithm: "ED25519_SHA_512" },
        requestID: requestId,
        eventID,
        readOnly: true,
        resources: [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN: KEY }],
        recipientAccountId: ACCOUNT,
        ...change,
    };
    return { eventID, record };
}

const message = (event: { record: object }, receives = 1) => ({
    messageId: "m",
    body: JSON.stringify({ source: "aws.kms", "detail-type": "AWS API Call via CloudTrail", detail: event.record }),
    attributes: { ApproximateReceiveCount: String(receives) },
});

const resources = (ARN: string) => [{ accountId: ACCOUNT, type: "AWS::KMS::Key", ARN }];
const role = (arn: string) => ({ type: "AssumedRole", sessionContext: { sessionIssuer: { type: "Role", arn } } });

/** A record that is in the published tree. */
async function logged(): Promise<SignatureLeaf> {
    const leaf = world.submit();
    await sequence(world.deps());
    return leaf;
}

describe("a use of a signing key", () => {
    it("with its record in the published tree is matched", async () => {
        const leaf = await logged();
        expect(await reconcile(deps(), message(eventOf(leaf.kms_request_id)))).toBe("matched");
        expect(world.metrics).toEqual([]);
    });

    it("seen twice counts once", async () => {
        const leaf = await logged();
        const event = eventOf(leaf.kms_request_id);
        await reconcile(deps(), message(event));
        expect(await reconcile(deps(), message(event))).toBe("duplicate");
    });

    it("without record becomes a leaf of the log, and an alarm", async () => {
        expect(await reconcile(deps(), message(eventOf("secret-use")))).toBe("unattributed");
        expect(world.metrics).toEqual(["UnattributedUses"]);
        await sequence(world.deps());
        const { entries } = await checkLog(world);
        expect(decodeLeaf(Buffer.from(entries.at(-1) ?? ""))).toMatchObject({
            type: "unattributed_use",
            key_spki_sha256: FINGERPRINT,
            key_alias: "alias/test-files-v1",
            key_role: "artifact",
            kms_request_id: "secret-use",
            cloudtrail_event_id: `event-${events}`,
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
        await reconcile(deps(), message(eventOf("secret-use")));
        const leaf = String(world.reconciler.items.get("use#secret-use")?.value.leaf);
        expect(leaf).not.toContain(ACCOUNT);
        expect(leaf).not.toContain("signer");
    });

    it.each<[string, object]>([
        ["algorithm", { requestParameters: { messageType: "RAW", signingAlgorithm: "RSASSA_PSS_SHA_256" } }],
        ["message type", { requestParameters: { messageType: "DIGEST", signingAlgorithm: "ED25519_SHA_512" } }],
        ["signer", { userIdentity: role(`arn:aws:iam::${ACCOUNT}:role/administrator`) }],
        [
            "signer of that name elsewhere",
            { userIdentity: role("arn:aws:iam::444455556666:role/signing/test-files-v1-signer") },
        ],
        [
            "user, not a role",
            { userIdentity: { type: "IAMUser", arn: `arn:aws:iam::${ACCOUNT}:user/test-files-v1-signer` } },
        ],
        ["root user", { userIdentity: { type: "Root", arn: `arn:aws:iam::${ACCOUNT}:root` } }],
    ])("by another %s than its record's is unattributed", async (what, change) => {
        const leaf = await logged();
        expect(await reconcile(deps(), message(eventOf(leaf.kms_request_id, change)))).toBe("unattributed");
        const use = decodeLeaf(
            Buffer.from(String(world.reconciler.items.get(`use#${leaf.kms_request_id}`)?.value.leaf)),
        );
        expect(use).toMatchObject({ expected_principal: !/signer|user/.test(what) });
    });

    it("whose message type is left out was RAW, as KMS reads it", async () => {
        const leaf = await logged();
        const event = eventOf(leaf.kms_request_id, { requestParameters: { signingAlgorithm: "ED25519_SHA_512" } });
        expect(await reconcile(deps(), message(event))).toBe("matched");
    });

    it("of another registered key under a recorded request id is unattributed", async () => {
        const leaf = await logged();
        tags[OTHER_KEY] = "test-files-v1-signer";
        const item = world.intake.items.get(`key#${FINGERPRINT}#KeyRegistered`);
        await world.intake.create(`key#${"ff".repeat(32)}#KeyRegistered`, item?.value ?? {});
        const event = eventOf(leaf.kms_request_id, { resources: resources(OTHER_KEY) });
        expect(await reconcile(deps(), message(event))).toBe("unattributed");
    });

    it("counts though its key's tag was taken off", async () => {
        const leaf = await logged();
        delete tags[KEY];
        expect(await reconcile(deps(), message(eventOf(leaf.kms_request_id)))).toBe("unattributed");
    });
});

describe("a record that is not yet in the published tree", () => {
    it("is looked for again, and matched once it is", async () => {
        const leaf = world.submit();
        const event = eventOf(leaf.kms_request_id);
        await expect(reconcile(deps(), message(event, 1))).rejects.toMatchObject({ code: "NotLogged" });
        await sequence(world.deps());
        expect(await reconcile(deps(), message(event, 2))).toBe("matched");
    });

    it("counts as none at the fifth look", async () => {
        const leaf = world.submit();
        const event = eventOf(leaf.kms_request_id);
        await expect(reconcile(deps(), message(event, 4))).rejects.toMatchObject({ code: "NotLogged" });
        expect(await reconcile(deps(), message(event, 5))).toBe("unattributed");
        expect(world.metrics).toEqual(["UnattributedUses"]);
    });

    it("does not count because the table says so", async () => {
        const leaf = world.submit();
        const key = `sig#${leaf.kms_request_id}`;
        await world.intake.replace(key, 1, { set: { log_index: 1 }, remove: ["pending"] });
        await expect(reconcile(deps(), message(eventOf(leaf.kms_request_id)))).rejects.toMatchObject({
            code: "NotLogged",
        });
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
        expect(await reconcile(deps(), message(eventOf("r", change)))).toBe(kind);
        expect(world.metrics).toEqual([]);
        expect([...world.reconciler.items.keys()].filter((key) => key.startsWith("use#"))).toEqual([]);
    });

    it("but a key with our tag that never registered is an alarm", async () => {
        tags[OTHER_KEY] = "test-other-v1-signer";
        expect(await reconcile(deps(), message(eventOf("r", { resources: resources(OTHER_KEY) })))).toBe("unknown-key");
        expect(world.metrics).toEqual(["UnattributedUses"]);
    });
});

describe("a use of the log's own key", () => {
    const logUse = (requestId: string, change: object = {}) =>
        eventOf(requestId, { resources: resources(LOG_KEY), userIdentity: role(LOG_SIGNER), ...change });

    it("that signed an archived checkpoint is accounted for", async () => {
        await logged();
        await logged();
        for (const { requestId } of world.signed) {
            expect(await reconcile(deps(), message(logUse(requestId)))).toBe("log-key");
        }
        expect(world.metrics).toEqual([]);
    });

    it("that is archived nowhere is unattributed, under the key's alias from entry 0", async () => {
        expect(await reconcile(deps(), message(logUse("secret")))).toBe("unattributed");
        expect(decodeLeaf(Buffer.from(String(world.reconciler.items.get("use#secret")?.value.leaf)))).toMatchObject({
            key_role: "log",
            key_alias: "alias/test-log-v1",
            key_spki_sha256: world.spkiSha256,
        });
    });

    it("that names another use's archive is unattributed", async () => {
        const any = { contentType: "", cacheControl: "" };
        await world.objects.put("index/use/secret.json", Buffer.from('{"size":2}'), "any", any);
        expect(await reconcile(deps(), message(logUse("secret")))).toBe("unattributed");
    });

    it("that signed a fork is unattributed, though the fork is archived", async () => {
        for (let i = 0; i < 3; i += 1) world.submit();
        await sequence(world.deps());
        const text = `${ORIGIN}\n3\n${Buffer.alloc(32, 7).toString("base64")}\n`;
        const note = encodeNote({ text, signatures: [{ ...world.vkey, signature: world.signNote(text) }] });
        const uses = [{ key_spki_sha256: world.spkiSha256, kms_request_id: "secret" }];
        const any = { contentType: "", cacheControl: "" };
        world.objects.objects.set("archive/3.json", {
            bytes: encodeArchive({ checkpoint: Buffer.from(note).toString(), uses }),
            etag: "x",
            headers: any,
        });
        await world.objects.put("index/use/secret.json", Buffer.from('{"size":3}'), "any", any);
        expect(await reconcile(deps(), message(logUse("secret")))).toBe("unattributed");
    });

    it("by anybody but the sequencer is unattributed", async () => {
        const { requestId } = world.signed[0] ?? { requestId: "" };
        const change = { userIdentity: role(`arn:aws:iam::${ACCOUNT}:role/administrator`) };
        expect(await reconcile(deps(), message(logUse(requestId, change)))).toBe("unattributed");
    });

    it.each([
        [{ messageType: "DIGEST", signingAlgorithm: "ED25519_PH_SHA_512" }],
        [{ messageType: "RAW", signingAlgorithm: "ED25519_PH_SHA_512" }],
    ])("with %j is unattributed: no checkpoint is signed so", async (requestParameters) => {
        const { requestId } = world.signed[0] ?? { requestId: "" };
        expect(await reconcile(deps(), message(logUse(requestId, { requestParameters })))).toBe("unattributed");
    });

    it("whose checkpoint is being published is looked for again", async () => {
        world.submit();
        world.objects.faults = ({ key }) =>
            key.startsWith("archive/") || key.startsWith("index/use/") ? "lost" : undefined;
        await expect(sequence(world.deps())).rejects.toThrow("connection lost");
        world.objects.faults = ({ key }) => (key === "checkpoint" ? "lost" : undefined);
        const event = logUse(world.signed.at(-1)?.requestId ?? "");
        await expect(reconcile(deps(), message(event))).rejects.toMatchObject({ code: "NotLogged" });
        await expect(sequence(world.deps())).rejects.toThrow("connection lost");
        await expect(reconcile(deps(), message(event))).rejects.toMatchObject({ code: "NotLogged" });
        world.objects.faults = () => undefined;
        await sequence(world.deps());
        expect(await reconcile(deps(), message(event))).toBe("log-key");
    });
});

describe("a batch", () => {
    it("returns what cannot be decided, and finishes the rest", async () => {
        const leaf = await logged();
        const pending = world.submit();
        const batch = {
            Records: [
                { ...message(eventOf(leaf.kms_request_id)), messageId: "matched" },
                { ...message(eventOf(pending.kms_request_id)), messageId: "pending" },
                { ...message(eventOf("secret")), messageId: "unattributed" },
                { ...message(eventOf("x")), body: "not JSON", messageId: "malformed" },
            ],
        };
        expect(await handle(deps(), batch)).toEqual({
            batchItemFailures: [{ itemIdentifier: "pending" }, { itemIdentifier: "malformed" }],
        });
        expect(world.reconciler.items.has("use#secret")).toBe(true);
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
        await expect(reconcile(deps(), { ...message(eventOf("r")), body })).rejects.toMatchObject({ code: "BadJson" });
    });

    it("asks again when KMS does not say whose key it is", async () => {
        const fails = () => Promise.reject(new Error("ThrottlingException"));
        await expect(reconcile(deps({ signerOf: fails }), message(eventOf("r")))).rejects.toThrow("Throttling");
        await expect(reconcile(deps({ spkiSha256: fails }), message(eventOf("r")))).rejects.toThrow("Throttling");
        expect(world.reconciler.items.size).toBe(0);
    });
});

describe("a write that fails", () => {
    it.each(["lost", "applied"] as const)("and is %s: the repeat gives one leaf", async (fault) => {
        const event = eventOf("secret");
        world.reconciler.faults = () => fault;
        await expect(reconcile(deps(), message(event))).rejects.toThrow("connection lost");
        world.reconciler.faults = () => undefined;
        expect(await reconcile(deps(), message(event, 2))).toBe(fault === "lost" ? "unattributed" : "duplicate");
        await sequence(world.deps());
        expect((await checkLog(world)).entries.filter((entry) => entry.includes("unattributed_use"))).toHaveLength(1);
        expect(world.metrics).toContain("UnattributedUses");
    });

    it("two events of one request give one leaf", async () => {
        await reconcile(deps(), message(eventOf("secret")));
        expect(await reconcile(deps(), message(eventOf("secret")))).toBe("unattributed");
        expect([...world.reconciler.items.keys()].filter((key) => key.startsWith("use#"))).toEqual(["use#secret"]);
    });
});
