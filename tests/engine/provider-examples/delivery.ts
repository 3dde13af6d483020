import type { DistributionConfig, OriginAccessControlConfig } from "@aws-sdk/client-cloudfront";
import type { AdvancedEventSelector, EventSelector, Trail } from "@aws-sdk/client-cloudtrail";
import { record, TAGS_BASE, TAGS_CHANGE, type Example } from "./example";

interface TrailSeen {
    trail: Trail;
    logging: boolean;
    selectors: EventSelector[];
    advanced: AdvancedEventSelector[];
    tags: object;
}

interface DistributionSeen {
    config: DistributionConfig;
    tags: object;
}

interface ControlSeen {
    control: OriginAccessControlConfig;
}

const BEHAVIOR = {
    targetOriginId: "log",
    viewerProtocolPolicy: "redirect-to-https",
    allowedMethods: ["GET", "HEAD"],
    cachedMethods: ["GET", "HEAD"],
    cachePolicyId: "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
};

export const DELIVERY: { readonly [token: string]: Example } = {
    "aws:cloudtrail/trail:Trail": {
        base: ({ trailBucket }) => ({ name: "example", s3BucketName: trailBucket, tags: TAGS_BASE }),
        async observe(aws, id) {
            const cloudtrail = await aws.cloudtrail();
            const { Trail: trail } = await cloudtrail.getTrail({ Name: id });
            const { IsLogging: logging } = await cloudtrail.getTrailStatus({ Name: id });
            const selectors = await cloudtrail.getEventSelectors({ TrailName: id });
            const { ResourceTagList } = await cloudtrail.listTags({ ResourceIdList: [id] });
            return {
                trail,
                logging,
                selectors: selectors.EventSelectors,
                advanced: selectors.AdvancedEventSelectors,
                tags: record(ResourceTagList?.[0]?.TagsList as { Key: string; Value: string }[]),
            };
        },
        arguments: ({ otherTrailBucket, keyArn, topicArn, logGroupArn, roleArn }) => ({
            name: { to: "other" },
            s3BucketName: { to: otherTrailBucket, at: ({ trail }: TrailSeen) => trail.S3BucketName },
            s3KeyPrefix: { to: "prefix", at: ({ trail }: TrailSeen) => trail.S3KeyPrefix || undefined },
            kmsKeyId: { to: keyArn, at: ({ trail }: TrailSeen) => trail.KmsKeyId || undefined },
            snsTopicName: {
                to: topicArn,
                at: ({ trail }: TrailSeen) => trail.SnsTopicARN || trail.SnsTopicName || undefined,
            },
            cloudWatchLogsGroupArn: {
                to: `${logGroupArn}:*`,
                with: { cloudWatchLogsRoleArn: roleArn },
                at: ({ trail }: TrailSeen) => trail.CloudWatchLogsLogGroupArn || undefined,
            },
            cloudWatchLogsRoleArn: {
                to: roleArn,
                with: { cloudWatchLogsGroupArn: `${logGroupArn}:*` },
                at: ({ trail }: TrailSeen) => trail.CloudWatchLogsRoleArn || undefined,
            },
            isMultiRegionTrail: { to: true, at: ({ trail }: TrailSeen) => trail.IsMultiRegionTrail ?? false },
            includeGlobalServiceEvents: { to: false, at: ({ trail }: TrailSeen) => trail.IncludeGlobalServiceEvents },
            enableLogFileValidation: {
                to: true,
                at: ({ trail }: TrailSeen) => trail.LogFileValidationEnabled ?? false,
            },
            enableLogging: { to: false, at: ({ logging }: TrailSeen) => logging },
            eventSelectors: {
                to: [{ readWriteType: "WriteOnly", includeManagementEvents: true }],
                at: ({ selectors }: TrailSeen) => selectors?.[0]?.ReadWriteType ?? "All",
                is: "WriteOnly",
            },
            advancedEventSelectors: {
                to: [{ name: "all", fieldSelectors: [{ field: "eventCategory", equals: ["Management"] }] }],
                at: ({ advanced }: TrailSeen) => advanced?.[0]?.FieldSelectors?.[0]?.Equals?.[0],
                is: "Management",
            },
            tags: { to: TAGS_CHANGE, at: ({ tags }: TrailSeen) => tags },
        }),
    },
    "aws:cloudfront/originAccessControl:OriginAccessControl": {
        base: () => ({
            name: "example",
            originAccessControlOriginType: "s3",
            signingBehavior: "always",
            signingProtocol: "sigv4",
        }),
        async observe(aws, id) {
            const answer = await (await aws.cloudfront()).getOriginAccessControl({ Id: id });
            return { control: answer.OriginAccessControl?.OriginAccessControlConfig };
        },
        arguments: () => ({
            name: { to: "other" },
            description: { to: "text", at: ({ control }: ControlSeen) => control.Description },
            originAccessControlOriginType: {
                to: "lambda",
                at: ({ control }: ControlSeen) => control.OriginAccessControlOriginType,
            },
            signingBehavior: { to: "no-override", at: ({ control }: ControlSeen) => control.SigningBehavior },
            // There is only one.
            signingProtocol: { to: "sigv4-next", refused: /Invalid SigningProtocol/ },
        }),
    },
    "aws:cloudfront/distribution:Distribution": {
        base: () => ({
            enabled: true,
            origins: [{ originId: "log", domainName: "log.s3.eu-west-1.amazonaws.com" }],
            defaultCacheBehavior: BEHAVIOR,
            restrictions: { geoRestriction: { restrictionType: "none" } },
            viewerCertificate: { cloudfrontDefaultCertificate: true },
            tags: TAGS_BASE,
        }),
        async observe(aws, id) {
            const cloudfront = await aws.cloudfront();
            const { Distribution: made } = await cloudfront.getDistribution({ Id: id });
            const { Tags } = await cloudfront.listTagsForResource({ Resource: made?.ARN });
            return { config: made?.DistributionConfig, tags: record(Tags?.Items as { Key: string; Value: string }[]) };
        },
        arguments: () => ({
            enabled: { to: false, at: ({ config }: DistributionSeen) => config.Enabled },
            comment: { to: "text", at: ({ config }: DistributionSeen) => config.Comment || undefined },
            httpVersion: { to: "http2and3", at: ({ config }: DistributionSeen) => config.HttpVersion },
            isIpv6Enabled: { to: true, at: ({ config }: DistributionSeen) => config.IsIPV6Enabled },
            defaultRootObject: {
                to: "index.html",
                at: ({ config }: DistributionSeen) => config.DefaultRootObject || undefined,
            },
            priceClass: { to: "PriceClass_100", at: ({ config }: DistributionSeen) => config.PriceClass },
            webAclId: { to: "acl", at: ({ config }: DistributionSeen) => config.WebACLId || undefined },
            aliases: { to: ["log.example.org"], at: ({ config }: DistributionSeen) => config.Aliases?.Items ?? [] },
            origins: {
                to: [{ originId: "log", domainName: "other.s3.eu-west-1.amazonaws.com", originAccessControlId: "E1" }],
                at: ({ config }: DistributionSeen) => {
                    const origin = config.Origins?.Items?.[0];
                    return [origin?.DomainName, origin?.OriginAccessControlId];
                },
                is: ["other.s3.eu-west-1.amazonaws.com", "E1"],
            },
            defaultCacheBehavior: {
                to: {
                    ...BEHAVIOR,
                    viewerProtocolPolicy: "https-only",
                    compress: true,
                    responseHeadersPolicyId: "67f7725c-6f97-4210-82d7-5512b31e9d03",
                },
                at: ({ config }: DistributionSeen) => {
                    const behavior = config.DefaultCacheBehavior;
                    return [behavior?.ViewerProtocolPolicy, behavior?.Compress, behavior?.ResponseHeadersPolicyId];
                },
                is: ["https-only", true, "67f7725c-6f97-4210-82d7-5512b31e9d03"],
            },
            orderedCacheBehaviors: {
                to: [{ ...BEHAVIOR, pathPattern: "/tile/*" }],
                at: ({ config }: DistributionSeen) => config.CacheBehaviors?.Items?.[0]?.PathPattern,
                is: "/tile/*",
            },
            customErrorResponses: {
                to: [{ errorCode: 403, responseCode: 404, responsePagePath: "/404", errorCachingMinTtl: 1 }],
                at: ({ config }: DistributionSeen) => config.CustomErrorResponses?.Items?.[0]?.ResponsePagePath,
                is: "/404",
            },
            restrictions: {
                to: { geoRestriction: { restrictionType: "whitelist", locations: ["SE"] } },
                at: ({ config }: DistributionSeen) => config.Restrictions?.GeoRestriction?.Items ?? [],
                is: ["SE"],
            },
            viewerCertificate: {
                to: {
                    acmCertificateArn: "arn:aws:acm:us-east-1:111122223333:certificate/x",
                    sslSupportMethod: "sni-only",
                    minimumProtocolVersion: "TLSv1.2_2021",
                },
                at: ({ config }: DistributionSeen) => config.ViewerCertificate?.ACMCertificateArn,
                is: "arn:aws:acm:us-east-1:111122223333:certificate/x",
            },
            retainOnDelete: { to: true, unseen: "the provider alone acts on it, at deletion" },
            waitForDeployment: { to: false, unseen: "the provider alone acts on it" },
            tags: { to: TAGS_CHANGE, at: ({ tags }: DistributionSeen) => tags },
        }),
    },
};
