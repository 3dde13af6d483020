import { describe, expect, it } from "vitest";
import { handle } from "../../lambdas/sequencer";
import { encodeCanonical } from "../../lib/record/canonical";
import { decodeLeaf } from "../../lib/record/codec";
import { encodeArchive } from "../../lib/tlog/archive";
import { encodeNote } from "../../lib/tlog/note";
import { checkLog } from "../support/check-log";
import { faultAt, LogWorld, ORIGIN } from "../support/log-world";
import type { Fault } from "../support/memory-stores";

// Proves the commit protocol over the storage contracts. Proves nothing about S3, DynamoDB or KMS.

const run = (world: LogWorld, overrides = {}): Promise<{ committed: number; size: number }> =>
    handle(world.deps(overrides));

describe("a new log", () => {
    it("starts with the registration of its own key", async () => {
        const world = new LogWorld();
        expect(await run(world)).toEqual({ committed: 1, size: 1 });
        const { entries } = await checkLog(world);
        expect(decodeLeaf(Buffer.from(entries[0] ?? ""))).toMatchObject({
            type: "key_event",
            event_name: "KeyRegistered",
            key_role: "log",
            key_spki_sha256: world.spkiSha256,
            signing_algorithms: ["ED25519_SHA_512"],
        });
        expect(world.metrics).toEqual([]);
    });

    it("needs bootstrap", async () => {
        const world = new LogWorld();
        await expect(run(world, { bootstrap: false })).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.signed).toEqual([]);
    });

    it("needs an empty bucket: a lost head table must not start a fork", async () => {
        const world = new LogWorld();
        await run(world);
        world.head.items.clear();
        await expect(run(world)).rejects.toMatchObject({ code: "LogNotEmpty" });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.signed).toHaveLength(1);
    });
});

describe("a run", () => {
    it("puts what waits into the published tree, oldest first, from both tables", async () => {
        const world = new LogWorld();
        await run(world);
        const leaves = [world.submit(), world.submit(world.reconciler), world.submit()];
        expect(await run(world)).toEqual({ committed: 3, size: 4 });
        const { entries } = await checkLog(world);
        expect(entries.slice(1).map((entry) => decodeLeaf(Buffer.from(entry)))).toEqual(leaves);
        expect(world.intake.items.get(`sig#${leaves[0]?.kms_request_id}`)?.value).toMatchObject({ log_index: 1 });
        expect(world.reconciler.items.get(`sig#${leaves[1]?.kms_request_id}`)?.value).toMatchObject({ log_index: 2 });
    });

    it("writes nothing and signs nothing when nothing waits", async () => {
        const world = new LogWorld();
        await run(world);
        const before = world.stores.map(({ writes }) => writes.length);
        expect(await run(world)).toEqual({ committed: 0, size: 1 });
        expect(world.stores.map(({ writes }) => writes.length)).toEqual(before);
        expect(world.signed).toHaveLength(1);
    });

    it("sets the headers that readers cache by", async () => {
        const world = new LogWorld();
        await run(world);
        const headers = (key: string) => world.objects.objects.get(key)?.headers;
        const immutable = {
            contentType: "application/octet-stream",
            cacheControl: "public, max-age=604800, immutable",
        };
        expect(headers("tile/0/000.p/1")).toEqual(immutable);
        expect(headers("tile/entries/000.p/1")).toEqual(immutable);
        expect(headers("checkpoint")).toEqual({ contentType: "text/plain; charset=utf-8", cacheControl: "max-age=5" });
    });

    it("fills tiles and starts new ones", async () => {
        const world = new LogWorld();
        for (const batch of [254, 1, 1, 3, 300]) {
            for (let i = 0; i < batch; i += 1) world.submit();
            await run(world);
            await checkLog(world);
        }
        expect((await checkLog(world)).size).toBe(560);
        expect(world.objects.objects.has("tile/1/000.p/2")).toBe(true);
    });

    it("commits more than one batch's records before it publishes once", async () => {
        const world = new LogWorld();
        await run(world);
        for (let i = 0; i < 2100; i += 1) world.submit();
        expect(await run(world)).toEqual({ committed: 2100, size: 2101 });
        await checkLog(world);
        expect(world.signed).toHaveLength(2);
    });

    it("leaves out an item that is no leaf, and says so", async () => {
        const world = new LogWorld();
        await run(world);
        world.intake.items.set("sig#x", { version: 1, value: { leaf: "{}", pending: "1", received_at: "0" } });
        world.submit();
        expect(await run(world)).toEqual({ committed: 1, size: 2 });
        expect(world.metrics).toEqual(["LogSkipped"]);
        await checkLog(world);
    });

    it("takes nothing from the index on trust", async () => {
        const world = new LogWorld();
        await run(world);
        const leaf = world.submit();
        await run(world);
        world.intake.hint = () => ["sig#nobody", `sig#${leaf.kms_request_id}`];
        expect(await run(world)).toEqual({ committed: 0, size: 2 });
        expect((await checkLog(world)).size).toBe(2);
    });

    it("writes hints that lead to the entries", async () => {
        const world = new LogWorld();
        await run(world);
        const leaf = world.submit();
        await run(world);
        const text = (key: string) => Buffer.from(world.objects.objects.get(key)?.bytes ?? []).toString();
        const hex = leaf.artifact_sha256 ?? "";
        expect(text(`index/digest/${hex.slice(0, 2)}/${hex}.json`)).toBe('{"indices":[1]}');
        expect(text("index/date/2026/11/21.json")).toBe('{"indices":[0,1]}');
        expect(text("records/2026/11/21/000000000001.json")).toContain(leaf.record_hash);
        expect(JSON.parse(text("log.json"))).toMatchObject({ origin: "log.example.test/countersign" });
        expect(text(`index/use/${world.signed[1]?.requestId}.json`)).toBe('{"size":2}');
    });

    it("times commits by a clock that never goes back, and says when it would have", async () => {
        const world = new LogWorld();
        await run(world);
        const first = Number(world.head.items.get("head")?.value.committed_at);
        world.clock -= 120_000;
        world.submit();
        await run(world);
        expect(world.head.items.get("head")?.value.committed_at).toBe(first + 1);
        expect(world.metrics).toEqual(["LogClockBehind"]);
    });
});

/** Several tiles' worth, so that a run writes full tiles, partial ones and a level 1 tile. */
async function worldOf(size: number): Promise<LogWorld> {
    const world = new LogWorld();
    for (let i = 1; i < size; i += 1) world.submit();
    await run(world);
    return world;
}

const grown = worldOf(255);

/** Writes of a run with three records that crosses a tile, hints left out: they are best effort. */
async function writesOfRun(): Promise<string[]> {
    const world = (await grown).copy();
    for (let i = 0; i < 3; i += 1) world.submit();
    const seen: string[] = [];
    world.faults = ({ operation, key }) => void seen.push(`${operation} ${key.replace(/[0-9a-f]{64}/, "HASH")}`);
    await run(world);
    return seen.filter((write) => !/index\/d|records|log\.json/.test(write));
}

it("writes in the order of the protocol", async () => {
    expect(await writesOfRun()).toEqual([
        "put staging/258-HASH",
        "replace head",
        "put tile/0/000",
        "put tile/0/001.p/2",
        "put tile/1/000.p/1",
        "put tile/entries/000",
        "put tile/entries/001.p/2",
        "replace sig#request-255",
        "replace sig#request-256",
        "replace sig#request-257",
        "replace applied",
        "replace published",
        "create sign#258",
        "replace sign#258",
        "put archive/258.json",
        "put index/use/log-request-1.json",
        "put checkpoint",
        "replace published",
    ]);
});

const FAULTS: readonly Fault[] = ["lost", "applied"];
const BROKEN = FAULTS.flatMap((fault) => Array.from({ length: 18 }, (_, n) => [fault, n] as const));

describe("a run that fails at one write", () => {
    it.each(BROKEN)("%s, write %i: clean runs then lose and double nothing", async (fault, n) => {
        const world = (await grown).copy();
        const leaves = Array.from({ length: 3 }, () => world.submit());
        const { faults, hit } = faultAt(n, fault);
        world.faults = faults;
        await run(world).catch(() => undefined);
        expect(hit()).toBeDefined();
        world.faults = () => undefined;
        await checkLog(world);

        leaves.push(world.submit());
        await run(world);
        await checkLog(world);
        // Claims of runs that died expire.
        world.clock += 120_000;
        expect(await run(world)).toMatchObject({ size: 259 });

        const { entries } = await checkLog(world);
        expect(entries.slice(255)).toEqual(leaves.map((leaf) => encodeCanonical(leaf)));
        expect([...world.intake.items.values()].filter(({ value }) => value.pending !== undefined)).toEqual([]);
        expect(world.unarchivedUses()).toEqual([]);
        expect(world.metrics).toEqual([]);
    });

    it.each(BROKEN)("%s, write %i of the very first run", async (fault, n) => {
        const world = new LogWorld();
        world.submit();
        world.faults = faultAt(n, fault).faults;
        await run(world).catch(() => undefined);
        world.faults = () => undefined;
        await run(world);
        world.clock += 120_000;
        expect(await run(world)).toMatchObject({ size: 2 });
        await checkLog(world);
        expect(world.unarchivedUses()).toEqual([]);
    });
});

describe("the log's key", () => {
    it.each(["fails", "signs"] as const)(
        "whose Sign %s and reports failure is used again at once, by the next run",
        async (fault) => {
            const world = await worldOf(2);
            world.submit();
            world.signFault = () => fault;
            await expect(run(world)).rejects.toThrow();
            world.signFault = () => undefined;
            expect(await run(world)).toEqual({ committed: 0, size: 3 });
            await checkLog(world);
            // The use whose answer was lost has no archive: the reconciler publishes it. By design.
            expect(world.unarchivedUses()).toHaveLength(fault === "signs" ? 1 : 0);
        },
    );

    it("waits for a claim whose owner may still sign, then takes it over", async () => {
        const world = await worldOf(2);
        world.submit();
        const claimed = { root: "", attempt: "somebody", deadline: world.clock + 65_000, attempts: 1 };
        const key = { ...world.deps().key, sign: () => new Promise<never>(() => undefined) };
        void run(world, { key });
        await settled();
        expect(world.head.items.get("sign#3")?.value).toMatchObject({ deadline: claimed.deadline });
        expect(await run(world)).toEqual({ committed: 0, size: 2 });
        expect(world.signed).toHaveLength(1);
        world.clock += 65_000;
        expect(await run(world)).toEqual({ committed: 0, size: 3 });
        expect(world.head.items.get("sign#3")?.value).toMatchObject({ attempts: 2 });
        await checkLog(world);
    });

    it("has its signature archived though the head moved on after its run died", async () => {
        const world = await worldOf(2);
        world.submit();
        world.faults = ({ key }) => (key.startsWith("index/use/") ? "lost" : undefined);
        await expect(run(world)).rejects.toThrow("connection lost");
        world.faults = () => undefined;
        world.submit();
        expect(await run(world)).toEqual({ committed: 1, size: 4 });
        expect(world.objects.objects.has("archive/3.json")).toBe(true);
        expect(world.unarchivedUses()).toEqual([]);
        await checkLog(world);
    });

    it("that signs something else stops the log", async () => {
        const world = await worldOf(2);
        world.submit();
        const wrong = { signature: new Uint8Array(64), kmsRequestId: "x" };
        const key = { ...world.deps().key, sign: () => Promise.resolve(wrong) };
        await expect(run(world, { key })).rejects.toMatchObject({ code: "SignatureMismatch" });
        expect(world.metrics).toEqual(["LogHalted"]);
    });
});

/** Lets everything that waits for nothing finish. */
async function settled(): Promise<void> {
    for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
}

describe("a head that contradicts what was published", () => {
    it("was set back: no Sign, no write, an alarm", async () => {
        const world = await worldOf(2);
        const backup = world.head.snapshot();
        world.submit();
        await run(world);
        world.head.restore(backup);
        world.submit();
        const signed = world.signed.length;
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.signed).toHaveLength(signed);
        expect(world.head.items).toEqual(backup);
    });

    it("was set back with nothing waiting: found all the same", async () => {
        const world = await worldOf(2);
        const backup = world.head.snapshot();
        world.submit();
        await run(world);
        world.head.restore(backup);
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
    });

    it("was set back, and the checkpoint taken away: the stored tiles contradict the next commit", async () => {
        const world = await worldOf(2);
        const backup = world.head.snapshot();
        world.submit();
        await run(world);
        world.head.restore(backup);
        world.intake.items.clear();
        world.objects.objects.delete("checkpoint");
        world.submit();
        const signed = world.signed.length;
        await expect(run(world)).rejects.toMatchObject({ code: "Equivocation" });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.signed).toHaveLength(signed);
    });

    it("has another root at the published size", async () => {
        const world = await worldOf(2);
        const item = world.head.items.get("head");
        world.head.items.set("head", { version: item?.version ?? 0, value: { ...item?.value, root: "00".repeat(32) } });
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.metrics).toEqual(["LogHalted"]);
    });

    it("has another root than the archive of its size", async () => {
        const world = await worldOf(2);
        world.submit();
        const text = `${ORIGIN}\n3\n${Buffer.alloc(32, 7).toString("base64")}\n`;
        const note = encodeNote({ text, signatures: [{ ...world.vkey, signature: world.signNote(text) }] });
        const archive = encodeArchive({ checkpoint: Buffer.from(note).toString(), uses: [] });
        await world.objects.put("archive/3.json", archive, "absent", { contentType: "", cacheControl: "" });
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.signed).toHaveLength(1);
    });

    it("signed another root at its size before", async () => {
        const world = await worldOf(2);
        world.submit();
        world.head.items.set("sign#3", { version: 1, value: { root: "00", attempt: "a", deadline: 0, attempts: 1 } });
        await expect(run(world)).rejects.toMatchObject({ code: "HeadRolledBack" });
        expect(world.signed).toHaveLength(1);
    });
});

describe("objects that were changed", () => {
    const spoil = (world: LogWorld, key: string, bytes: Uint8Array | undefined): void => {
        const old = world.objects.objects.get(key);
        if (!old) throw new Error(`no object ${key}`);
        if (bytes) world.objects.objects.set(key, { ...old, bytes });
        else world.objects.objects.delete(key);
    };
    const flipped = (world: LogWorld, key: string): Uint8Array =>
        Uint8Array.from(world.objects.objects.get(key)?.bytes ?? [], (byte, i) => (i === 9 ? byte ^ 1 : byte));

    it.each([
        ["tile/0/000.p/2", "RootMismatch"],
        ["tile/entries/000.p/2", "LeafMismatch"],
        ["checkpoint", "SignatureMismatch"],
    ])("%s by one byte: nothing is built on it", async (key, code) => {
        const world = await worldOf(2);
        spoil(world, key, flipped(world, key));
        world.submit();
        await expect(run(world)).rejects.toMatchObject({ code });
        expect(world.metrics).toEqual(["LogHalted"]);
        expect(world.head.items.get("head")?.value.size).toBe(2);
    });

    it.each(["tile/0/000.p/2", "tile/entries/000.p/2"])("%s away: nothing is built on it", async (key) => {
        const world = await worldOf(2);
        spoil(world, key, undefined);
        world.submit();
        await expect(run(world)).rejects.toMatchObject({ code: "BadTile" });
    });

    it("a checkpoint away is put back", async () => {
        const world = await worldOf(2);
        spoil(world, "checkpoint", undefined);
        expect(await run(world)).toEqual({ committed: 0, size: 2 });
        expect(world.signed).toHaveLength(1);
        expect((await checkLog(world)).size).toBe(2);
    });

    it.each([
        ["changed", (bytes: Uint8Array) => Uint8Array.from([...bytes, 32])],
        ["missing", () => undefined],
    ] as const)("a staged batch that is %s after its commit stops the log", async (_, change) => {
        const world = await worldOf(2);
        world.submit();
        world.faults = ({ key }) => (key.startsWith("tile/") ? "lost" : undefined);
        await expect(run(world)).rejects.toThrow("connection lost");
        world.faults = () => undefined;
        const staged = String(world.head.items.get("head")?.value.stage_key);
        spoil(world, staged, change(world.objects.objects.get(staged)?.bytes ?? new Uint8Array()));
        await expect(run(world)).rejects.toMatchObject({ code: "Equivocation" });
    });

    it("an item with another index than the log's stops the log", async () => {
        const world = await worldOf(2);
        const leaf = world.submit();
        world.faults = ({ key }) => (key.startsWith("tile/") ? "lost" : undefined);
        await expect(run(world)).rejects.toThrow("connection lost");
        world.faults = () => undefined;
        const key = `sig#${leaf.kms_request_id}`;
        const item = world.intake.items.get(key);
        world.intake.items.set(key, { version: 2, value: { ...item?.value, log_index: 77 } });
        await expect(run(world)).rejects.toMatchObject({ code: "Equivocation" });
    });
});
