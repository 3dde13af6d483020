import type { EngineEvent, OpMap } from "@pulumi/pulumi/automation";

/** What a caller shows while the engine works. */
export type StackEvent =
    | { kind: "started" | "done" | "failed"; operation: string; type: string; name: string; urn: string }
    | { kind: "message"; severity: "info" | "warning" | "error"; text: string; urn?: string }
    | { kind: "violation"; violation: Violation };

export interface Violation {
    rule: string;
    level: "warning" | "mandatory";
    message: string;
    urn: string | undefined;
}

/** What one run of the engine said, kept for the result and for the error. */
export interface RunRecord {
    changes: OpMap;
    violations: Violation[];
    errors: string[];
    urns: Record<string, string[]>;
}

export function emptyRecord(): RunRecord {
    return { changes: {}, violations: [], errors: [], urns: {} };
}

/** The engine also sends "debug", a line for each call of the program. */
const LEVELS: { readonly [severity: string]: "info" | "warning" | "error" } = {
    info: "info",
    "info#err": "info",
    warning: "warning",
    error: "error",
};

/** A warning of the engine for each run: it takes our analyzer shim from PATH, as it should. */
const OUR_PLUGINS = /^using pulumi-\S+ from \$PATH at /;

/** Adds one event of the engine to the record, and gives its short form, if it has one. */
export function note(record: RunRecord, event: EngineEvent): StackEvent | undefined {
    if (event.resourcePreEvent) {
        return step("started", event.resourcePreEvent.metadata);
    }
    if (event.resOutputsEvent) {
        const { op, urn } = event.resOutputsEvent.metadata;
        (record.urns[op] ??= []).push(urn);
        return step("done", event.resOutputsEvent.metadata);
    }
    if (event.resOpFailedEvent) {
        return step("failed", event.resOpFailedEvent.metadata);
    }
    if (event.policyEvent) {
        const { policyName, enforcementLevel, message, resourceUrn } = event.policyEvent;
        const violation = {
            rule: policyName,
            level: enforcementLevel,
            message: plain(message),
            urn: resourceUrn || undefined,
        };
        record.violations.push(violation);
        return { kind: "violation", violation };
    }
    if (event.diagnosticEvent && !event.diagnosticEvent.ephemeral) {
        const { severity, message, urn } = event.diagnosticEvent;
        const level = LEVELS[severity];
        if (level === undefined) {
            return undefined;
        }
        const text = plain(message);
        if (OUR_PLUGINS.test(text)) {
            return undefined;
        }
        if (level === "error") {
            record.errors.push(urn ? `${nameOf(urn)}: ${text}` : text);
        }
        return text === "" ? undefined : { kind: "message", severity: level, text, ...(urn ? { urn } : {}) };
    }
    if (event.summaryEvent) {
        record.changes = event.summaryEvent.resourceChanges;
    }
    return undefined;
}

function step(
    kind: "started" | "done" | "failed",
    { op, type, urn }: { op: string; type: string; urn: string },
): StackEvent {
    return { kind, operation: op, type, name: nameOf(urn), urn };
}

function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? urn;
}

/** Without the engine's colour marks `<{%reset%}>`. */
function plain(message: string): string {
    return message.replace(/<\{%[^%]*%\}>/g, "").trim();
}
