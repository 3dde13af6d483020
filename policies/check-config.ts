import { RULES } from "./rules";
import { SETTINGS_SCHEMA, type Settings } from "./settings";
import { settingsProblems } from "./settings-check";

/**
 * Whether a `--policy-pack-config` file leaves every rule as it was written. A pack cannot see its own level: with
 * `{"all": "disabled"}` it would say nothing at all.
 *
 * @returns what weakens it, as sentences
 */
export function weaknesses(config: unknown): string[] {
    if (typeof config !== "object" || config === null || Array.isArray(config)) return ["the file is no JSON object"];
    const entries = config as Record<string, unknown>;
    const known = RULES.map(({ id }) => id);
    const names = Object.keys(entries);
    if (names.some((one) => Object.hasOwn(SETTINGS_SCHEMA, one)) && !names.some((one) => known.includes(one)))
        return ["these are settings, expected what `npm run -s policy -- config --settings FILE` makes of them"];
    const strange = Object.keys(entries).filter((id) => id !== "all" && !known.includes(id));
    const all = levelOf(entries.all);
    return [
        ...(entries.all === undefined || all === "mandatory"
            ? []
            : [`all is ${shown(all)}, expected mandatory or absent`]),
        ...strange.map((id) => `${shown(id)} is no rule of the pack`),
        ...RULES.flatMap(({ id, level: own = "mandatory", reads }) => {
            const entry = entries[id];
            const level = levelOf(entry) ?? (entry === undefined ? undefined : own);
            if (entry === undefined)
                return reads.length > 0 ? [`${id} is not configured, so it would judge without settings`] : [];
            return level === own || level === "mandatory" ? [] : [`${id} is ${shown(level)}, expected ${own}`];
        }),
        ...settingsWeaknesses(entries),
    ];
}

function levelOf(entry: unknown): unknown {
    if (typeof entry === "string") return entry;
    return typeof entry === "object" && entry !== null
        ? (entry as { enforcementLevel?: unknown }).enforcementLevel
        : undefined;
}

function settingsWeaknesses(entries: Record<string, unknown>): string[] {
    const seen = new Map<string, string>();
    const found: string[] = [];
    for (const { id, reads } of RULES) {
        const entry = entries[id];
        if (typeof entry !== "object" || entry === null) continue;
        const { enforcementLevel: _level, ...given } = entry as Record<string, unknown>;
        found.push(...settingsProblems(given).map((problem) => `${id}: ${problem}`));
        for (const key of reads) {
            const text = JSON.stringify(given[key]);
            if (text === undefined) {
                found.push(`${id} is not given ${key}`);
                continue;
            }
            const other = seen.get(key);
            if (other !== undefined && other !== text) found.push(`${id} is given another ${key} than other rules`);
            seen.set(key, other ?? text);
        }
    }
    return [...found, ...openSettings((key) => parsed(seen.get(key)))];
}

function parsed(text: string | undefined): unknown {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
}

/** Settings that leave a rule nothing to judge by. */
function openSettings(setting: (key: keyof Settings) => unknown): string[] {
    const empty = (["signers", "keyAdmins", "controlTables", "deployRole", "accountId", "regions"] as const).filter(
        (key) => {
            const value = setting(key);
            return value === undefined || (value as string | readonly unknown[]).length === 0;
        },
    );
    // A signer without codeSha256 is not among them: without unpinnedCode, whatever would run as it is refused.
    const isUnpinned =
        (setting("checkers") as readonly unknown[] | undefined)?.length === 0 && setting("unpinnedCode") === "";
    return [
        ...empty.map((key) => `${key} is empty`),
        ...(isUnpinned
            ? ["checkers is empty, so nothing pins the code that decides what is signed; unpinnedCode gives a reason"]
            : []),
    ];
}

function shown(value: unknown): string {
    return typeof value === "string" && /^[\w-]{1,64}$/.test(value) ? value : "something else";
}
