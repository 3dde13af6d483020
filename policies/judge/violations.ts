import { codeDigest } from "../code-digest";
import { settingsFor } from "../config";
import { decide, type Judgement } from "../decide";
import type { ResourceView, Rule } from "../rule";
import { RULES } from "../rules";
import { unknownCheckingProxy } from "../sdk-proxy";
import { type Settings, settingsOf } from "../settings";
import { appliesTo } from "../to-policy";

/** One thing that is wrong, for machines. */
export interface Violation {
    readonly rule: string;
    /** A notice stops nothing. */
    readonly level: "mandatory" | "advisory";
    readonly severity: string;
    readonly resource: string;
    readonly principal: string;
    readonly action: string;
    readonly target: string;
    readonly at: string;
    /** `principal -> action -> signer -> key`, or what there is of it. */
    readonly path: string;
    readonly threat: string;
    readonly saw: string;
    readonly fix: string;
}

/** What there is to judge: a resource with inputs, and outputs where they are known. */
export interface Judged {
    readonly view: ResourceView;
    readonly outputs: Record<string, unknown>;
    /** `user/NAME` or `group/NAME`, which has the document. Rules know roles by name, and call others the holder. */
    readonly holder?: string;
    /** Of a key's policy for which the settings have no signer: what to say where a rule misses the key's tag. */
    readonly unsigned?: string;
}

/** Those that stop: every rule's but those that only announce. */
export function stopping(violations: readonly Violation[]): readonly Violation[] {
    return violations.filter(({ level }) => level === "mandatory");
}

/**
 * Runs rules on resources, without engine. Sorted, each once.
 *
 * @param progress told how many resources are judged, of how many
 */
export async function judge(
    resources: readonly Judged[],
    settings: Settings,
    rules: readonly Rule[] = RULES,
    progress: (done: number, of: number) => void = () => undefined,
): Promise<Violation[]> {
    const found: Violation[] = [];
    const states = resources.flatMap(statesOf);
    for (const [done, { view, holder, unsigned }] of states.entries()) {
        progress(done, states.length);
        const code = view.type === "aws:lambda/function:Function" ? await codeDigest(view.props.code) : undefined;
        const seen = {
            ...view,
            props: unknownCheckingProxy(view.props),
            ...(code !== undefined && { codeSha256: code }),
        };
        for (const rule of rules.filter((one) => appliesTo(one, view.type))) {
            found.push(
                ...decide(() => rule.check?.(seen, settingsOf(settingsFor(rule, settings))) ?? []).map((one) =>
                    withSigner(withHolder(violation(rule, view.name, one), holder), unsigned, settings),
                ),
            );
        }
    }
    const all = resources.map(({ view, outputs }) => ({
        ...view,
        props: unknownCheckingProxy({ ...view.props, ...outputs }),
    }));
    for (const rule of rules) {
        const findings = decide(() => rule.checkStack?.(all, settingsOf(settingsFor(rule, settings))) ?? []);
        found.push(...findings.map((one) => violation(rule, one.resource?.name ?? "stack", one)));
    }
    return unique(found);
}

/**
 * A resource as the program asked for it and, where the cloud holds another value of what it asked for (a refresh saw it), as it is.
 * Outputs that are no inputs are what AWS computes: rules on one resource do not expect them.
 */
function statesOf({ view, outputs, ...about }: Judged): Omit<Judged, "outputs">[] {
    const drifted = Object.keys(view.props).filter(
        (name) => Object.hasOwn(outputs, name) && JSON.stringify(outputs[name]) !== JSON.stringify(view.props[name]),
    );
    if (drifted.length === 0) return [{ view, ...about }];
    const now = Object.fromEntries(drifted.map((name) => [name, outputs[name]]));
    return [view, { ...view, props: { ...view.props, ...now } }].map((one) => ({ view: one, ...about }));
}

function violation({ id, level, severity, fix, threats }: Rule, resource: string, finding: Judgement): Violation {
    const { principal = "", action = "", target = "", at, saw, threat = threats.join(" ") } = finding;
    const path = finding.path ?? [principal, action, target].filter((step) => step !== "");
    return {
        rule: id,
        level: level ?? "mandatory",
        severity,
        resource,
        principal,
        action,
        target,
        at,
        path: path.join(" -> "),
        threat,
        saw,
        fix,
    };
}

function withHolder(found: Violation, holder: string | undefined): Violation {
    if (holder === undefined) return found;
    const named = (text: string): string =>
        text.replaceAll("role/holder-of-the-document", holder).replaceAll("whoever holds the document", holder);
    return { ...found, principal: named(found.principal), path: named(found.path) };
}

function withSigner(found: Violation, unsigned: string | undefined, { signerTag }: Settings): Violation {
    if (unsigned === undefined || found.at !== `tags.${signerTag}`) return found;
    return { ...found, at: "signers[].keys of the settings", saw: unsigned };
}

function unique(found: readonly Violation[]): Violation[] {
    const texts = new Map(found.map((one) => [JSON.stringify(one), one]));
    return [...texts].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, one]) => one);
}
