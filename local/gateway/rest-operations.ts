/** `METHOD path-pattern[?query]` -> operation, as in the service models; `*` is one path segment. First match wins. */
type Route = readonly [method: string, pattern: string, operation: string];

const LAMBDA: readonly Route[] = [
    ["GET", "/2015-03-31/functions", "ListFunctions"],
    ["POST", "/2015-03-31/functions", "CreateFunction"],
    ["GET", "/2015-03-31/functions/*", "GetFunction"],
    ["DELETE", "/2015-03-31/functions/*", "DeleteFunction"],
    ["PUT", "/2015-03-31/functions/*/code", "UpdateFunctionCode"],
    ["GET", "/2015-03-31/functions/*/configuration", "GetFunctionConfiguration"],
    ["PUT", "/2015-03-31/functions/*/configuration", "UpdateFunctionConfiguration"],
    ["POST", "/2015-03-31/functions/*/invocations", "Invoke"],
    ["GET", "/2015-03-31/functions/*/policy", "GetPolicy"],
    ["POST", "/2015-03-31/functions/*/policy", "AddPermission"],
    ["DELETE", "/2015-03-31/functions/*/policy/*", "RemovePermission"],
    ["GET", "/2015-03-31/functions/*/versions", "ListVersionsByFunction"],
    ["POST", "/2015-03-31/functions/*/versions", "PublishVersion"],
    ["GET", "/2015-03-31/event-source-mappings", "ListEventSourceMappings"],
    ["POST", "/2015-03-31/event-source-mappings", "CreateEventSourceMapping"],
    ["GET", "/2015-03-31/event-source-mappings/*", "GetEventSourceMapping"],
    ["PUT", "/2015-03-31/event-source-mappings/*", "UpdateEventSourceMapping"],
    ["DELETE", "/2015-03-31/event-source-mappings/*", "DeleteEventSourceMapping"],
    ["PUT", "/2017-10-31/functions/*/concurrency", "PutFunctionConcurrency"],
    ["DELETE", "/2017-10-31/functions/*/concurrency", "DeleteFunctionConcurrency"],
    ["GET", "/2019-09-30/functions/*/concurrency", "GetFunctionConcurrency"],
    ["GET", "/2020-06-30/functions/*/code-signing-config", "GetFunctionCodeSigningConfig"],
    ["GET", "/2017-03-31/tags/*", "ListTags"],
    ["POST", "/2017-03-31/tags/*", "TagResource"],
    ["DELETE", "/2017-03-31/tags/*", "UntagResource"],
];

const CLOUDFRONT: readonly Route[] = [
    ["GET", "/2020-05-31/distribution", "ListDistributions"],
    ["POST", "/2020-05-31/distribution?WithTags", "CreateDistributionWithTags"],
    ["POST", "/2020-05-31/distribution", "CreateDistribution"],
    ["GET", "/2020-05-31/distribution/*", "GetDistribution"],
    ["DELETE", "/2020-05-31/distribution/*", "DeleteDistribution"],
    ["GET", "/2020-05-31/distribution/*/config", "GetDistributionConfig"],
    ["PUT", "/2020-05-31/distribution/*/config", "UpdateDistribution"],
    ["POST", "/2020-05-31/distribution/*/invalidation", "CreateInvalidation"],
    ["GET", "/2020-05-31/distribution/*/invalidation/*", "GetInvalidation"],
    ["GET", "/2020-05-31/origin-access-control", "ListOriginAccessControls"],
    ["POST", "/2020-05-31/origin-access-control", "CreateOriginAccessControl"],
    ["GET", "/2020-05-31/origin-access-control/*", "GetOriginAccessControl"],
    ["DELETE", "/2020-05-31/origin-access-control/*", "DeleteOriginAccessControl"],
    ["GET", "/2020-05-31/origin-access-control/*/config", "GetOriginAccessControlConfig"],
    ["PUT", "/2020-05-31/origin-access-control/*/config", "UpdateOriginAccessControl"],
    ["GET", "/2020-05-31/tagging", "ListTagsForResource"],
    ["POST", "/2020-05-31/tagging?Operation=Tag", "TagResource"],
    ["POST", "/2020-05-31/tagging?Operation=Untag", "UntagResource"],
];

const ROUTES: Readonly<Record<string, readonly Route[]>> = { lambda: LAMBDA, cloudfront: CLOUDFRONT };

/** @returns undefined for a path that is not in the table: MiniStack would serve some of those without asking its evaluator */
export function restOperation(
    service: string,
    method: string,
    path: string,
    query: URLSearchParams,
): string | undefined {
    const segments = path.replace(/\/$/, "").split("/");
    const route = (ROUTES[service] ?? []).find(
        ([verb, pattern]) => verb === method && matches(pattern, segments, query),
    );
    return route?.[2];
}

function matches(pattern: string, segments: readonly string[], query: URLSearchParams): boolean {
    const [path = "", condition] = pattern.split("?");
    const wanted = path.split("/");
    if (wanted.length !== segments.length) return false;
    if (!wanted.every((part, i) => (part === "*" ? segments[i] !== "" : part === segments[i]))) return false;
    if (condition === undefined) return true;
    const [name = "", value] = condition.split("=");
    return value === undefined ? query.has(name) : query.get(name) === value;
}
