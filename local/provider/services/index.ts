import { codedError } from "../../../lib/errors";
import type { ResourceType } from "../declare";
import * as iam from "./iam";
import * as kms from "./kms";

/** Every resource type the local cloud deploys, by token. */
export const TYPES: { readonly [token: string]: ResourceType } = Object.fromEntries(
    [iam, kms].flatMap((service) => Object.values<ResourceType>(service)).map((type) => [type.token, type]),
);

/** @throws NotSupported, naming the type */
export function typeOf(token: string): ResourceType {
    const type = TYPES[token];
    if (!type) {
        throw codedError(
            "NotSupported",
            `the local cloud's provider does not support resource type ${token}: add it to local/provider/services`,
        );
    }
    return type;
}
