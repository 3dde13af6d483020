import { type Refusal, refusal } from "../refusal";
import type { TrailRecord } from "./record";

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html: one of the two. */
export interface EventSelectors {
    readonly EventSelectors?: readonly BasicSelector[];
    readonly AdvancedEventSelectors?: readonly AdvancedSelector[];
}

interface BasicSelector {
    readonly ReadWriteType: "All" | "ReadOnly" | "WriteOnly";
    readonly IncludeManagementEvents: boolean;
    readonly DataResources: readonly unknown[];
    readonly ExcludeManagementEventSources: readonly string[];
}

interface AdvancedSelector {
    readonly Name?: string;
    readonly FieldSelectors: readonly FieldSelector[];
}

interface FieldSelector {
    readonly Field: string;
    readonly Equals?: readonly string[];
    readonly NotEquals?: readonly string[];
}

const BASIC: BasicSelector = {
    ReadWriteType: "All",
    IncludeManagementEvents: true,
    DataResources: [],
    ExcludeManagementEventSources: [],
};

/** What a new trail selects: every management event. */
export const DEFAULT_SELECTORS: EventSelectors = { EventSelectors: [BASIC] };

export function readSelectors(input: Readonly<Record<string, unknown>>): EventSelectors | Refusal {
    const bad = (message: string): Refusal => refusal("InvalidEventSelectorsException", message);
    const basic = input["EventSelectors"] as Partial<BasicSelector>[] | undefined;
    const advanced = input["AdvancedEventSelectors"] as Partial<AdvancedSelector>[] | undefined;
    if ((basic === undefined) === (advanced === undefined)) {
        return bad(
            "You must select events by using either EventSelectors or AdvancedEventSelectors, but you cannot use both.",
        );
    }
    if (basic) {
        if (!Array.isArray(basic) || basic.length < 1 || basic.length > 5)
            return bad("Specify a valid number of selectors (1 to 5) for your trail");
        const types = ["All", "ReadOnly", "WriteOnly"];
        if (!basic.every(({ ReadWriteType = "All" }) => types.includes(ReadWriteType)))
            return bad("ReadWriteType must be All, ReadOnly or WriteOnly");
        return { EventSelectors: basic.map((selector) => ({ ...BASIC, ...selector })) };
    }
    if (!Array.isArray(advanced) || advanced.length === 0)
        return bad("Specify between 1 and 500 selectors for your trail.");
    const good = advanced.every((selector) =>
        (selector.FieldSelectors ?? []).some(({ Field, Equals }) => Field === "eventCategory" && Equals?.length === 1),
    );
    return good
        ? { AdvancedEventSelectors: advanced as AdvancedSelector[] }
        : bad("Every advanced event selector must select by eventCategory.");
}

/** Whether a management event passes. */
export function selects(selectors: EventSelectors, record: TrailRecord): boolean {
    const basic = (selectors.EventSelectors ?? []).some(
        (selector) =>
            selector.IncludeManagementEvents &&
            !selector.ExcludeManagementEventSources.includes(record.eventSource) &&
            (selector.ReadWriteType === "All" || (selector.ReadWriteType === "ReadOnly") === record.readOnly),
    );
    return (
        basic ||
        (selectors.AdvancedEventSelectors ?? []).some((selector) =>
            selector.FieldSelectors.every((field) => matches(field, record)),
        )
    );
}

/** Selectors for management events know only these three fields; any other belongs to another category. */
function matches(field: FieldSelector, record: TrailRecord): boolean {
    const values: Readonly<Record<string, string>> = {
        eventCategory: record.eventCategory,
        eventSource: record.eventSource,
        readOnly: String(record.readOnly),
    };
    const value = Object.hasOwn(values, field.Field) ? values[field.Field]! : undefined;
    if (value === undefined) return false;
    return (field.Equals?.includes(value) ?? true) && !field.NotEquals?.includes(value);
}
