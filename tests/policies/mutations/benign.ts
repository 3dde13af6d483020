import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ACCOUNT, type Json, type Program, withStatement } from "./program";
import type { Settings } from "../../../policies/settings";
import type { Registered } from "../../support/pack-process";

/** A change that must raise nothing. */
export interface Benign {
    readonly threat: string;
    readonly name: string;
    readonly change: (program: Program) => readonly Registered[];
    readonly settings?: Partial<Settings>;
    /** Notices that may come, and nothing else. */
    readonly notices?: boolean;
}

export const grants = (threat: string, name: string, statement: Json): Benign => ({
    threat,
    name,
    change: (program) => [withStatement(program, statement)],
});

/** Actions that the pack does not know, as somebody reviewed them. */
export const extraActions = (...names: string[]): Partial<Settings> => ({
    extraActions: names.map((name) => ({ name, reason: "reviewed: on nothing that the signers need" })),
});

/** Those of the program, which this setting replaces. */
export const REFERRERS = (
    JSON.parse(readFileSync(join(__dirname, "..", "..", "..", "policies", "settings.local.json"), "utf8")) as Settings
).signerReferrers;

export const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key`;
