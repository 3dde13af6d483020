import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { CheckRequest } from "@pulumi/pulumi/proto/provider_pb";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { codedError } from "../../lib/errors";

/**
 * Property values on the wire: a protobuf Struct, in which an object under SIGNATURE stands for something that JSON lacks.
 * Source: pulumi/sdk/go/common/resource/sig.
 */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ASSET = "c44067f5952c0a294b673a41bacd8c17";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";
const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";

/** What an unknown string is on the wire; the other types have their own, which mean the same to a provider. */
export const UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const UNKNOWN_TEXTS = [
    UNKNOWN_TEXT,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7", // bool
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421", // number
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2", // array
    "030794c1-ac77-496b-92df-f27374a8bd58", // asset
    "e48ece36-62e2-4504-bad9-02848725956a", // archive
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff", // object
];

/** A value that is not known before something has been created. */
export const UNKNOWN = Object.freeze({ unknown: true }) as Unknown;
export type Unknown = { readonly unknown: true };

export function isUnknown(value: unknown): value is Unknown {
    return value === UNKNOWN;
}

/** True if anything inside is unknown. */
export function hasUnknown(value: unknown): boolean {
    if (isUnknown(value)) {
        return true;
    }
    return typeof value === "object" && value !== null && Object.values(value).some(hasUnknown);
}

export type Properties = Record<string, unknown>;

export interface Decoded {
    /** Without secret marks; unknowns are UNKNOWN; assets and archives are left as they came. */
    values: Properties;
    /** Names of the properties that hold a secret, at any depth. */
    secrets: ReadonlySet<string>;
}

export interface Asset {
    text?: string;
    path?: string;
    uri?: string;
    hash?: string;
}
export interface Archive {
    assets?: Record<string, Asset>;
    path?: string;
    uri?: string;
    hash?: string;
}

export function isArchive(value: unknown): value is Archive {
    return typeof value === "object" && value !== null && (value as Properties)[SIGNATURE] === ARCHIVE;
}

export function isAsset(value: unknown): value is Asset {
    return typeof value === "object" && value !== null && (value as Properties)[SIGNATURE] === ASSET;
}

/** @throws BadWire for a signature we do not know: guessing would store a mark as if it were a value */
export function decode(struct: Struct | undefined): Decoded {
    const values: Properties = {};
    const secrets = new Set<string>();
    for (const [name, value] of Object.entries((struct?.toJavaScript() ?? {}) as Properties)) {
        const plain = decodeValue(value, () => secrets.add(name));
        if (plain !== undefined && plain !== null) {
            values[name] = plain;
        }
    }
    return { values, secrets };
}

function decodeValue(value: unknown, onSecret: () => void): unknown {
    if (typeof value === "string") {
        return UNKNOWN_TEXTS.includes(value) ? UNKNOWN : value;
    }
    if (Array.isArray(value)) {
        return value.map((item) => decodeValue(item, onSecret));
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    const object = value as Properties;
    switch (object[SIGNATURE]) {
        case undefined:
            return Object.fromEntries(
                Object.entries(object)
                    .map(([name, member]) => [name, decodeValue(member, onSecret)] as const)
                    .filter(([, member]) => member !== undefined && member !== null),
            );
        case SECRET:
            onSecret();
            return decodeValue(object["value"], onSecret);
        case OUTPUT:
            if (object["secret"] === true) {
                onSecret();
            }
            return "value" in object ? decodeValue(object["value"], onSecret) : UNKNOWN;
        case ASSET:
        case ARCHIVE:
            return object;
        case RESOURCE:
            return object["id"] === undefined || object["id"] === "" ? UNKNOWN : decodeValue(object["id"], onSecret);
        default:
            throw codedError("BadWire", `property value with unknown signature ${JSON.stringify(object[SIGNATURE])}`);
    }
}

/** The way back: a property among `secrets` is marked as a whole. */
export function encode(values: Properties, secrets: ReadonlySet<string> = new Set()): Struct {
    const marked: Properties = {};
    for (const [name, value] of Object.entries(values)) {
        if (value !== undefined) {
            const plain = encodeValue(value);
            marked[name] = secrets.has(name) ? { [SIGNATURE]: SECRET, value: plain } : plain;
        }
    }
    return StructClass.fromJavaScript(marked as Parameters<typeof StructClass.fromJavaScript>[0]);
}

function encodeValue(value: unknown): unknown {
    if (isUnknown(value)) {
        return UNKNOWN_TEXT;
    }
    if (Array.isArray(value)) {
        return value.map(encodeValue);
    }
    if (typeof value !== "object" || value === null) {
        return value;
    }
    return Object.fromEntries(
        Object.entries(value)
            .filter(([, member]) => member !== undefined)
            .map(([name, member]) => [name, encodeValue(member)]),
    );
}

/**
 * The classes of the copy of google-protobuf that the SDK's generated code uses: its serializers refuse those of another
 * copy, and which one we would import depends on how npm laid out node_modules.
 */
const { check, delete: deletion } = ResourceProviderService;
const FIELD_NEWS = 3;
const oneEmptyField = Buffer.from([(FIELD_NEWS << 3) | 2, 0]);
const StructClass = (check.requestDeserialize(oneEmptyField) as CheckRequest).getNews()!.constructor as typeof Struct;

/** google.protobuf.Empty, for the answers that have nothing to say. */
export function empty(): ReturnType<typeof deletion.responseDeserialize> {
    return deletion.responseDeserialize(Buffer.alloc(0));
}
