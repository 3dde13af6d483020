import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cloud, type Credentials, startCloud } from "../../local/cloud";

/** A local cloud with nothing deployed, and the folder that it works in. */
export interface TestCloud {
    readonly folder: string;
    readonly cloud: Cloud;
    /** Both are gone then. */
    stop(): Promise<void>;
}

/** @param keyPool key pairs that are made ahead, by spec: for tests that make many keys */
export async function startTestCloud(keyPool: Readonly<Record<string, number>> = {}): Promise<TestCloud> {
    const folder = await mkdtemp(join(tmpdir(), "countersign-test-"));
    const remove = () => rm(folder, { recursive: true, force: true });
    try {
        const cloud = await startCloud({ workDir: folder, keyPool });
        const stop = async () => {
            await cloud.stop();
            await remove();
        };
        return { folder, cloud, stop };
    } catch (error) {
        await remove();
        throw error;
    }
}

/**
 * Gives this process what Lambda gives a function with these credentials.
 *
 * @returns puts back what was there before
 */
export function enterLambda({ endpoint, region }: Cloud, credentials: Credentials): () => void {
    const names = {
        AWS_ENDPOINT_URL: endpoint,
        AWS_REGION: region,
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        AWS_SESSION_TOKEN: credentials.sessionToken,
    };
    const saved = Object.keys(names).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, names);
    return () => {
        for (const [name, value] of saved) {
            if (value === undefined) delete process.env[name];
            else process.env[name] = value;
        }
    };
}
