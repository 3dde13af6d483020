import type { Finding, ResourceView } from "./rule";

/** What a rule found, and on which resource where that is not the one it was asked about. */
export type Judgement = Finding & { readonly resource?: ResourceView };

/**
 * Runs a rule, for the pack and for the judge alike. A rule that throws has decided nothing, and under the engine a thrown error would
 * skip the rules after it: it is a violation of the rule itself.
 */
export function decide(run: () => readonly Judgement[]): readonly Judgement[] {
    try {
        return run();
    } catch (error) {
        const why = error instanceof Error ? error.message : "no message";
        return [{ at: "rule", saw: `the rule failed before it decided: ${why}` }];
    }
}
