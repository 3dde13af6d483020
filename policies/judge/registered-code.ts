import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { codeDigest } from "../code-digest";

/** What the program is run with: names of Pulumi's, and configuration by full key. */
export interface ProgramRun {
    readonly project: string;
    readonly stack: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly accountId: string;
    readonly region: string;
    readonly partition: string;
}

/**
 * SHA-256 of each function's code as the program registers it in a preview, by function name. The program is run, with an engine that
 * creates nothing: so there is no second way of making code that could differ.
 *
 * @param root folder of index.ts
 */
export async function registeredCode(root: string, run: ProgramRun): Promise<Record<string, string>> {
    const { project, stack, config, accountId, region, partition } = run;
    const texts = Object.entries(config).map(([key, value]) => [
        key,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    const found: Record<string, Promise<string | undefined>> = {};
    pulumi.runtime.setAllConfig(Object.fromEntries(texts) as Record<string, string>, []);
    await pulumi.runtime.setMocks(
        {
            newResource: ({ type, inputs }) => {
                if (type === "aws:lambda/function:Function")
                    found[(inputs as { name: string }).name] = codeDigest((inputs as { code: unknown }).code);
                return { id: undefined, state: inputs as Record<string, unknown> };
            },
            // What the program asks before it can name anything; code holds none of it.
            call: ({ token }) => (token.startsWith("aws:index/") ? { accountId, partition, region } : {}),
        },
        project,
        stack,
        true,
    );
    await pulumi.runtime.runInPulumiStack(() => Promise.resolve(require(join(root, "index.ts"))));
    await pulumi.runtime.disconnect();
    const digests = await Promise.all(
        Object.entries(found).map(async ([name, digest]) => [name, await digest] as const),
    );
    return Object.fromEntries(digests.filter((one): one is [string, string] => one[1] !== undefined));
}
