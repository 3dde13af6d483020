import { allowedKey } from "../authorization";
import { operation } from "../call";
import { requestTagContext } from "../context";
import { kmsError } from "../errors";
import { keyId, page, tag } from "../members";
import { pageOf } from "../paging";
import { list, required, text } from "../schema";
import { requireNotPendingDeletion } from "../states";

const MAX_TAGS = 50;

/** @throws TagException, LimitExceededException */
export function checkTags(tags: readonly { TagKey: string; TagValue: string }[], already: number): void {
    const names = tags.map(({ TagKey }) => TagKey);
    if (names.some((name) => name.toLowerCase().startsWith("aws:"))) {
        throw kmsError("TagException", "aws: prefixed tag key names are not allowed for external use.");
    }
    if (new Set(names).size !== names.length) throw kmsError("TagException", "Duplicate tag keys");
    if (already + names.length > MAX_TAGS) throw kmsError("TagException", "Too many tags");
}

export const TagResource = operation({
    readOnly: false,
    fields: { KeyId: keyId, Tags: required(list(tag, { max: 200 })) },
    async run(call, { KeyId, Tags }) {
        const context = requestTagContext(Tags);
        const { key } = await allowedKey(call, { action: "kms:TagResource", keyId: KeyId, context });
        requireNotPendingDeletion(key);
        checkTags(Tags, [...key.tags.keys()].filter((name) => !Tags.some(({ TagKey }) => TagKey === name)).length);
        for (const { TagKey, TagValue } of Tags) key.tags.set(TagKey, TagValue);
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

export const UntagResource = operation({
    readOnly: false,
    fields: { KeyId: keyId, TagKeys: required(list(required(text({ max: 128 })), { max: 200 })) },
    async run(call, { KeyId, TagKeys }) {
        const context = { "aws:TagKeys": TagKeys };
        const { key } = await allowedKey(call, { action: "kms:UntagResource", keyId: KeyId, context });
        requireNotPendingDeletion(key);
        for (const name of TagKeys) key.tags.delete(name);
        call.trail.responseElements = { keyId: key.arn };
        return {};
    },
});

export const ListResourceTags = operation({
    readOnly: true,
    fields: { KeyId: keyId, ...page },
    async run(call, { KeyId, ...paging }) {
        const { key } = await allowedKey(call, { action: "kms:ListResourceTags", keyId: KeyId });
        const { items, more } = pageOf([...key.tags], paging, 50);
        return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...more };
    },
});
