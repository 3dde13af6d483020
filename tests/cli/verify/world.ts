import { randomFrom } from "../../support/random";
import { type CommandWithLog, commandWithLog } from "../command-with-log";
import { addHint, makeLog, registered, type Run, signModule, signRaw, type TestLog, testKey } from "../support";

/** A raw file and a module in one log, beside an entry of a key that nobody pins. */

export const RAW_INDEX = 270;
export const MODULE_INDEX = 5;
export const SIZE = 300;

export const key = testKey();
export const other = testKey();
export const content = randomFrom(1).bytes(3000);
export const module = Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, ...randomFrom(2).bytes(3000)]);
export const raw = signRaw(key, content);
export const kmod = signModule(key, module);
export const twin = signRaw(other, randomFrom(3).bytes(100));
export const leaves = new Map([
    [1, registered(key)],
    [MODULE_INDEX, kmod.leaf],
    [7, twin.leaf],
    [RAW_INDEX, raw.leaf],
]);
export const log: TestLog = makeLog(key, leaves, SIZE);
addHint(log, raw.artifact, RAW_INDEX);
addHint(log, kmod.artifact, MODULE_INDEX);

/** Options that say whom to trust; by default, the one key and the log. */
export interface Trusted {
    readonly key?: string;
    readonly vkey?: string;
    readonly url?: string;
}

export interface Verifying extends CommandWithLog {
    /** Arguments that name a file and what was signed of it. */
    readonly raw: readonly string[];
    readonly module: readonly string[];
    trust(instead?: Trusted): string[];
    /** With the default trust, and its answer as JSON. */
    verify(subject: readonly string[], ...more: string[]): Promise<Run>;
}

export function verifying(): Verifying {
    const command = commandWithLog(log);
    const { save } = command;
    const trust = ({
        key: pin = log.fingerprint,
        vkey = log.vkey,
        url = command.server.url,
    }: Trusted = {}): string[] => ["--key", pin, "--log-url", url, "--vkey", vkey];
    return Object.assign(command, {
        raw: [save("file.bin", content), "--signature", save("file.bin.sig", raw.signature)],
        module: [save("driver.signed.ko", kmod.signed)],
        trust,
        verify: (subject: readonly string[], ...more: string[]) =>
            command.run(["verify", ...subject, ...trust(), "--json", ...more]),
    });
}
