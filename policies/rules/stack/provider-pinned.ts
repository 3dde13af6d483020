import { read, readKeys, type Read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ProviderView, type ResourceView, type Rule } from "../../rule";
import type { Settings } from "../../settings";

/** Inputs that point the provider, or its checks, somewhere else. */
/** Not among them: skipRegionValidation and skipMetadataApiCheck, which the SDK sets by itself; account and region are pinned here. */
const FORBIDDEN = [
    "endpoints",
    "skipCredentialsValidation",
    "skipRequestingAccountId",
    "profile",
    "sharedCredentialsFiles",
    "sharedConfigFiles",
    "customCaBundle",
    "httpProxy",
    "httpsProxy",
    "insecure",
    "accessKey",
    "secretKey",
    "token",
];

export const providerPinned: Rule = {
    id: "provider-pinned",
    description: "one explicit aws provider, pinned to an account and a region",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T83", "T92"],
    types: "any",
    fix: "create one aws.Provider with region and allowedAccountIds and pass it to every resource",
    reads: ["accountId", "orgId", "regions", "loopbackEndpoints"],
    good: {
        type: "pulumi:providers:aws",
        name: "aws",
        props: { region: "eu-west-1", allowedAccountIds: '["111122223333"]' },
    },
    bad: { type: "pulumi:providers:aws", name: "aws", props: { region: "eu-west-1" } },
    check: (resource, settings) => {
        if (resource.type === "pulumi:providers:aws") return providerFindings(resource, settings);
        return resource.type.startsWith("aws:") ? resourceFindings(resource, settings) : [];
    },
};

function providerFindings(provider: ResourceView, settings: Settings): Finding[] {
    const { props, name } = provider;
    const keys = readKeys(() => props);
    const names = keys.kind === "known" ? keys.value : [];
    return [
        ...(name.startsWith("default")
            ? [{ at: "name", saw: `the default provider ${name}, expected an explicit one` }]
            : []),
        ...accountFindings(accounts(provider), settings),
        ...regionFindings(
            "region",
            read<string>(() => props.region),
            settings,
            true,
        ),
        ...names
            .filter((key) => FORBIDDEN.includes(key) && isSet(read(() => props[key])))
            .flatMap((key) => forbidden(props, key, settings)),
        ...names
            .filter((key) => key === "pluginDownloadURL" || key === "parameterization")
            .map((at) => ({ at, saw: "set, expected absent" })),
    ];
}

function isSet(value: Read<unknown>): boolean {
    return (
        value.kind === "unknown" ||
        (value.kind === "known" && value.value !== false && value.value !== "false" && value.value !== "")
    );
}

function forbidden(props: ResourceView["props"], key: string, settings: Settings): Finding[] {
    const value = read<unknown>(() => props[key]);
    const allowed =
        key === "endpoints" &&
        value.kind === "known" &&
        endpointsOf(value.value).every((e) => settings.loopbackEndpoints.includes(e));
    return allowed ? [] : [{ at: key, saw: "set, expected absent" }];
}

function endpointsOf(value: unknown): string[] {
    const list: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return Array.isArray(list) ? list.flatMap((one) => Object.values(one as object).map(String)) : ["not a list"];
}

/** Provider inputs arrive as JSON text where they are not plain strings. */
function accounts(provider: ProviderView): Read<readonly string[]> {
    const raw = read<string | string[]>(() => provider.props.allowedAccountIds);
    if (raw.kind !== "known" || Array.isArray(raw.value)) return raw as Read<readonly string[]>;
    try {
        const list: unknown = JSON.parse(raw.value);
        return Array.isArray(list) ? { kind: "known", value: list.map(String) } : { kind: "unknown" };
    } catch {
        return { kind: "unknown" };
    }
}

function accountFindings(ids: Read<readonly string[]>, settings: Settings): Finding[] {
    const at = "allowedAccountIds";
    if (ids.kind !== "known") return [{ at, saw: `${ids.kind}, expected exactly one account` }];
    if (ids.value.length !== 1) return [{ at, saw: `${ids.value.length} accounts, expected exactly one` }];
    if (settings.accountId !== "" && ids.value[0] !== settings.accountId) {
        return [{ at, saw: `${ids.value[0]}, expected ${settings.accountId} as the pack's settings say` }];
    }
    return [];
}

function regionFindings(at: string, region: Read<string>, settings: Settings, required: boolean): Finding[] {
    if (region.kind === "absent") return required ? [{ at, saw: "absent, expected a region" }] : [];
    if (region.kind === "unknown") return [{ at, saw: "unknown, expected a region" }];
    const wrong = settings.regions.length > 0 && !settings.regions.includes(region.value);
    return wrong ? [{ at, saw: `${region.value}, expected one of ${settings.regions.join(", ")}` }] : [];
}

/** A resource may sit under a default provider, or name another region by its own argument. */
function resourceFindings({ props, provider }: ResourceView, settings: Settings): Finding[] {
    const regions = regionFindings(
        "region",
        read<string>(() => props.region),
        settings,
        false,
    );
    if (!provider) return [{ at: "provider", saw: "not known, expected the program's explicit provider" }, ...regions];
    const byDefault = provider.name.startsWith("default");
    const own = read<string>(() => props.region);
    const home = read<string>(() => provider.props.region);
    const elsewhere =
        own.kind === "known" && home.kind === "known" && own.value !== home.value && settings.regions.length === 0;
    return [
        ...(byDefault ? [{ at: "provider", saw: `the default provider, expected an explicit one` }] : []),
        ...(elsewhere ? [{ at: "region", saw: `${own.value}, expected the provider's region` }] : []),
        ...regions,
    ];
}
