import { type Refusal, isRefusal, refusal } from "../refusal";
import { DEFAULT_SELECTORS, readSelectors } from "./selectors";
import type { Trail, TrailSettings, Trails } from "./trails";

export type TrailInput = Readonly<Record<string, unknown>>;

/** Where a call acts, and when, in epoch seconds. */
export interface TrailPlace {
    readonly accountId: string;
    readonly region: string;
    readonly now: number;
}

type Operation = (trails: Trails, place: TrailPlace, input: TrailInput) => object | Refusal;

/** CloudTrail's control plane. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_Operations.html */
const OPERATIONS: Readonly<Record<string, Operation>> = {
    CreateTrail: createTrail,
    UpdateTrail: (trails, place, input) => on(trails, place, input["Name"], (trail) => change(trail, input)),
    DeleteTrail: (trails, place, input) =>
        on(trails, place, input["Name"], (trail) => {
            trails.remove(place.accountId, trail);
            return {};
        }),
    GetTrail: (trails, place, input) => on(trails, place, input["Name"], ({ settings }) => ({ Trail: settings })),
    DescribeTrails: (trails, place, input) => {
        const names = (input["trailNameList"] ?? input["TrailNameList"] ?? []) as string[];
        const wanted = (trail: Trail): boolean =>
            names.length === 0 || names.includes(trail.settings.Name) || names.includes(trail.settings.TrailARN);
        return {
            trailList: trails
                .list(place.accountId, place.region)
                .filter(wanted)
                .map(({ settings }) => settings),
        };
    },
    ListTrails: (trails, place) => ({
        Trails: trails
            .list(place.accountId, place.region)
            .map(({ settings: { TrailARN, Name, HomeRegion } }) => ({ TrailARN, Name, HomeRegion })),
    }),
    StartLogging: (trails, place, input) =>
        on(trails, place, input["Name"], (trail) => logging(trail, true, place.now)),
    StopLogging: (trails, place, input) =>
        on(trails, place, input["Name"], (trail) => logging(trail, false, place.now)),
    GetTrailStatus: (trails, place, input) =>
        on(trails, place, input["Name"], ({ logging: IsLogging, startedAt, stoppedAt }) => ({
            IsLogging,
            ...(startedAt === undefined ? {} : { StartLoggingTime: startedAt }),
            ...(stoppedAt === undefined ? {} : { StopLoggingTime: stoppedAt }),
        })),
    PutEventSelectors: (trails, place, input) =>
        on(trails, place, input["TrailName"], (trail) => {
            const selectors = readSelectors(input);
            if (isRefusal(selectors)) return selectors;
            trail.selectors = selectors;
            trail.settings = { ...trail.settings, HasCustomEventSelectors: true };
            return { TrailARN: trail.settings.TrailARN, ...selectors };
        }),
    GetEventSelectors: (trails, place, input) =>
        on(trails, place, input["TrailName"], (trail) => ({ TrailARN: trail.settings.TrailARN, ...trail.selectors })),
    GetInsightSelectors: () => refusal("InsightNotEnabledException", "The trail does not have Insights enabled"),
    AddTags: (trails, place, input) => on(trails, place, input["ResourceId"], (trail) => tag(trail, input["TagsList"])),
    RemoveTags: (trails, place, input) =>
        on(trails, place, input["ResourceId"], (trail) => {
            for (const { Key } of tagsOf(input["TagsList"])) trail.tags.delete(Key);
            return {};
        }),
    ListTags: (trails, place, input) => {
        const found = ((input["ResourceIdList"] ?? []) as string[]).map((arn) =>
            trails.find(place.accountId, place.region, arn),
        );
        const missing = found.find(isRefusal);
        if (missing) return missing;
        const lists = (found as Trail[]).map(({ settings, tags }) => ({
            ResourceId: settings.TrailARN,
            TagsList: [...tags].map(([Key, Value]) => ({ Key, Value })),
        }));
        return { ResourceTagList: lists };
    },
};

export function isTrailOperation(name: string): boolean {
    return Object.hasOwn(OPERATIONS, name);
}

export function trailOperation(trails: Trails, place: TrailPlace, name: string, input: TrailInput): object | Refusal {
    return OPERATIONS[name]!(trails, place, input);
}

/** What a call is authorized on. Lists and descriptions know no resource. */
export function trailResource(
    partition: string,
    place: Omit<TrailPlace, "now">,
    name: string,
    input: TrailInput,
): string {
    const named =
        input["Name"] ??
        input["TrailName"] ??
        input["ResourceId"] ??
        (input["ResourceIdList"] as unknown[] | undefined)?.[0];
    if (/^(DescribeTrails|ListTrails|LookupEvents)$/.test(name) || typeof named !== "string") return "*";
    return named.startsWith("arn:") ? named : trailArn(partition, place, named);
}

function trailArn(partition: string, { accountId, region }: Omit<TrailPlace, "now">, name: string): string {
    return `arn:${partition}:cloudtrail:${region}:${accountId}:trail/${name}`;
}

function on(
    trails: Trails,
    place: TrailPlace,
    name: unknown,
    act: (trail: Trail) => object | Refusal,
): object | Refusal {
    const trail = trails.find(place.accountId, place.region, typeof name === "string" ? name : "");
    return isRefusal(trail) ? trail : act(trail);
}

function createTrail(trails: Trails, place: TrailPlace, input: TrailInput): object | Refusal {
    const name = input["Name"];
    if (typeof name !== "string" || !/^[A-Za-z0-9][\w.-]{1,126}[A-Za-z0-9]$/.test(name)) {
        return refusal(
            "InvalidTrailNameException",
            "Trail name must be 3 to 128 letters, digits, dots, underscores or dashes.",
        );
    }
    if (typeof input["S3BucketName"] !== "string")
        return refusal("InvalidS3BucketNameException", "Bucket name is required.");
    if (!isRefusal(trails.find(place.accountId, place.region, name))) {
        return refusal("TrailAlreadyExistsException", `Trail ${name} already exists for customer: ${place.accountId}`);
    }
    const settings: TrailSettings = {
        Name: name,
        S3BucketName: input["S3BucketName"],
        IncludeGlobalServiceEvents: true,
        IsMultiRegionTrail: false,
        HomeRegion: place.region,
        TrailARN: trailArn("aws", place, name),
        LogFileValidationEnabled: false,
        HasCustomEventSelectors: false,
        HasInsightSelectors: false,
        IsOrganizationTrail: false,
    };
    const trail: Trail = { settings, selectors: DEFAULT_SELECTORS, tags: new Map(), logging: false };
    const answer = change(trail, input);
    if (!isRefusal(answer)) {
        tag(trail, input["TagsList"]);
        trails.add(place.accountId, trail);
    }
    return answer;
}

const TEXTS = [
    "S3BucketName",
    "S3KeyPrefix",
    "SnsTopicName",
    "CloudWatchLogsLogGroupArn",
    "CloudWatchLogsRoleArn",
    "KmsKeyId",
] as const;
const FLAGS = {
    IncludeGlobalServiceEvents: "IncludeGlobalServiceEvents",
    IsMultiRegionTrail: "IsMultiRegionTrail",
    EnableLogFileValidation: "LogFileValidationEnabled",
};

/** An empty text takes the member away, as UpdateTrail does. */
function change(trail: Trail, input: TrailInput): object | Refusal {
    if (input["IsOrganizationTrail"] === true)
        return refusal("OrganizationsNotInUseException", "The account is not in an organization.");
    const settings: Record<string, unknown> = { ...trail.settings };
    for (const name of TEXTS) {
        const value = input[name];
        if (value === "") delete settings[name];
        else if (typeof value === "string") settings[name] = value;
    }
    for (const [from, to] of Object.entries(FLAGS)) {
        if (typeof input[from] === "boolean") settings[to] = input[from];
    }
    if (settings["IsMultiRegionTrail"] && !settings["IncludeGlobalServiceEvents"]) {
        return refusal(
            "InvalidParameterCombinationException",
            "Multi-Region trail must include global service events.",
        );
    }
    trail.settings = settings as unknown as TrailSettings;
    const {
        HomeRegion: _region,
        HasCustomEventSelectors: _custom,
        HasInsightSelectors: _insight,
        ...answer
    } = trail.settings;
    return answer;
}

function logging(trail: Trail, value: boolean, now: number): object {
    if (value) trail.startedAt = now;
    else if (trail.logging) trail.stoppedAt = now;
    trail.logging = value;
    return {};
}

function tag(trail: Trail, list: unknown): object {
    for (const { Key, Value } of tagsOf(list)) trail.tags.set(Key, Value);
    return {};
}

function tagsOf(list: unknown): { Key: string; Value: string }[] {
    return Array.isArray(list)
        ? list.map((item: { Key?: unknown; Value?: unknown }) => ({
              Key: String(item.Key),
              Value: String(item.Value ?? ""),
          }))
        : [];
}
