import type { OpenStack } from "../engine/automation";
import type { Say } from "../progress";

/**
 * Shows that the engine refuses to destroy keys and log, then takes the protection out of the state and destroys. What is
 * retained goes with the emulator, which is discarded.
 *
 * @returns the engine's refusal, one line
 * @throws if the first destroy goes through
 */
export async function tearDown(stack: OpenStack, consumer: OpenStack, say: Say): Promise<string> {
    say("second program");
    await consumer.destroy();
    say("destroy, protected");
    const refusal = await stack.destroy().then(
        () => undefined,
        (error: Error) => error.message,
    );
    if (refusal === undefined)
        throw new Error("destroy went through while keys and log are protected, expected a refusal");
    say("destroy, unprotected in the state");
    await stack.unprotectAll();
    await stack.destroy();
    return firstLine(refusal);
}

function firstLine(text: string): string {
    const line = text.split("\n").find((one) => one.includes("protect")) ?? text.split("\n")[0]!;
    return line.trim();
}
