import { quote } from "../../lib/encoding";
import { codedError } from "../../lib/errors";
import type { CheckSettings, Failure } from "./check";
import { UNKNOWN, type Properties } from "./wire";

/** What the program's `aws.Provider` may say. Endpoints and credentials come from the environment, so never from here. */
export interface ProviderSettings extends CheckSettings {
    allowedAccountIds: string[];
    forbiddenAccountIds: string[];
}

/** Sent by the SDK with every provider; they change nothing here. */
const IGNORED = [
    "version",
    "pluginDownloadURL",
    "skipCredentialsValidation",
    "skipRegionValidation",
    "skipMetadataApiCheck",
    "maxRetries",
];
const SUPPORTED = ["region", "defaultTags", "allowedAccountIds", "forbiddenAccountIds"];

export function checkSettings(config: Properties): Failure[] {
    return Object.keys(config)
        .filter((name) => !SUPPORTED.includes(name) && !IGNORED.includes(name) && !name.startsWith("__"))
        .map((name) => ({
            property: name,
            reason: `the local cloud's aws provider does not support setting ${name}: remove it, or add it to local/provider/settings.ts`,
        }));
}

/**
 * @param config values as they arrive: text for text, JSON text for everything else
 * @throws BadConfig without a region: no default of the environment decides where things are made
 */
export function parseSettings(config: Properties): ProviderSettings {
    const region = config["region"];
    if (typeof region !== "string" || region === "") {
        throw codedError("BadConfig", `aws provider has region ${quote(region)}: set it`);
    }
    const defaultTags = parseJson(config["defaultTags"]) as { tags?: Record<string, unknown> } | undefined;
    return {
        region,
        defaultTags: defaultTags?.tags ?? {},
        allowedAccountIds: (parseJson(config["allowedAccountIds"]) as string[] | undefined) ?? [],
        forbiddenAccountIds: (parseJson(config["forbiddenAccountIds"]) as string[] | undefined) ?? [],
    };
}

function parseJson(value: unknown): unknown {
    if (value === UNKNOWN) {
        throw codedError("BadConfig", "a setting of the aws provider is unknown at preview, expected plain values");
    }
    return typeof value === "string" ? (JSON.parse(value) as unknown) : value;
}

/** @throws BadConfig if the credentials are of an account that the program did not mean */
export function checkAccount(accountId: string, { allowedAccountIds, forbiddenAccountIds }: ProviderSettings): void {
    const allowed = allowedAccountIds.length === 0 || allowedAccountIds.includes(accountId);
    if (!allowed || forbiddenAccountIds.includes(accountId)) {
        throw codedError(
            "BadConfig",
            `AWS account ID ${quote(accountId)} not allowed, expected ${allowedAccountIds.map((id) => quote(id)).join(" or ")}`,
        );
    }
}
