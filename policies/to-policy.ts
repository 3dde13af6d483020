import type {
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
} from "@pulumi/policy";
import { codeDigest, unproxied } from "./code-digest";
import { decide, type Judgement } from "./decide";
import { message } from "./message";
import type { ResourceView, Rule } from "./rule";
import { SETTINGS_SCHEMA, settingsOf } from "./settings";

const DOCS = "docs/policies.md";

/**
 * A rule as CrossGuard runs it: mandatory unless it only announces, with its two halves under one name. The SDK dispatches on the methods that are
 * there, so one object may carry both.
 */
export function toPolicy(rule: Rule): ResourceValidationPolicy & Partial<StackValidationPolicy> {
    const { check, checkStack } = rule;
    return {
        name: rule.id,
        description: rule.description,
        enforcementLevel: rule.level ?? "mandatory",
        severity: rule.severity,
        framework: { ...rule.framework },
        tags: [...rule.threats],
        remediationSteps: rule.fix,
        url: `${DOCS}#${rule.id}`,
        configSchema: { properties: Object.fromEntries(rule.reads.map((key) => [key, SETTINGS_SCHEMA[key]])) },
        ...(check && {
            validateResource: async (args: ResourceValidationArgs, report: ReportViolation) => {
                if (!appliesTo(rule, args.type)) return;
                const view = await viewOfResource(args);
                reportAll(
                    rule,
                    report,
                    () => check(view, settingsOf(args.getConfig())),
                    () => view,
                );
            },
        }),
        ...(checkStack && {
            validateStack: (args: StackValidationArgs, report: ReportViolation) => {
                const views = args.resources.map(viewOfStackResource);
                reportAll(rule, report, () => checkStack(views, settingsOf(args.getConfig())), undefined);
            },
        }),
    };
}

export function appliesTo(rule: Rule, type: string): boolean {
    return rule.types === "any" || rule.types.includes(type);
}

function reportAll(
    rule: Rule,
    report: ReportViolation,
    judge: () => readonly Judgement[],
    subject: (() => ResourceView) | undefined,
): void {
    const lines = decide(judge).map((finding) => {
        const resource = finding.resource ?? subject?.();
        return { text: message(rule, resource?.name ?? "stack", finding), urn: resource?.urn };
    });
    for (const { text, urn } of sortedUnique(lines)) report(text, urn);
}

function sortedUnique(lines: readonly { text: string; urn: string | undefined }[]): typeof lines {
    const seen = new Set<string>();
    return [...lines]
        .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
        .filter(({ text, urn }) => {
            const key = `${urn}\n${text}`;
            return !seen.has(key) && seen.add(key);
        });
}

async function viewOfResource(args: ResourceValidationArgs): Promise<ResourceView> {
    const code =
        args.type === "aws:lambda/function:Function" ? await codeDigest(unproxied(args.props).code) : undefined;
    return {
        type: args.type,
        name: args.name,
        urn: args.urn,
        props: args.props,
        opts: { protect: args.opts.protect, ignoreChanges: args.opts.ignoreChanges },
        ...(args.provider && { provider: args.provider }),
        ...(code !== undefined && { codeSha256: code }),
    };
}

function viewOfStackResource(resource: PolicyResource): ResourceView {
    const dependencies = Object.fromEntries(
        Object.entries(resource.propertyDependencies).map(([property, from]) => [property, from.map((r) => r.urn)]),
    );
    return {
        type: resource.type,
        name: resource.name,
        urn: resource.urn,
        props: resource.props,
        opts: { protect: resource.opts.protect, ignoreChanges: resource.opts.ignoreChanges },
        ...(resource.provider && { provider: resource.provider }),
        dependencies,
    };
}
