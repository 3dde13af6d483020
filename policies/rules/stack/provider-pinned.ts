import { AWS_VERSION } from "../../aws-types";
import { read, readKeys, type Read, valueOf } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ProviderView, type ResourceView, type Rule } from "../../rule";
import type { Settings } from "../../settings";

/**
 * Inputs that neither point the provider or its checks somewhere else nor hide what is there (ignoreTags would, for the tag that names a
 * signer). skipRegionValidation and skipMetadataApiCheck are set by the SDK itself; account and region are pinned here.
 */
const HARMLESS = [
    "region",
    "allowedAccountIds",
    "forbiddenAccountIds",
    "defaultTags",
    "version",
    "maxRetries",
    "retryMode",
    "tokenBucketRateLimiterCapacity",
    "userAgents",
    "useFipsEndpoint",
    "useDualstackEndpoint",
    "s3UsePathStyle",
    "skipRegionValidation",
    "skipMetadataApiCheck",
];

/** What provider-internals shows of the plugin, and where the engine's state keeps it. */
const PLUGIN = ["pluginDownloadURL", "parameterization"];
const INTERNAL = "__internal";

export const providerPinned: Rule = {
    id: "provider-pinned",
    description: "one explicit aws provider, pinned to an account and a region",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T82", "T83", "T92"],
    types: "any",
    fix: "create one aws.Provider with region and allowedAccountIds and pass it to every resource",
    limits: "the engine hides a plugin's origin and parameterization from policies; in a preview they are seen because `provider-internals` copies them, in an export they are read from the state. What the environment of the deploying process says (`AWS_ENDPOINT_URL`, `HTTPS_PROXY`, `AWS_PROFILE`) is no input of a provider and not seen",
    reads: ["accountId", "orgId", "regions", "loopbackEndpoints", "deployRole"],
    good: {
        type: "pulumi:providers:aws",
        name: "aws",
        props: { region: "eu-west-1", allowedAccountIds: '["111122223333"]', version: AWS_VERSION },
    },
    bad: { type: "pulumi:providers:aws", name: "aws", props: { region: "eu-west-1", version: AWS_VERSION } },
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
            .filter((key) => !HARMLESS.includes(key) && !PLUGIN.includes(key) && key !== INTERNAL)
            .filter((key) =>
                isSet(
                    key,
                    read(() => props[key]),
                ),
            )
            .flatMap((key) => forbidden(props, key, settings)),
        ...pluginFindings(props, names),
    ];
}

/** By the engine, the plugin's version is an input that is always there; without it whatever is newest on the machine is run. */
function pluginFindings(props: ResourceView["props"], names: readonly string[]): Finding[] {
    const version = read<string>(() => props.version);
    const internal = readKeys(() => props[INTERNAL]);
    const inState = internal.kind === "known" ? internal.value : [];
    return [
        ...(version.kind === "known" && version.value === AWS_VERSION
            ? []
            : [
                  {
                      at: "version",
                      saw: `${version.kind === "known" ? "another" : version.kind}, expected ${AWS_VERSION}`,
                  },
              ]),
        ...PLUGIN.filter((name) => names.includes(name) || inState.includes(name)).map((at) => ({
            at,
            saw: "set, expected absent",
        })),
    ];
}

/** The SDK writes booleans that are off out, as text; a profile may be called `false`. */
const SWITCHES = ["skipCredentialsValidation", "skipRequestingAccountId", "insecure"];

function isSet(key: string, value: Read<unknown>): boolean {
    if (value.kind !== "known") return value.kind === "unknown";
    return value.value !== "" && !(SWITCHES.includes(key) && String(value.value) === "false");
}

function forbidden(props: ResourceView["props"], key: string, settings: Settings): Finding[] {
    const list = valueOf(listOf(read<unknown>(() => props[key])));
    const shown = /^\w{1,64}$/.test(key) ? key : "an input";
    if (key === "endpoints" && list !== undefined && list.every((one) => isLoopback(one, settings))) return [];
    if (key === "assumeRoles" && list !== undefined && list.every((one) => isDeployRole(one, settings))) return [];
    return [{ at: shown, saw: "set, expected absent" }];
}

function isLoopback(one: unknown, { loopbackEndpoints }: Settings): boolean {
    const endpoints = typeof one === "object" && one !== null ? Object.values(one).map(String) : ["no endpoint"];
    return endpoints.every((endpoint) => loopbackEndpoints.includes(endpoint));
}

/** What applies the program may be assumed by whoever is trusted to; its session's own policies only take away. */
function isDeployRole(one: unknown, { deployRole }: Settings): boolean {
    const { roleArn } = (typeof one === "object" && one !== null ? one : {}) as { roleArn?: unknown };
    return deployRole !== "" && roleArn === deployRole;
}

function accounts({ props }: ProviderView): Read<readonly string[]> {
    const list = listOf(read<unknown>(() => props.allowedAccountIds));
    return list.kind === "known" ? { kind: "known", value: list.value.map(String) } : list;
}

/** Provider inputs arrive as JSON text where they are not plain strings. What is no list, or not known in every part, is unknown. */
function listOf(raw: Read<unknown>): Read<readonly unknown[]> {
    if (raw.kind !== "known") return raw;
    const list = read<unknown>(() => (typeof raw.value === "string" ? parsed(raw.value) : copied(raw.value)));
    return list.kind === "known" && Array.isArray(list.value)
        ? { kind: "known", value: list.value as readonly unknown[] }
        : { kind: "unknown" };
}

function parsed(text: string): unknown {
    try {
        return JSON.parse(text) as unknown;
    } catch {
        return undefined;
    }
}

/** Throws, hence unknown, if anything inside is. */
function copied(value: unknown): unknown {
    return JSON.parse(JSON.stringify(value)) as unknown;
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
