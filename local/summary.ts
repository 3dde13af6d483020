import type { StepTime } from "./progress";

/** What `npm run local -- --json` prints: documented in docs/local-run.md, stable. */
export interface Summary {
    readonly ok: boolean;
    readonly log: { readonly url: string; readonly origin: string; readonly vkey: string };
    readonly keys: readonly { readonly name: string; readonly arn: string; readonly spki: string }[];
    readonly deployed: {
        readonly resources: number;
        readonly types: number;
        readonly policies: number;
        readonly consumer: string;
    };
    readonly signed: readonly Signed[];
    readonly refused: readonly Refused[];
    readonly unattributed: Unattributed;
    readonly destroyRefused: string;
    readonly steps: readonly StepTime[];
    readonly emulated: readonly string[];
    readonly unproven: readonly string[];
}

export interface Signed {
    readonly file: string;
    readonly origin: string;
    readonly format: string;
    readonly output: string;
    readonly index: number;
    readonly record_hash: string;
    /** What each check said: ours, and OpenSSL's. */
    readonly checks: readonly { readonly by: string; readonly result: string }[];
}

export interface Refused {
    readonly caller: string;
    readonly action: string;
    /** AWS's error name, as the caller saw it. */
    readonly error: string;
    /** Who refused and why: the evaluator's decision and the statement, or the check before it. */
    readonly decision: string;
    readonly statement: string;
    /** What the same caller may do, and did. */
    readonly twin: string;
}

export interface Unattributed {
    readonly index: number;
    readonly kms_request_id: string;
    readonly seconds: number;
    readonly alarm: string;
}

export const EMULATED = [
    "AWS: every service answers on loopback (MiniStack 1.5.33 behind our gateway), as documented by AWS, not as AWS runs it",
    "KMS: private keys are in the memory of a process, not in an HSM",
    "CloudTrail: records are made from real requests by the gateway, and nobody but this run signs them",
    "CloudFront: one listener without a cache, without TLS",
] as const;

export const UNPROVEN = [
    "eventual consistency of IAM, KMS and S3; delivery delay and loss of events",
    "quotas, throttling, latency and price",
    "the real pulumi-aws provider's own validation",
    "encryption at rest: arguments are set and checked, nothing is encrypted here",
] as const;

export function printSummary(summary: Summary, out: NodeJS.WritableStream): void {
    const line = (text = "") => out.write(`${text}\n`);
    const { deployed, signed, refused, unattributed, steps } = summary;
    line();
    line(
        `Deployed ${deployed.resources} resources of ${deployed.types} types under ${deployed.policies} mandatory policies;`,
    );
    line(`  ${deployed.consumer}`);
    line();
    line("Signed, and proved by what anyone can read:");
    for (const file of signed) {
        line(`  ${file.file} (${file.format}; ${file.origin})`);
        line(`    -> ${file.output}`);
        line(`    entry ${file.index}, record ${file.record_hash}`);
        for (const { by, result } of file.checks) line(`    ${by}: ${result}`);
    }
    line();
    line("Refused, each beside something the same caller may do:");
    for (const one of refused) {
        line(`  ${one.caller}: ${one.action} -> ${one.error}`);
        line(`    ${one.decision}${one.statement === "" ? "" : `, by ${one.statement}`}; allowed: ${one.twin}`);
    }
    line();
    line("Remains possible, and shows: the deploy role replaced the signer's code and signed without a record;");
    line(
        `  after ${unattributed.seconds.toFixed(1)} s entry ${unattributed.index} says so, and the alarm is ${unattributed.alarm}`,
    );
    line();
    line(`destroy while protected: ${summary.destroyRefused}`);
    line();
    line(`Log ${summary.log.origin} at ${summary.log.url}`);
    line(`  ${summary.log.vkey}`);
    line();
    line("Emulated:");
    for (const text of summary.emulated) line(`  ${text}`);
    line("Not proved here (docs/unproven.md says how to check it on AWS):");
    for (const text of summary.unproven) line(`  ${text}`);
    line();
    const total = steps.reduce((sum, { seconds }) => sum + seconds, 0);
    line(
        `Time: ${steps.map(({ name, seconds }) => `${name} ${seconds.toFixed(1)} s`).join(", ")}; ${total.toFixed(1)} s in all`,
    );
}
