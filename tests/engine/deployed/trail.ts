import type { Cloud } from "../../../local/cloud";
import type { TrailRecord } from "../../../local/control-client";

/** Position behind the newest record. */
export async function trailEnd({ control }: Cloud): Promise<number> {
    return (await readTrail(control, 0)).next;
}

/** Every record from a position on; the control API gives them by the page. */
export async function trailSince({ control }: Cloud, after: number): Promise<readonly TrailRecord[]> {
    return (await readTrail(control, after)).records;
}

/** Each attempt to sign with the key, refused ones too. Keys are named by ARN everywhere here. */
export function signsOf(records: readonly TrailRecord[], keyArn: string): readonly TrailRecord[] {
    return records.filter(
        ({ eventSource, eventName, requestParameters, resources }) =>
            eventSource === "kms.amazonaws.com" &&
            eventName === "Sign" &&
            ((requestParameters as { keyId?: string } | null)?.keyId === keyArn ||
                resources?.some(({ ARN }) => ARN === keyArn)),
    );
}

async function readTrail(
    control: Cloud["control"],
    after: number,
): Promise<{ readonly records: readonly TrailRecord[]; readonly next: number }> {
    const records: TrailRecord[] = [];
    for (let next = after; ;) {
        const page = await control.trail(next);
        records.push(...page.records);
        if (page.records.length === 0) return { records, next };
        next = page.next;
    }
}
