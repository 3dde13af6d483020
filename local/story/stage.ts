import type { OpenStack } from "../engine/automation";
import type { Cloud, Credentials } from "../cloud";

/** What the steps of the story share. */
export interface Stage {
    readonly project: string;
    readonly folder: string;
    readonly cloud: Cloud;
    readonly stack: OpenStack;
    readonly outputs: StackOutputs;
}

/** The stack's outputs as this story reads them; each is documented in docs/outputs.md. */
export interface StackOutputs {
    readonly logUrl: string;
    readonly logOrigin: string;
    readonly logVkey: string;
    readonly uploadsBucket: string;
    readonly resultsBucket: string;
    readonly namePrefix: string;
    readonly unattributedAlarm: string;
    readonly keyNames: readonly string[];
    readonly keys: Readonly<Record<string, KeyOutputs>>;
    readonly all: Readonly<Record<string, unknown>>;
}

export interface KeyOutputs {
    readonly arn: string;
    readonly spki: Uint8Array;
    readonly spkiSha256: string;
    readonly signerRoleArn: string;
    readonly signerFunction: string;
}

export function readOutputs(all: Record<string, unknown>): StackOutputs {
    const text = (name: string): string => {
        const value = all[name];
        if (typeof value !== "string") throw new Error(`output ${name} is ${typeof value}, expected a string`);
        return value;
    };
    const keyNames = all["keyNames"] as string[];
    const key = (name: string): KeyOutputs => ({
        arn: text(`${name}KeyArn`),
        spki: new Uint8Array(Buffer.from(text(`${name}SpkiBase64`), "base64")),
        spkiSha256: text(`${name}SpkiSha256`),
        signerRoleArn: text(`${name}SignerRoleArn`),
        signerFunction: text(`${name}SignerFunction`),
    });
    return {
        logUrl: text("logUrl"),
        logOrigin: text("logOrigin"),
        logVkey: text("logVkey"),
        uploadsBucket: text("uploadsBucket"),
        resultsBucket: text("resultsBucket"),
        namePrefix: text("namePrefix"),
        unattributedAlarm: text("unattributedAlarm"),
        keyNames,
        keys: Object.fromEntries(keyNames.map((name) => [name, key(name)])),
        all,
    };
}

/** Options of every SDK client here: one endpoint, given credentials, no retries that would hide a refusal. */
export function clientOptions(cloud: Cloud, credentials: Credentials) {
    return { endpoint: cloud.endpoint, region: cloud.region, credentials, maxAttempts: 1 };
}

/** Asks again until there is an answer. @throws if `seconds` pass without one */
export async function until<T>(what: string, seconds: number, ask: () => Promise<T | undefined>): Promise<T> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        if (performance.now() > deadline) throw new Error(`${what} did not happen within ${seconds} s`);
        await new Promise((resume) => setTimeout(resume, 100));
    }
}
