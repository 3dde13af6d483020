import { RULES } from "./rules";
import type { Rule } from "./rule";
import { type Settings, settingsOf } from "./settings";

/**
 * The engine's configuration of the pack, from one set of settings: each rule gets those that it reads, and is mandatory.
 *
 * @returns the content of a `--policy-pack-config` file
 */
export function packConfig(settings: Partial<Settings>): Record<string, unknown> {
    const full = settingsOf(settings);
    return Object.fromEntries(RULES.map((rule) => [rule.id, ruleConfig(rule, full)]));
}

function ruleConfig(rule: Rule, settings: Settings): Record<string, unknown> {
    return { enforcementLevel: "mandatory", ...Object.fromEntries(rule.reads.map((key) => [key, settings[key]])) };
}
