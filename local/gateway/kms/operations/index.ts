import type { Operation } from "../call";
import * as aliases from "./aliases";
import { CreateKey } from "./create-key";
import * as describe from "./describe";
import * as encrypt from "./encrypt";
import * as grants from "./grants";
import { GetKeyLastUsage } from "./last-usage";
import * as mac from "./mac";
import * as policies from "./policies";
import { GenerateRandom } from "./random";
import * as rotation from "./rotation";
import { Sign, Verify } from "./sign";
import * as states from "./states";
import { ListResourceTags, TagResource, UntagResource } from "./tags";
import { onAccount, onKey } from "./unsupported";

/** By the name after `TrentService.`; own members only, since the name comes from a header. */
export const OPERATIONS: ReadonlyMap<string, Operation> = new Map(
    Object.entries({
        CreateKey,
        ...describe,
        ...policies,
        ...aliases,
        ListResourceTags,
        TagResource,
        UntagResource,
        ...states,
        ...rotation,
        Sign,
        Verify,
        ...grants,
        ...encrypt,
        ...mac,
        GenerateRandom,
        GetKeyLastUsage,
        ReplicateKey: onKey("ReplicateKey"),
        UpdatePrimaryRegion: onKey("UpdatePrimaryRegion"),
        ImportKeyMaterial: onKey("ImportKeyMaterial"),
        DeleteImportedKeyMaterial: onKey("DeleteImportedKeyMaterial"),
        GetParametersForImport: onKey("GetParametersForImport", true),
        RotateKeyOnDemand: onKey("RotateKeyOnDemand"),
        ListKeyRotations: onKey("ListKeyRotations", true),
        DeriveSharedSecret: onKey("DeriveSharedSecret", true),
        GenerateDataKeyPair: onKey("GenerateDataKeyPair", true),
        GenerateDataKeyPairWithoutPlaintext: onKey("GenerateDataKeyPairWithoutPlaintext", true),
        ListRetirableGrants: onAccount("ListRetirableGrants", true),
        CreateCustomKeyStore: onAccount("CreateCustomKeyStore"),
        DescribeCustomKeyStores: onAccount("DescribeCustomKeyStores", true),
    }),
);
