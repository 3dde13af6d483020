import { judge } from "../judge/violations";
import type { Example, Rule } from "../rule";
import { RULES } from "../rules";
import { EXAMPLE_SETTINGS } from "../rules/example";
import { DEFAULT_SETTINGS, settingsOf, type Settings } from "../settings";
import { type Documented, interfacesOf } from "./settings-text";
import { CHECKS, THREATS } from "./threats";

/** Sources that docs/policies.md is made from, as text. */
export interface Sources {
    /** policies/docs/guide.md: what people do with the pack. */
    readonly guide: string;
    /** policies/settings.ts, for its comments. */
    readonly settings: string;
}

/** docs/policies.md. The same sources give the same text. */
export async function page({ guide, settings }: Sources): Promise<string> {
    const rules = await Promise.all(RULES.map(ruleSection));
    return [
        guide.trim(),
        "## Settings\n\n" + settingsSection(interfacesOf(settings)),
        "## Rules\n\n" + overview(),
        ...rules,
        "## Threats\n\nThe [mutants](mutants.md) of each threat are listed with the rule that kills them.\n\n" +
            threatSection(),
        "",
    ].join("\n\n");
}

function settingsSection(interfaces: ReadonlyMap<string, readonly Documented[]>): string {
    const main = (interfaces.get("Settings") ?? []).map(({ name, type, text }) => {
        const readers = RULES.filter(({ reads }) => reads.includes(name as keyof Settings)).length;
        const initial = JSON.stringify(DEFAULT_SETTINGS[name as keyof Settings]);
        return [`\`${name}\``, code(type), text, code(initial), String(readers)];
    });
    const others = [...interfaces].filter(([name]) => name !== "Settings");
    return [
        "One JSON file, trusted base: reviewed like code, with owners. Everything that is left out has its default, and every default",
        "is closed. Unknown members are refused.\n",
        table(["Setting", "Type", "Content", "Default", "Rules"], main),
        ...others.map(
            ([name, members]) =>
                `\n### ${name}\n\n` +
                table(
                    ["Member", "Type", "Content"],
                    members.map((member) => [`\`${member.name}\``, code(member.type), member.text]),
                ),
        ),
    ].join("\n");
}

function overview(): string {
    const rows = RULES.map((rule) => [
        `[${rule.id}](#${rule.id})`,
        rule.severity,
        rule.level ?? "mandatory",
        halves(rule),
        rule.description,
    ]);
    return table(["Rule", "Severity", "Level", "Sees", "Enforces"], rows);
}

/** A resource half stops a resource before it is made; what only a stack half finds, `up` finds when all is made. */
function halves({ check, checkStack }: Rule): string {
    return [...(check ? ["each resource"] : []), ...(checkStack ? ["the stack"] : [])].join(", ");
}

async function ruleSection(rule: Rule): Promise<string> {
    const { id, description, framework, threats, types, fix, limits, reads, good, bad } = rule;
    const shown = types === "any" ? "any" : types.map(code).join(", ");
    return [
        `### ${id}`,
        `${description[0]!.toUpperCase()}${description.slice(1)}.`,
        [
            `- Against: ${threats.join(", ")}`,
            `- After: ${framework.name} ${framework.version}, ${framework.reference}: ${framework.specification}`,
            `- Types: ${shown}`,
            ...(reads.length > 0 ? [`- Settings: ${reads.map(code).join(", ")}`] : []),
            `- Fix: ${fix}`,
            ...(limits === undefined ? [] : [`- Limits: ${limits}`]),
        ].join("\n"),
        await examples(rule, good, bad),
    ].join("\n\n");
}

async function examples(rule: Rule, good: Example, bad: Example): Promise<string> {
    const saw = await sawOf(rule, bad);
    return [
        "<details><summary>Refused, and accepted</summary>",
        fenced(written(rule, bad, good)),
        `${saw[0]!.toUpperCase()}${saw.slice(1)}. Accepted:`,
        fenced(written(rule, good, bad)),
        "</details>",
    ].join("\n\n");
}

/** What the rule says of its bad example, as `npm run policy` would. */
async function sawOf(rule: Rule, bad: Example): Promise<string> {
    const type = typeOf(rule, bad);
    const view = {
        type,
        name: bad.name ?? "example",
        urn: `urn:pulumi:dev::countersign::${type}::${bad.name ?? "example"}`,
        props: {
            ...bad.props,
            ...(bad.code !== undefined && { code: { assets: { "__index.js": { text: bad.code } } } }),
        },
        opts: { protect: bad.protect ?? false, ignoreChanges: bad.ignoreChanges ?? [] },
        ...(bad.provider && { provider: bad.provider }),
    };
    const [first] = await judge([{ view, outputs: {} }], settingsOf(EXAMPLE_SETTINGS), [rule]);
    if (first === undefined) throw new Error(`${rule.id} accepts its bad example`);
    return `at \`${first.at}\`: ${first.saw}`;
}

function typeOf({ types }: Rule, { type }: Example): string {
    return type ?? (types === "any" ? "aws:kms/key:Key" : types[0]!);
}

/** An example as JSON, documents opened. Statements that its twin has as well are only counted. */
function written(rule: Rule, example: Example, twin: Example): string {
    const other = new Set(statementsOf(twin.props.policy).map((one) => JSON.stringify(one)));
    const props = Object.entries(example.props).map(([key, value]) => [key, opened(value, other)]);
    const { protect, ignoreChanges, code: source } = example;
    return JSON.stringify(
        {
            type: typeOf(rule, example),
            ...Object.fromEntries(props),
            ...(source !== undefined && { code: source }),
            ...((protect || ignoreChanges) && { opts: { protect, ignoreChanges } }),
        },
        null,
        2,
    );
}

function statementsOf(document: unknown): readonly unknown[] {
    if (typeof document !== "string" || !document.startsWith("{")) return [];
    const { Statement = [] } = JSON.parse(document) as { Statement?: unknown };
    return Array.isArray(Statement) ? Statement : [Statement];
}

function opened(value: unknown, other: ReadonlySet<string>): unknown {
    // A document with a member twice would lose one by parsing; it is shown as it is.
    if (typeof value !== "string" || !value.startsWith("{") || JSON.stringify(JSON.parse(value)) !== value)
        return value;
    const document = JSON.parse(value) as Record<string, unknown>;
    const statements = statementsOf(value);
    const own = statements.filter((one) => !other.has(JSON.stringify(one)));
    const common = statements.length - own.length;
    if (common < 3) return document;
    return { ...document, Statement: [...own, `${common} statements that both examples have`] };
}

function threatSection(): string {
    const rows = Object.entries(THREATS).map(([threat, text]) => {
        const rules = RULES.filter(({ threats }) => threats.includes(threat)).map(({ id }) => `[${id}](#${id})`);
        return [threat, text, rules.join(", "), CHECKS[threat] ?? ""];
    });
    return table(["Threat", "What", "Rules", "Other checks"], rows);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replace(/\|/g, "\\|")).join(" | ")} |`;
    return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}

function code(text: string): string {
    return `\`${text}\``;
}

function fenced(text: string): string {
    return `\`\`\`json\n${text}\n\`\`\``;
}
