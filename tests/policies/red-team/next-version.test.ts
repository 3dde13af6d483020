/**
 * The next version of a key, as a user adds it: one entry in the stack's configuration, judged with the settings of before and with those that
 * `npm run policy -- settings` proposes.
 */
import { beforeAll, expect, it } from "vitest";
import { programSettings } from "../../../policies/judge/program-settings";
import type { Settings } from "../../../policies/settings";
import { record, type Recording, stackConfig } from "../../support/record-harness";
import { saidOf } from "../../support/recorded";

interface KeyEntry {
    readonly name: string;
    readonly version: number;
}

const config = stackConfig("local");
const keys = config["countersign:keys"] as readonly KeyEntry[];
const more = [...keys, { ...keys.find(({ name }) => name === "files")!, version: 2 }];
const unpinnedCode = "a test";

let recording: Recording;
beforeAll(async () => void (recording = await record({ config: { ...config, "countersign:keys": more } })), 120_000);

function settingsFor(entries: readonly KeyEntry[]): Partial<Settings> {
    const proposed = programSettings({
        prefix: "countersign-local",
        accountId: config["countersign:accountId"] as string,
        region: "eu-west-1",
        partition: "aws",
        deployRole: config["countersign:deployRole"] as string,
        keyAdmins: config["countersign:keyAdmins"] as string[],
        keys: entries,
    });
    return { ...proposed, unpinnedCode };
}

it("is made", () => {
    expect(recording.errors).toEqual([]);
    expect(recording.records.filter(({ type }) => type === "aws:kms/key:Key").map(({ name }) => name)).toContain(
        "files-v2",
    );
});

it("passes with the settings that are proposed for it", async () => {
    const said = await saidOf(recording, settingsFor(more));
    expect(said.filter(({ level }) => level === 1).map(({ message }) => message)).toEqual([]);
});

it("is refused with the settings of before, which have no such signer", async () => {
    const said = (await saidOf(recording, settingsFor(keys))).filter(({ level }) => level === 1);
    expect(said.map(({ policy }) => policy)).toEqual(
        expect.arrayContaining(["kms-sign-exclusive", "iam-signer-trust-exact"]),
    );
    expect(
        said.some(({ message }) =>
            message.includes("a role that is no signer in the pack's settings, expected one of `signers`"),
        ),
    ).toBe(true);
});
