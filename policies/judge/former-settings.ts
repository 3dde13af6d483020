import { partitionOf } from "../place";
import type { Settings } from "../settings";
import { programSettings } from "./program-settings";

/**
 * What this command would have proposed for the stack that a file of settings speaks of: its account, region, prefix and keys, read off
 * the file. Entries that equal it are this command's own, and go when the program no longer needs them; all others are somebody's.
 *
 * @param old as parsed, of any shape
 */
export function formerProposal(old: Readonly<Record<string, unknown>>): Partial<Settings> {
    const { accountId, regions, serviceRoles, signers } = old as Record<keyof Settings, unknown>;
    const region = texts(regions)[0];
    const prefix = texts(serviceRoles)
        .find((name) => name.endsWith("-uploads-rule"))
        ?.slice(0, -"-uploads-rule".length);
    if (typeof accountId !== "string" || region === undefined || prefix === undefined) return {};
    const roles = Array.isArray(signers) ? signers.map((one) => (one as { role?: unknown } | null)?.role) : [];
    const keys = texts(roles).flatMap((role) => {
        const [, name, version] = /^(.+)-v([1-9]\d*)-signer$/.exec(role.slice(`${prefix}-`.length)) ?? [];
        const isOfKey = role.startsWith(`${prefix}-`) && name !== undefined && name !== "log";
        return isOfKey ? [{ name, version: Number(version) }] : [];
    });
    return programSettings({
        prefix,
        accountId,
        region,
        partition: partitionOf(region),
        deployRole: "",
        keyAdmins: [],
        keys,
    });
}

function texts(value: unknown): string[] {
    return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}
