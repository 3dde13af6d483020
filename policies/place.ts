import type { Scope } from "../lib/iam/types";
import { read, valueOf } from "./read";
import type { Finding, ResourceView } from "./rule";
import type { Settings, SignerSetting } from "./settings";

/** Where things are, and what they are called, before they exist. */

/** Account, region and partition that a resource's documents speak of. Undefined if the pack cannot know them. */
export function scopeOf(resource: Pick<ResourceView, "provider">, settings: Settings): Scope | undefined {
    const accountId = settings.accountId === "" ? onlyAccount(resource) : settings.accountId;
    const region =
        settings.regions.length === 1
            ? settings.regions[0]
            : valueOf(read<string>(() => resource.provider?.props.region));
    if (accountId === undefined || region === undefined) return undefined;
    const { orgId } = settings;
    return { partition: partitionOf(region), region, accountId, ...(orgId !== "" && { orgId }) };
}

function onlyAccount({ provider }: Pick<ResourceView, "provider">): string | undefined {
    const ids = valueOf(read<string | string[]>(() => provider?.props.allowedAccountIds));
    const digits = (typeof ids === "string" ? ids : (ids ?? []).join(" ")).match(/[0-9]{12}/g) ?? [];
    return digits.length === 1 ? digits[0] : undefined;
}

export function partitionOf(region: string): string {
    if (region.startsWith("cn-")) return "aws-cn";
    return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}

/** For rules that cannot judge without an account. */
export const NO_SCOPE: Finding = {
    at: "provider",
    saw: "account or region not known, expected one in the provider or in the pack's settings",
};

/** @param name with its path, without the first slash */
export function roleArn({ partition, accountId }: Scope, name: string): string {
    return `arn:${partition}:iam::${accountId}:role/${name}`;
}

export function signerArn(scope: Scope, { role }: Pick<SignerSetting, "role">): string {
    return roleArn(scope, `signing/${role}`);
}

export function functionArn({ partition, region, accountId }: Scope, name: string): string {
    return `arn:${partition}:lambda:${region}:${accountId}:function:${name}`;
}

export function tableArn({ partition, region, accountId }: Scope, name: string): string {
    return `arn:${partition}:dynamodb:${region}:${accountId}:table/${name}`;
}

/** ARN of a role of which only the name is known: signers are under /signing/, all others at the root. */
export function arnOfRole(scope: Scope, name: string, settings: Settings): string {
    const signer = settings.signers.find(({ role }) => role === name);
    return signer === undefined ? roleArn(scope, name) : signerArn(scope, signer);
}

/** The last part of a role's ARN. */
export function nameOfRole(arn: string): string {
    return arn.slice(arn.lastIndexOf("/") + 1);
}
