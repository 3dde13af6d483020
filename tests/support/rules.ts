import type { ReportViolation, ResourceValidationArgs } from "@pulumi/policy";
import { unknownCheckingProxy } from "@pulumi/policy";
import { asset } from "@pulumi/pulumi";
import { settingsFor } from "../../policies/config";
import type { Example, Rule } from "../../policies/rule";
import { EXAMPLE_SETTINGS } from "../../policies/rules/example";
import { toPolicy } from "../../policies/to-policy";
import type { Settings } from "../../policies/settings";

/** What the SDK hands over where a string is not known yet (`proxy.js` of @pulumi/policy). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * A rule's violations on hand-made inputs, through the policy that the pack registers and the SDK's own proxy.
 * Proves nothing about the engine: that is tests/pack and tests/engine.
 */
export async function violations(
    rule: Rule,
    example: Example,
    settings: Partial<Settings> = EXAMPLE_SETTINGS,
): Promise<string[]> {
    const type = example.type ?? (rule.types === "any" ? "aws:kms/key:Key" : rule.types[0]!);
    const name = example.name ?? "example";
    const found: string[] = [];
    const report = ((text: string) => void found.push(text)) as unknown as ReportViolation;
    const args = {
        type,
        name,
        urn: `urn:pulumi:dev::countersign::${type}::${name}`,
        props: unknownCheckingProxy({ ...example.props, ...codeOf(example) }),
        opts: {
            protect: example.protect ?? false,
            ignoreChanges: example.ignoreChanges ?? [],
            aliases: [],
            additionalSecretOutputs: [],
        },
        provider: example.provider && {
            ...example.provider,
            urn: "urn:provider",
            props: unknownCheckingProxy({ ...example.provider.props }),
        },
        getConfig: () => settingsFor(rule, settings),
    } as unknown as ResourceValidationArgs;
    const validate = toPolicy(rule).validateResource;
    if (typeof validate !== "function") throw new Error(`${rule.id} has no resource half`);
    await validate(args, report);
    return found;
}

/** As the SDK makes it from what the engine sends. */
export function codeOf({ code }: Example): Record<string, unknown> {
    return code === undefined ? {} : { code: new asset.AssetArchive({ "__index.js": new asset.StringAsset(code) }) };
}
