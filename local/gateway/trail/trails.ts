import { refusal, type Refusal } from "../refusal";
import type { TrailRecord } from "./record";
import { type EventSelectors, selects } from "./selectors";

/** Members of the Trail shape. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Trail.html */
export interface TrailSettings {
    readonly Name: string;
    readonly S3BucketName: string;
    readonly S3KeyPrefix?: string;
    readonly SnsTopicName?: string;
    readonly IncludeGlobalServiceEvents: boolean;
    readonly IsMultiRegionTrail: boolean;
    readonly HomeRegion: string;
    readonly TrailARN: string;
    readonly LogFileValidationEnabled: boolean;
    readonly CloudWatchLogsLogGroupArn?: string;
    readonly CloudWatchLogsRoleArn?: string;
    readonly KmsKeyId?: string;
    readonly HasCustomEventSelectors: boolean;
    readonly HasInsightSelectors: false;
    readonly IsOrganizationTrail: false;
}

export interface Trail {
    settings: TrailSettings;
    selectors: EventSelectors;
    tags: Map<string, string>;
    logging: boolean;
    /** Epoch seconds. */
    startedAt?: number;
    stoppedAt?: number;
}

/** The trails of all accounts. */
export interface Trails {
    add(accountId: string, trail: Trail): void;
    remove(accountId: string, trail: Trail): void;
    /** By name or ARN, as the region sees it: its own, and those of other regions that cover it. */
    find(accountId: string, region: string, nameOrArn: string): Trail | Refusal;
    list(accountId: string, region: string): Trail[];
    /** Whether some trail that is logging would deliver this record. */
    delivers(record: TrailRecord): boolean;
}

export function createTrails(): Trails {
    const byAccount = new Map<string, Trail[]>();
    const list = (accountId: string, region: string): Trail[] =>
        (byAccount.get(accountId) ?? []).filter(
            ({ settings }) => settings.IsMultiRegionTrail || settings.HomeRegion === region,
        );
    return {
        add: (accountId, trail) => void byAccount.set(accountId, [...(byAccount.get(accountId) ?? []), trail]),
        remove: (accountId, trail) =>
            void byAccount.set(
                accountId,
                (byAccount.get(accountId) ?? []).filter((other) => other !== trail),
            ),
        find: (accountId, region, nameOrArn) =>
            list(accountId, region).find(
                ({ settings }) => settings.Name === nameOrArn || settings.TrailARN === nameOrArn,
            ) ?? refusal("TrailNotFoundException", `Unknown trail: ${nameOrArn} for the user: ${accountId}`),
        list,
        delivers: (record) =>
            list(record.recipientAccountId, record.awsRegion).some(
                (trail) => trail.logging && selects(trail.selectors, record),
            ),
    };
}
