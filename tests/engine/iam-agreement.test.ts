/**
 * lib/iam beside the evaluator that others wrote: real principals with real documents make real KMS calls in the local cloud, and
 * lib/iam is asked the same with the context that AWS documents. Proves that two readings of AWS's documentation agree,
 * ours and MiniStack's with our repairs in it. Proves nothing about AWS, nor about documents that the gateway refuses.
 *
 * COUNTERSIGN_SEED and COUNTERSIGN_WORLDS choose other worlds.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cloud, startCloud } from "../../local/cloud";
import { KINDS, STRANGER } from "./iam-agreement/cast";
import { DECIDED, decidedTable } from "./iam-agreement/decided";
import { createHands, createLane, type Hands, type Lane, makeStranger } from "./iam-agreement/lane";
import { type Action, ACTIONS, askOurs, type Outcome } from "./iam-agreement/questions";
import { createWorld, type World } from "./iam-agreement/worlds";

const SEED = Number(process.env["COUNTERSIGN_SEED"] ?? "20261124");
const WORLDS = Number(process.env["COUNTERSIGN_WORLDS"] ?? "2000");
const LANES = 4;

interface Answered {
    readonly world: World;
    readonly action: Action;
    readonly ours: Outcome;
    readonly theirs: Outcome;
}

let folder: string;
let cloud: Cloud;
let hands: Hands;
let lanes: Lane[];
let answered: Answered[];

beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-agreement-"));
    cloud = await startCloud({ workDir: folder, keyPool: {} });
    hands = await createHands(cloud);
    await makeStranger(hands, STRANGER.slice(STRANGER.lastIndexOf("/") + 1));
    lanes = await Promise.all(Array.from({ length: LANES }, (_, lane) => createLane(hands, lane)));
    answered = (await Promise.all(lanes.map(playEach))).flat();
}, 600_000);

afterAll(async () => {
    hands?.close();
    await cloud?.stop();
    await rm(folder, { recursive: true, force: true });
});

async function playEach(lane: Lane, number: number): Promise<Answered[]> {
    const answers: Answered[] = [];
    for (let index = number; index < WORLDS; index += LANES) {
        const world = createWorld(SEED, index, LANES);
        const { made, theirs } = await lane.play(world);
        for (const action of ACTIONS)
            answers.push({ world, action, ours: askOurs(world, action, made).decision, theirs: theirs[action] });
    }
    return answers;
}

describe(`lib/iam and the local cloud's evaluator, seed ${SEED}`, () => {
    it("agree, but for what is listed with its reason", () => {
        const different = answered.filter(({ ours, theirs }) => ours !== theirs);
        const known = different.filter(({ world }) => DECIDED.some(({ isKnown }) => isKnown?.(world)));
        console.log(
            `seed ${SEED}: ${answered.length} questions in ${WORLDS} worlds, ${JSON.stringify(tally())}, ` +
                `${different.length} different, ${known.length} of these known`,
        );
        expect(answered).toHaveLength(WORLDS * ACTIONS.length);
        // Each with all that is needed to see why.
        expect(different.filter((one) => !known.includes(one)).slice(0, 5)).toEqual([]);
    });

    it("allow between 30 and 70 % of it, and each kind of caller some and not all", () => {
        const share = answered.filter(({ theirs }) => theirs === "allow").length / answered.length;
        expect(share).toBeGreaterThan(0.3);
        expect(share).toBeLessThan(0.7);
        for (const kind of KINDS) {
            for (const action of ACTIONS) {
                const own = answered.filter((one) => one.world.caller.kind === kind && one.action === action);
                const outcomes = new Set(own.map(({ theirs }) => theirs));
                expect([...outcomes].sort(), `${kind} ${action}`).toEqual(["allow", "explicitDeny", "implicitDeny"]);
            }
        }
    });

    it("are described in docs/iam-agreement.md as they are here", async () => {
        const page = await readFile(resolve(__dirname, "../../docs/iam-agreement.md"), "utf8");
        expect(page).toContain(decidedTable());
    });
});

function tally(): Partial<Record<Outcome, number>> {
    const counts: Partial<Record<Outcome, number>> = {};
    for (const { theirs } of answered) counts[theirs] = (counts[theirs] ?? 0) + 1;
    return counts;
}
