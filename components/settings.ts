import type * as pulumi from "@pulumi/pulumi";
import { quote } from "../lib/encoding";
import { codedError } from "../lib/errors";
import type { KeySpec } from "../lib/kms/specs";
import { namesOf } from "./names";
import type { TenantArgs } from "./pipeline-args";
import type { ObjectLock } from "./private-bucket";
import { defaultPrefix } from "./scope";

/** Configuration of the program, as Pulumi.yaml describes it. What a component can check itself, it checks. */
export interface Settings {
    readonly accountId: string;
    readonly region: string;
    readonly namePrefix: string;
    readonly owner: string;
    readonly deployRole: string;
    readonly keyAdmins: string[];
    readonly logOrigin: string;
    readonly bootstrapLog: boolean;
    readonly graceSeconds: number;
    readonly tenants: TenantArgs[];
    readonly keys: KeySettings[];
    readonly certificates: Record<string, string>;
    readonly objectLock: ObjectLock;
}

export interface KeySettings {
    readonly name: string;
    readonly version: number;
    readonly spec: KeySpec;
    readonly formats: string[];
    readonly algorithm: string;
}

/** Names that outputs use for the stack's own keys: `logKeyArn`, `dataKeyArn`. */
const RESERVED_KEYS: readonly string[] = ["log", "data"];

/** @throws BadConfig, BadName; and Pulumi's own error for a required key that is missing */
export function readSettings(config: pulumi.Config): Settings {
    const settings: Settings = {
        accountId: config.require("accountId"),
        region: config.get("region") ?? "eu-west-1",
        namePrefix: config.get("namePrefix") || defaultPrefix(),
        owner: config.require("owner"),
        deployRole: config.require("deployRole"),
        keyAdmins: config.requireObject("keyAdmins"),
        logOrigin: config.require("logOrigin"),
        bootstrapLog: config.getBoolean("bootstrapLog") ?? false,
        graceSeconds: config.getNumber("graceSeconds") ?? 300,
        tenants: config.getObject("tenants") ?? [],
        keys: config.requireObject("keys"),
        certificates: config.getObject("certificates") ?? {},
        objectLock: config.requireObject("objectLock"),
    };
    checkSettings(settings);
    return settings;
}

/** @throws BadConfig, BadName */
export function checkSettings(settings: Settings): void {
    if (!/^\d{12}$/.test(settings.accountId)) {
        throw codedError("BadConfig", `accountId ${quote(settings.accountId)} is not 12 digits`);
    }
    namesOf(settings.namePrefix);
    checkKeys(settings.keys);
    checkLock(settings.objectLock);
}

/** The version of each key that signs: the highest. Older ones stay, and nothing can use them. */
export function currentKeys<T extends { readonly keyName: string; readonly version: number }>(keys: readonly T[]): T[] {
    return keys.filter(({ keyName, version }) =>
        keys.every((other) => other.keyName !== keyName || other.version <= version),
    );
}

function checkKeys(keys: readonly KeySettings[]): void {
    const seen = new Set<string>();
    for (const { name, version } of keys) {
        if (RESERVED_KEYS.includes(name)) {
            throw codedError("BadConfig", `key name ${quote(name)} is the stack's own, expected another`);
        }
        const id = `${name}-v${version}`;
        if (seen.has(id)) throw codedError("BadConfig", `key ${quote(id)} is given twice, expected another version`);
        seen.add(id);
    }
}

function checkLock({ mode, days }: ObjectLock): void {
    if (mode !== "GOVERNANCE" && mode !== "COMPLIANCE") {
        throw codedError("BadConfig", `objectLock mode ${quote(mode)}, expected GOVERNANCE or COMPLIANCE`);
    }
    if (!Number.isSafeInteger(days) || days < 1) {
        throw codedError("BadConfig", `objectLock days ${quote(days)}, expected a whole number from 1`);
    }
}
