import { quote, toUtf8 } from "../encoding";
import { codedError } from "../errors";
import { decodeCanonical, encodeCanonical } from "../record/canonical";
import { decodeLeaf } from "../record/codec";
import type { SignatureLeaf } from "../record/leaf";

/** What a signer leaves for the steps after it (`done#<request id>`): the records, one for each message, in order. */
export function doneId(requestId: string): string {
    return `done#${requestId}`;
}

/** @param leaves canonical texts */
export function encodeDone(leaves: readonly string[]): string {
    return encodeCanonical({ leaves });
}

export interface SignedRecord {
    /** Canonical text: the log's entry. */
    readonly text: string;
    readonly leaf: SignatureLeaf;
}

/**
 * @param text undefined if the table has no such item
 * @throws NotSigned, or BadLeaf for what no signer writes
 */
export function decodeDone(text: string | undefined): SignedRecord[] {
    if (text === undefined) throw codedError("NotSigned", "nothing was signed for this request");
    const { leaves } = decodeCanonical(text) as { readonly leaves?: readonly string[] };
    if (!Array.isArray(leaves) || leaves.length === 0) throw codedError("BadLeaf", `${quote(text)} lists no records`);
    return leaves.map((entry: string) => ({ text: entry, leaf: signatureLeaf(entry) }));
}

function signatureLeaf(text: string): SignatureLeaf {
    const leaf = decodeLeaf(toUtf8(text));
    if (leaf.type !== "signature") throw codedError("BadLeaf", `record is of type ${leaf.type}, expected signature`);
    return leaf;
}
