import { blob, flag, list, required, struct, text, textMap, whole } from "./schema";

/** Members that many operations share, with the limits of the service model. */
export const keyId = required(text({ max: 2048 }));
export const optionalKeyId = text({ max: 2048 });
export const aliasName = required(text({ max: 256, pattern: "[a-zA-Z0-9:/_-]+" }));
export const description = text({ min: 0, max: 8192 });
/** The model allows 131,072; the service refuses more than 32 KiB (policies.ts). */
export const policyDocument = text({ max: 131072, pattern: "[\\u0009\\u000A\\u000D\\u0020-\\u00FF]+" });
export const policyName = text({ max: 128, pattern: "[\\w]+" });
export const grantTokens = list(text({ max: 8192 }), { max: 10 });
export const grantId = text({ max: 128 });
export const principal = text({ max: 256, pattern: "[\\w+=,.@:/-]+" });
export const encryptionContext = textMap();
export const dryRunFlag = flag();
export const ciphertext = required(blob({ max: 6144 }));
export const page = { Limit: whole({ min: 1, max: 1000 }), Marker: text({ max: 1024, pattern: "[\\u0020-\\u00FF]*" }) };
export const tag = required(
    struct({ TagKey: required(text({ max: 128 })), TagValue: required(text({ min: 0, max: 256 })) }),
);
