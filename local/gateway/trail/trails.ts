import type { TrailRecord } from "./record";

/**
 * Which trails are logging, and what they select.
 *
 * MiniStack keeps the trails; this follows the calls that change them, since its own trails deliver nothing.
 */
export interface Trails {
    /** A successful CloudTrail call of the account. */
    observe(accountId: string, operation: string, input: unknown): void;
    /** Whether some trail that is logging would deliver this record. */
    delivers(record: TrailRecord): boolean;
}

interface Trail {
    logging: boolean;
    selects: (record: TrailRecord) => boolean;
}

interface Selectors {
    EventSelectors?: {
        ReadWriteType?: string;
        IncludeManagementEvents?: boolean;
        ExcludeManagementEventSources?: string[];
    }[];
    AdvancedEventSelectors?: { FieldSelectors?: FieldSelector[] }[];
}

interface FieldSelector {
    Field?: string;
    Equals?: string[];
    NotEquals?: string[];
}

export function createTrails(): Trails {
    const trails = new Map<string, Trail>();
    return {
        observe: (accountId, operation, input) => {
            const args = (input ?? {}) as { Name?: string; TrailName?: string };
            const name = (args.Name ?? args.TrailName ?? "").replace(/^arn:.*:trail\//, "");
            const key = `${accountId}/${name}`;
            const trail = trails.get(key);
            if (operation === "CreateTrail") trails.set(key, { logging: false, selects: () => true });
            else if (operation === "DeleteTrail") trails.delete(key);
            else if (operation === "StartLogging" && trail) trail.logging = true;
            else if (operation === "StopLogging" && trail) trail.logging = false;
            else if (operation === "PutEventSelectors" && trail) trail.selects = selection(input as Selectors);
        },
        delivers: (record) =>
            [...trails].some(
                ([key, trail]) =>
                    key.startsWith(`${record.recipientAccountId}/`) && trail.logging && trail.selects(record),
            ),
    };
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html */
function selection(selectors: Selectors): Trail["selects"] {
    const advanced = selectors.AdvancedEventSelectors ?? [];
    if (advanced.length > 0) {
        return (record) =>
            advanced.some((selector) => (selector.FieldSelectors ?? []).every((field) => fieldMatches(field, record)));
    }
    return (record) =>
        (selectors.EventSelectors ?? []).some((selector) => {
            if (selector.IncludeManagementEvents === false) return false;
            if (selector.ExcludeManagementEventSources?.includes(record.eventSource)) return false;
            const type = selector.ReadWriteType ?? "All";
            return type === "All" || (type === "ReadOnly") === record.readOnly;
        });
}

/** Management events know only these three fields; any other belongs to selectors for other categories. */
function fieldMatches(field: FieldSelector, record: TrailRecord): boolean {
    const values: Readonly<Record<string, string>> = {
        eventCategory: record.eventCategory,
        eventSource: record.eventSource,
        readOnly: String(record.readOnly),
    };
    const value = Object.hasOwn(values, field.Field ?? "") ? values[field.Field!]! : undefined;
    if (value === undefined) return false;
    return (!field.Equals || field.Equals.includes(value)) && !(field.NotEquals ?? []).includes(value);
}
