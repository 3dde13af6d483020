import { kmsError } from "./errors";

/**
 * One page of a list whose order does not change. The marker is the position, which callers must treat as opaque.
 *
 * @throws InvalidMarkerException
 */
export function pageOf<T>(
    items: readonly T[],
    { Limit, Marker }: { Limit?: number; Marker?: string },
    usual = 100,
): { items: T[]; more: { Truncated: boolean; NextMarker?: string } } {
    const start = Marker === undefined ? 0 : positionOf(Marker);
    const end = start + (Limit ?? usual);
    const more = end < items.length ? { Truncated: true, NextMarker: markerOf(end) } : { Truncated: false };
    return { items: items.slice(start, end), more };
}

const markerOf = (position: number): string => Buffer.from(`at:${position}`).toString("base64");

function positionOf(marker: string): number {
    const match = /^at:(\d{1,9})$/.exec(Buffer.from(marker, "base64").toString("latin1"));
    if (!match) throw kmsError("InvalidMarkerException", "The specified marker is invalid.");
    return Number(match[1]);
}
