import { RULES } from "./rules";
import type { Rule } from "./rule";
import { type Settings, settingsOf } from "./settings";

/**
 * The engine's configuration of the pack, from one set of settings: each rule gets those that it reads, and has the level that it was
 * written with.
 *
 * @returns the content of a `--policy-pack-config` file
 */
export function packConfig(settings: Partial<Settings>): Record<string, unknown> {
    return Object.fromEntries(
        RULES.map((rule) => [rule.id, { enforcementLevel: rule.level ?? "mandatory", ...settingsFor(rule, settings) }]),
    );
}

/** What one rule is given. */
export function settingsFor({ reads }: Rule, settings: Partial<Settings>): Partial<Settings> {
    const full = settingsOf(settings);
    return Object.fromEntries(reads.map((key) => [key, full[key]]));
}
