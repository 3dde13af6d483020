import type { ResourceValidationPolicy } from "@pulumi/policy";
import { unproxied } from "./code-digest";

/**
 * What the engine keeps from analyzers: where a provider's plugin comes from, and whether it is parameterized, stand under
 * `__internal`, which only remediations are shown (`SkipInternalKeys` of the engine, measured). This one changes nothing that is
 * created: it copies the two into inputs of their own, at which provider-pinned stops the resource.
 */
export const providerInternals: ResourceValidationPolicy = {
    name: "provider-internals",
    description: "shows to provider-pinned what the engine hides from analyzers",
    enforcementLevel: "remediate",
    remediateResource: ({ type, props }) => {
        if (!type.startsWith("pulumi:providers:")) return undefined;
        // Past the proxy, or an unknown input beside it would end the remediation, and the pack would only say so.
        const inputs = unproxied(props);
        const internal = inputs["__internal"];
        if (typeof internal !== "object" || internal === null) return undefined;
        const shown = HIDDEN.filter((name) => name in internal);
        return shown.length === 0
            ? undefined
            : { ...inputs, ...Object.fromEntries(shown.map((name) => [name, "set"])) };
    },
};

const HIDDEN = ["pluginDownloadURL", "parameterization"];
