import { CloudTrailClient, CreateTrailCommand, PutEventSelectorsCommand } from "@aws-sdk/client-cloudtrail";
import type { CreateTrailCommandInput, PutEventSelectorsCommandInput } from "@aws-sdk/client-cloudtrail";
import { GenerateRandomCommand, KMSClient } from "@aws-sdk/client-kms";
import { afterEach, beforeEach, expect } from "vitest";
import type { TrailRecord } from "../../../../local/gateway/trail/record";
import { client, type Harness, startHarness } from "../fake-ministack";

export const Name = "trail-one";
export const ARN = `arn:aws:cloudtrail:eu-west-1:111122223333:trail/${Name}`;

/** A gateway for each test, of which CloudTrail is asked. What it answers itself must not reach the emulator. */
export interface Trails {
    /** In `it`. */
    readonly harness: Harness;
    readonly client: CloudTrailClient;
    readonly kms: KMSClient;
    create(more?: Partial<CreateTrailCommandInput>): Promise<unknown>;
    select(selectors: Omit<PutEventSelectorsCommandInput, "TrailName">): Promise<unknown>;
    /** One management event that only reads. */
    random(): Promise<unknown>;
    records(): Promise<TrailRecord[]>;
    /** Names of what reached EventBridge, once everything was handed over. */
    delivered(): Promise<string[]>;
}

export function gatewayWithTrails(): Trails {
    let harness: Harness;
    let trails: CloudTrailClient;
    let kms: KMSClient;
    beforeEach(async () => {
        harness = await startHarness();
        trails = new CloudTrailClient(client(harness.url));
        kms = new KMSClient(client(harness.url));
    });
    afterEach(async () => {
        expect(harness.fake.forwarded).toEqual([]);
        await harness.close();
    });
    const records = async (): Promise<TrailRecord[]> =>
        ((await harness.control("GET", "trail")).body as { records: TrailRecord[] }).records;
    return {
        get harness() {
            return harness;
        },
        get client() {
            return trails;
        },
        get kms() {
            return kms;
        },
        create: (more = {}) => trails.send(new CreateTrailCommand({ Name, S3BucketName: "bucket", ...more })),
        select: (selectors) => trails.send(new PutEventSelectorsCommand({ TrailName: Name, ...selectors })),
        random: () => kms.send(new GenerateRandomCommand({ NumberOfBytes: 8 })),
        records,
        delivered: async () => {
            await records();
            return harness.fake.events.flat().map(({ Detail }) => (JSON.parse(Detail) as TrailRecord).eventName);
        },
    };
}
