import type { OpenStack } from "../engine/automation";
import type { Say } from "../progress";

/**
 * Shows that the engine refuses to destroy keys and log, then takes the protection out of the state and destroys. What is
 * retained goes with the emulator, which is discarded.
 *
 * @param signal interrupts it; none where the interruption is what began it
 * @returns the engine's refusal, one line
 * @throws if the first destroy goes through, or fails for any other reason
 */
export async function tearDown(stack: OpenStack, consumer: OpenStack, say: Say, signal?: AbortSignal): Promise<string> {
    const options = signal ? { signal } : {};
    say("second program");
    await consumer.destroy({ ...options, unprotected: true });
    say("destroy, protected");
    const refusal = await stack.destroy(options).then(
        () => undefined,
        (error: Error) => error.message,
    );
    if (refusal === undefined)
        throw new Error("destroy went through while keys and log are protected, expected a refusal");
    // An interrupted destroy fails too.
    const line = refusal.split("\n").find((one) => one.includes("protect"));
    if (line === undefined) throw new Error(`destroy failed, though not for what is protected: ${refusal}`);
    say("destroy, unprotected in the state");
    await stack.unprotectAll();
    await stack.destroy({ ...options, unprotected: true });
    return line.trim();
}
