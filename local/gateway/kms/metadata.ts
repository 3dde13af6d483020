import { algorithmMembers } from "./key-specs";
import type { Key } from "./store";

/** JSON 1.1 carries times as seconds since the epoch. */
export const seconds = (time: Date): number => time.getTime() / 1000;

/** KeyMetadata of DescribeKey and CreateKey. */
export function keyMetadata(key: Key): Record<string, unknown> {
    return {
        AWSAccountId: key.accountId,
        KeyId: key.id,
        Arn: key.arn,
        CreationDate: seconds(key.createdAt),
        Enabled: key.state === "Enabled",
        Description: key.description,
        KeyUsage: key.usage,
        KeyState: key.state,
        ...(key.deletionDate ? { DeletionDate: seconds(key.deletionDate) } : {}),
        Origin: key.origin,
        KeyManager: "CUSTOMER",
        CustomerMasterKeySpec: key.spec,
        KeySpec: key.spec,
        ...algorithmMembers(key.spec, key.usage),
        MultiRegion: key.multiRegion,
        ...(key.multiRegion
            ? {
                  MultiRegionConfiguration: {
                      MultiRegionKeyType: "PRIMARY",
                      PrimaryKey: { Arn: key.arn, Region: key.region },
                      ReplicaKeys: [],
                  },
              }
            : {}),
    };
}
