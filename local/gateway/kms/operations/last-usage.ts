import { allowedKey } from "../authorization";
import { operation } from "../call";
import { keyId } from "../members";
import { seconds } from "../metadata";

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyLastUsage.html */
export const GetKeyLastUsage = operation({
    readOnly: true,
    fields: { KeyId: keyId },
    async run(call, { KeyId }) {
        const { key } = await allowedKey(call, { action: "kms:GetKeyLastUsage", keyId: KeyId });
        const { lastUsage } = key;
        const use = lastUsage && {
            Operation: lastUsage.operation,
            Timestamp: seconds(lastUsage.at),
            CloudTrailEventId: lastUsage.eventId,
            KmsRequestId: lastUsage.requestId,
        };
        const dates = { TrackingStartDate: seconds(key.createdAt), KeyCreationDate: seconds(key.createdAt) };
        return { KeyId: key.arn, KeyLastUsage: use ?? {}, ...dates };
    },
});
