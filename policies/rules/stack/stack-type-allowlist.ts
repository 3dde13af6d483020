import { type Finding, NIST_CONFIGURATION, type ProviderView, type Rule } from "../../rule";
import { AWS_TYPES } from "../../aws-types";

/** Components; their children are judged one by one. */
const OURS = /^countersign:index:[A-Za-z]+$/;

export const stackTypeAllowlist: Rule = {
    id: "stack-type-allowlist",
    description: "only resource types whose every input the pack can judge",
    severity: "critical",
    framework: NIST_CONFIGURATION,
    threats: ["T67", "T82"],
    types: "any",
    fix: "use a type that the pack knows; another goes into extraTypes with a reason, if no input of it takes a role, function, key, template or command",
    reads: ["extraTypes"],
    good: { type: "aws:kms/key:Key", props: {} },
    bad: { type: "aws:cloudformation/stack:Stack", props: {} },
    check: ({ type, provider }, { extraTypes }): Finding[] => {
        if (AWS_TYPES.includes(type) || OURS.test(type)) return foreignProvider(provider);
        if (type === "pulumi:pulumi:Stack" || type === "pulumi:providers:aws") return [];
        if (extraTypes.some((one) => one.type === type && one.reason !== "")) return [];
        const shown = /^[\w:/.-]{1,100}$/.test(type) ? type : "a type that is no token";
        return [{ at: "type", saw: `${shown} is not on the list`, ...(type.startsWith("aws:") && { threat: "T82" }) }];
    },
};

function foreignProvider(provider: ProviderView | undefined): Finding[] {
    return provider === undefined || provider.type === "pulumi:providers:aws"
        ? []
        : [{ at: "provider", saw: "another package's provider, expected pulumi:providers:aws" }];
}
