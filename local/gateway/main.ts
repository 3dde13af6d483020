import { createInterface } from "node:readline";

import { parseGatewayConfig, parseUpstreamConfig } from "./config";
import { type RunningGateway, startGateway } from "./gateway";

/**
 * The gateway's process. Standard input: a line with its configuration, then one with MiniStack's address; the end of
 * standard input ends it, so that it never outlives whoever started it. Standard output: `{"url"}`, then `{"ready"}`.
 */
async function main(): Promise<void> {
    const lines = createInterface({ input: process.stdin, terminal: false });
    let running: RunningGateway | undefined;
    const stop = (): void => {
        void (running?.stop() ?? Promise.resolve()).finally(() => process.exit(0));
        // What is still open after a second is not worth waiting for.
        setTimeout(() => process.exit(0), 1000).unref();
    };
    process.once("SIGTERM", stop);
    // A terminal sends it to the whole group; whoever started us decides when this ends.
    process.on("SIGINT", () => undefined);
    let count = 0;
    for await (const line of lines) {
        count += 1;
        if (count === 1) {
            running = await startGateway(
                parseGatewayConfig(line),
                (text) => void process.stderr.write(`gateway: ${text}\n`),
            );
            process.stdout.write(`${JSON.stringify({ url: running.url })}\n`);
        } else {
            running!.connect(parseUpstreamConfig(line));
            process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
        }
    }
    stop();
}

main().catch((error: unknown) => {
    process.stderr.write(`gateway: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
});
