import type { Settings } from "./settings";

export type Severity = "low" | "medium" | "high" | "critical";

export interface Framework {
    readonly name: string;
    readonly version: string;
    readonly reference: string;
    readonly specification: string;
}

/** One cause of a violation. `at` and `saw` reach people: names, actions and numbers only, never a value that may be secret. */
export interface Finding {
    /** Where: a property, or a pointer into a document, `policy Statement[2].Action[0]`. */
    readonly at: string;
    /** What was seen, and what was expected. */
    readonly saw: string;
    /** Who could do what to which target; `path` holds the steps where there is more than one. */
    readonly principal?: string;
    readonly action?: string;
    readonly target?: string;
    readonly path?: readonly string[];
    readonly threat?: string;
}

/** What a rule sees of one resource; `props` are inputs at resource level, outputs at stack level. Read them by `read`. */
export interface ResourceView {
    readonly type: string;
    readonly name: string;
    readonly urn: string;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    readonly props: Record<string, any>;
    readonly opts: { readonly protect: boolean; readonly ignoreChanges: readonly string[] };
    readonly provider?: ProviderView;
    /** Of a function: SHA-256 of its one file `__index.js`, hex. Absent if there is another file, or none. */
    readonly codeSha256?: string;
    /** Stack level only: input property -> URNs it came from. Known even where the value is not. */
    readonly dependencies?: Readonly<Record<string, readonly string[]>>;
}

export interface ProviderView {
    readonly type: string;
    readonly name: string;
    // eslint-disable-next-line @typescript-eslint/no-explicit-any
    readonly props: Record<string, any>;
}

export interface Rule {
    /** Equals the file name and the policy's name. */
    readonly id: string;
    readonly description: string;
    readonly severity: Severity;
    /** Mandatory unless it only announces. */
    readonly level?: "advisory";
    readonly framework: Framework;
    /** Numbers in the catalogue of docs/policies.md. */
    readonly threats: readonly string[];
    /** Exact type tokens, or every type. */
    readonly types: readonly string[] | "any";
    readonly fix: string;
    /** What the rule cannot decide, or only too late; for docs. */
    readonly limits?: string;
    /** Keys of the settings that the rule reads. */
    readonly reads: readonly (keyof Settings)[];
    /** Examples that docs print and tests run; `type` defaults to the first of `types`. */
    readonly good: Example;
    readonly bad: Example;
    readonly check?: (resource: ResourceView, settings: Settings) => readonly Finding[];
    readonly checkStack?: (resources: readonly ResourceView[], settings: Settings) => readonly StackFinding[];
}

export interface StackFinding extends Finding {
    readonly resource: ResourceView;
}

export interface Example {
    readonly type?: string;
    readonly name?: string;
    readonly props: Readonly<Record<string, unknown>>;
    readonly protect?: boolean;
    readonly provider?: ProviderView;
    readonly ignoreChanges?: readonly string[];
    /** Of a function: text of its one file `__index.js`. */
    readonly code?: string;
    /** Stack level: the other resources. */
    readonly among?: readonly Example[];
}

export const NIST_KEY_MANAGEMENT: Framework = {
    name: "NIST SP 800-57 Part 1",
    version: "Revision 5",
    reference: "section 5.3, 6.1",
    specification: "keys are protected against use by anyone but the authorized entity over their whole life",
};

export const NIST_LEAST_PRIVILEGE: Framework = {
    name: "NIST SP 800-53",
    version: "Revision 5",
    reference: "AC-6",
    specification: "access is the least that a duty needs",
};

export const NIST_CONFIGURATION: Framework = {
    name: "NIST SP 800-53",
    version: "Revision 5",
    reference: "CM-6",
    specification: "settings of components are the documented ones, and deviations are found",
};
