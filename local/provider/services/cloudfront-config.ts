import type {
    CacheBehavior,
    DefaultCacheBehavior,
    DistributionConfig,
    Method,
    Origin,
} from "@aws-sdk/client-cloudfront";
import type { DistributionArgs } from "@pulumi/aws/cloudfront";
import { members, type ArgsOf, type Members } from "../declare";

/**
 * CloudFront's configuration, which is written as a whole: it wraps every list in `{ Quantity, Items }` and wants parts
 * that Pulumi leaves out.
 */

export type Distribution = ArgsOf<DistributionArgs>;
type Behavior = Distribution["defaultCacheBehavior"];

export const BEHAVIOR: Members = {
    ...members("targetOriginId", "viewerProtocolPolicy", "allowedMethods", "cachedMethods", "compress"),
    ...members("cachePolicyId", "originRequestPolicyId", "responseHeadersPolicyId", "smoothStreaming"),
    functionAssociations: members("eventType", "functionArn"),
};

export const ORIGIN: Members = {
    ...members(
        "originId",
        "domainName",
        "originPath",
        "originAccessControlId",
        "connectionAttempts",
        "connectionTimeout",
    ),
    customHeaders: members("name", "value"),
    customOriginConfig: members("httpPort", "httpsPort", "originProtocolPolicy", "originSslProtocols"),
};

function items<T>(Items: T[]): { Quantity: number; Items: T[] } {
    return { Quantity: Items.length, Items };
}

/** @param CallerReference chosen at creation, and kept for ever */
export function distributionConfig(args: Distribution, CallerReference: string): DistributionConfig {
    const ordered = args.orderedCacheBehaviors ?? [];
    return {
        CallerReference,
        Comment: args.comment ?? "",
        Enabled: args.enabled,
        HttpVersion: args.httpVersion as "http2" | undefined,
        IsIPV6Enabled: args.isIpv6Enabled ?? false,
        DefaultRootObject: args.defaultRootObject ?? "",
        PriceClass: args.priceClass as "PriceClass_All" | undefined,
        WebACLId: args.webAclId ?? "",
        Aliases: items(args.aliases ?? []),
        Origins: items(args.origins.map(origin)),
        DefaultCacheBehavior: behavior(args.defaultCacheBehavior),
        CacheBehaviors: items(
            ordered.map((rule): CacheBehavior => ({ ...behavior(rule), PathPattern: rule.pathPattern })),
        ),
        CustomErrorResponses: items(
            (args.customErrorResponses ?? []).map((rule) => ({
                ErrorCode: rule.errorCode,
                ResponseCode: rule.responseCode === undefined ? "" : String(rule.responseCode),
                ResponsePagePath: rule.responsePagePath ?? "",
                ErrorCachingMinTTL: rule.errorCachingMinTtl,
            })),
        ),
        Restrictions: {
            GeoRestriction: {
                RestrictionType: args.restrictions.geoRestriction.restrictionType as "none",
                ...items(args.restrictions.geoRestriction.locations ?? []),
            },
        },
        ViewerCertificate: viewerCertificate(args),
    };
}

function origin(args: Distribution["origins"][number]): Origin {
    const custom = args.customOriginConfig;
    return {
        Id: args.originId,
        DomainName: args.domainName,
        OriginPath: args.originPath ?? "",
        OriginAccessControlId: args.originAccessControlId ?? "",
        ConnectionAttempts: args.connectionAttempts,
        ConnectionTimeout: args.connectionTimeout,
        CustomHeaders: items(
            (args.customHeaders ?? []).map(({ name, value }) => ({ HeaderName: name, HeaderValue: value })),
        ),
        ...(custom
            ? {
                  CustomOriginConfig: {
                      HTTPPort: custom.httpPort,
                      HTTPSPort: custom.httpsPort,
                      OriginProtocolPolicy: custom.originProtocolPolicy as "https-only",
                      OriginSslProtocols: items(custom.originSslProtocols as "TLSv1.2"[]),
                  },
              }
            : { S3OriginConfig: { OriginAccessIdentity: "" } }),
    };
}

function behavior(args: Behavior): DefaultCacheBehavior {
    return {
        TargetOriginId: args.targetOriginId,
        ViewerProtocolPolicy: args.viewerProtocolPolicy as "https-only",
        AllowedMethods: {
            ...items(args.allowedMethods as Method[]),
            CachedMethods: items(args.cachedMethods as Method[]),
        },
        Compress: args.compress ?? false,
        SmoothStreaming: args.smoothStreaming ?? false,
        CachePolicyId: args.cachePolicyId,
        OriginRequestPolicyId: args.originRequestPolicyId,
        ResponseHeadersPolicyId: args.responseHeadersPolicyId,
        FunctionAssociations: items(
            (args.functionAssociations ?? []).map(({ eventType, functionArn }) => ({
                EventType: eventType as "viewer-request",
                FunctionARN: functionArn,
            })),
        ),
        LambdaFunctionAssociations: items([]),
    };
}

function viewerCertificate({ viewerCertificate: given }: Distribution) {
    return given.acmCertificateArn
        ? {
              ACMCertificateArn: given.acmCertificateArn,
              SSLSupportMethod: given.sslSupportMethod as "sni-only",
              MinimumProtocolVersion: given.minimumProtocolVersion as "TLSv1.2_2021",
          }
        : { CloudFrontDefaultCertificate: true };
}
