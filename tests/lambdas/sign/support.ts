import { handle as prepare } from "../../../lambdas/prepare";
import { handle as recheck } from "../../../lambdas/recheck";
import { handle, type SignDeps, type SignResult } from "../../../lambdas/sign";
import type { Refusal } from "../../../lambdas/signing/answer";
import { toUtf8 } from "../../../lib/encoding";
import type { Claim } from "../../../lib/signing/claim";
import { messagesSha256, openRequest, sealRequest, type SigningRequest } from "../../../lib/signing/request";
import { randomFrom } from "../../support/random";
import type { AttemptWrite } from "../../support/memory-attempts";
import { SigningWorld } from "../../support/signing-world";

/** Requests for the signer of `files`, and what is left in its world afterwards. */

export interface Approved {
    readonly world: SigningWorld;
    readonly requestId: string;
}

/** An upload that prepare and recheck let pass. */
export async function approved(
    key = "web-team/raw/x",
    text = "hello\n",
    world = new SigningWorld(),
): Promise<Approved> {
    const prepared = await prepare(world.prepareDeps(), world.upload(key, toUtf8(text)));
    if (!prepared.ok) throw new Error(`prepare refused: ${prepared.code}`);
    const { requestId } = prepared;
    const rechecked = await recheck(world.recheckDeps(), { requestId });
    if (!rechecked.ok) throw new Error(`recheck refused: ${rechecked.code}`);
    return { world, requestId };
}

/** The same once the log knows the key, so that what follows is about this request alone. */
export async function approvedForKnownKey(): Promise<Approved> {
    const { world, requestId } = await approved();
    await world.signDeps("files").key();
    return { world, requestId };
}

export function sign(
    world: SigningWorld,
    requestId: string,
    overrides: Partial<SignDeps> = {},
): Promise<SignResult | Refusal> {
    return handle(world.signDeps("files", overrides), { requestId }, world.deadline);
}

/** A request that is consistent in itself and rechecked, but not what prepare would have made. */
export function forged(world: SigningWorld, requestId: string, change: Partial<SigningRequest>): string {
    const { id, text } = sealRequest({ ...openRequest(requestId, world.requests.get(requestId)), ...change });
    world.requests.set(id, text);
    world.rechecks.set(id, messagesSha256(openRequest(id, text).messages));
    return id;
}

/** Records at intake, by KMS request id. */
export function recorded(world: SigningWorld): string[] {
    return [...world.log.intake.items.keys()].filter((id) => id.startsWith("sig#")).map((id) => id.slice(4));
}

/** Uses of the key that no record tells of: CloudTrail does, and the alarm with it. */
export function unrecorded(world: SigningWorld): number {
    return world.uses.filter(({ requestId }) => !recorded(world).includes(requestId)).length;
}

/** Which step of the sign path a write belongs to. */
export function stepOf({ id, body }: AttemptWrite): string {
    const [kind = ""] = id.split("#");
    if (kind !== "once") return kind;
    const { state, leaf } = JSON.parse(body) as Claim;
    return state === "claimed" ? (leaf === undefined ? "claim" : "keep") : state;
}

/** The steps of the signer from now on, in order: its calls and its writes. */
export function stepsOf(world: SigningWorld): string[] {
    world.attempts.fault = (write) => {
        world.calls.push(stepOf(write));
        return undefined;
    };
    world.calls.length = 0;
    return world.calls;
}

/** Lets others have a few turns, drawn by the seed, before each operation on the signers' table. */
export function interleave(world: SigningWorld, seed: number): void {
    const random = randomFrom(seed);
    world.attempts.yieldPoint = async () => {
        for (let turns = random.below(6); turns > 0; turns--) await Promise.resolve();
    };
}
