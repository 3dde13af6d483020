/** ARNs as six fields; the sixth runs to the end, colons included (AWS General Reference, "Amazon Resource Names"). */

/** @returns six fields, or undefined if the text has fewer */
export function arnFields(text: string): string[] | undefined {
    const fields: string[] = [];
    let start = 0;
    while (fields.length < 5) {
        const colon = text.indexOf(":", start);
        if (colon < 0) return undefined;
        fields.push(text.slice(start, colon));
        start = colon + 1;
    }
    return [...fields, text.slice(start)];
}

export interface IamArn {
    readonly partition: string;
    readonly service: "iam" | "sts";
    readonly accountId: string;
    /** `role`, `user`, `root`, `assumed-role`, `federated-user`, ... */
    readonly type: string;
    /** What follows `type/`, path included; empty for root. */
    readonly name: string;
}

export function parseIamArn(text: string): IamArn | undefined {
    const fields = arnFields(text);
    if (fields === undefined) return undefined;
    const [arn, partition, service, region, accountId, resource] = fields as [
        string,
        string,
        string,
        string,
        string,
        string,
    ];
    if (arn !== "arn" || region !== "" || (service !== "iam" && service !== "sts")) return undefined;
    const slash = resource.indexOf("/");
    return {
        partition,
        service,
        accountId,
        type: slash < 0 ? resource : resource.slice(0, slash),
        name: slash < 0 ? "" : resource.slice(slash + 1),
    };
}

/** The name without its path: `release` of `signing/release`. */
export function lastPart(path: string): string {
    return path.slice(path.lastIndexOf("/") + 1);
}
