import { randomUUID } from "node:crypto";
import type { CloudFront, OriginAccessControlConfig, OriginAccessControl as Made } from "@aws-sdk/client-cloudfront";
import type { DistributionArgs, OriginAccessControlArgs } from "@pulumi/aws/cloudfront";
import { found } from "../aws";
import { members, replace, resource, TAGS, update, type ArgsOf } from "../declare";
import { until } from "../poll";
import { BEHAVIOR, distributionConfig, ORIGIN, type Distribution } from "./cloudfront-config";
import { retag, tagList, tagsOf } from "./tags";

/** Every write names the version it replaces (ETag), so that two writers cannot undo each other unseen. */

export const originAccessControl = resource<OriginAccessControlArgs>({
    token: "aws:cloudfront/originAccessControl:OriginAccessControl",
    arguments: {
        name: replace(),
        description: update({ default: "Managed by Pulumi" }),
        originAccessControlOriginType: update({ required: true }),
        signingBehavior: update({ required: true }),
        signingProtocol: update({ required: true }),
    },
    outputs: ["arn", "etag"],
    volatile: { etag: ["description", "originAccessControlOriginType", "signingBehavior", "signingProtocol"] },
    autoname: { argument: "name", maxLength: 64 },
    identity: ["name"],
    regional: false,

    async create(aws, args) {
        const answer = await (
            await aws.cloudfront()
        ).createOriginAccessControl({ OriginAccessControlConfig: control(args) });
        return { id: answer.OriginAccessControl?.Id ?? "" };
    },

    async read(aws, id) {
        const answer = await found((await aws.cloudfront()).getOriginAccessControl({ Id: id }));
        const arn = `arn:${aws.partition}:cloudfront::${aws.accountId}:origin-access-control/${id}`;
        return answer && { arn, etag: answer.ETag, ...observedControl(answer.OriginAccessControl) };
    },

    async update(aws, id, args) {
        const cloudfront = await aws.cloudfront();
        const { ETag: IfMatch } = await cloudfront.getOriginAccessControl({ Id: id });
        await cloudfront.updateOriginAccessControl({ Id: id, IfMatch, OriginAccessControlConfig: control(args) });
    },

    async delete(aws, id) {
        const cloudfront = await aws.cloudfront();
        const { ETag: IfMatch } = await cloudfront.getOriginAccessControl({ Id: id });
        await cloudfront.deleteOriginAccessControl({ Id: id, IfMatch });
    },
});

function control(args: ArgsOf<OriginAccessControlArgs>): OriginAccessControlConfig {
    return {
        Name: args.name,
        Description: args.description,
        OriginAccessControlOriginType: args.originAccessControlOriginType as "s3",
        SigningBehavior: args.signingBehavior as "always",
        SigningProtocol: args.signingProtocol as "sigv4",
    };
}

function observedControl(made: Made | undefined): object {
    const config = made?.OriginAccessControlConfig;
    return {
        name: config?.Name,
        description: config?.Description,
        originAccessControlOriginType: config?.OriginAccessControlOriginType,
        signingBehavior: config?.SigningBehavior,
        signingProtocol: config?.SigningProtocol,
    };
}

export const distribution = resource<DistributionArgs>({
    token: "aws:cloudfront/distribution:Distribution",
    arguments: {
        enabled: update({ required: true }),
        comment: update(),
        httpVersion: update({ default: "http2" }),
        isIpv6Enabled: update({ default: false }),
        defaultRootObject: update(),
        priceClass: update({ default: "PriceClass_All" }),
        webAclId: update(),
        aliases: update({ unordered: true }),
        origins: update({ required: true, unordered: true, members: ORIGIN }),
        defaultCacheBehavior: update({ required: true, members: BEHAVIOR }),
        orderedCacheBehaviors: update({ members: { ...BEHAVIOR, pathPattern: true } }),
        customErrorResponses: update({
            members: members("errorCode", "responseCode", "responsePagePath", "errorCachingMinTtl"),
        }),
        restrictions: update({ required: true, members: { geoRestriction: members("restrictionType", "locations") } }),
        viewerCertificate: update({
            required: true,
            members: members(
                "cloudfrontDefaultCertificate",
                "acmCertificateArn",
                "sslSupportMethod",
                "minimumProtocolVersion",
            ),
        }),
        retainOnDelete: update({ default: false }),
        waitForDeployment: update({ default: true }),
        ...TAGS,
    },
    outputs: ["arn", "domainName", "hostedZoneId", "callerReference", "etag", "status", "lastModifiedTime"],
    volatile: {
        etag: ["enabled", "comment", "origins", "defaultCacheBehavior"],
        status: ["enabled", "origins"],
        lastModifiedTime: ["enabled"],
    },
    regional: false,

    async create(aws, args) {
        const { Distribution: made } = await (
            await aws.cloudfront()
        ).createDistributionWithTags({
            DistributionConfigWithTags: {
                DistributionConfig: distributionConfig(args, randomUUID()),
                Tags: { Items: tagList(args.tagsAll) },
            },
        });
        return { id: made?.Id ?? "", outputs: { arn: made?.ARN, domainName: made?.DomainName } };
    },

    async complete(aws, id, args) {
        await deployed(await aws.cloudfront(), id, args);
    },

    async read(aws, id) {
        const cloudfront = await aws.cloudfront();
        const answer = await found(cloudfront.getDistribution({ Id: id }));
        const made = answer?.Distribution;
        if (!made) {
            return undefined;
        }
        const { Tags } = await cloudfront.listTagsForResource({ Resource: made.ARN });
        const config = made.DistributionConfig;
        return {
            arn: made.ARN,
            domainName: made.DomainName,
            hostedZoneId: "Z2FDTNDATAQYW2", // of every distribution
            callerReference: config?.CallerReference,
            etag: answer?.ETag,
            status: made.Status,
            lastModifiedTime: made.LastModifiedTime?.toISOString(),
            enabled: config?.Enabled,
            ...(config?.Comment ? { comment: config.Comment } : {}),
            ...(config?.DefaultRootObject ? { defaultRootObject: config.DefaultRootObject } : {}),
            tagsAll: tagsOf(Tags?.Items),
        };
    },

    async update(aws, id, args, { old, of }) {
        const cloudfront = await aws.cloudfront();
        const { ETag: IfMatch, DistributionConfig } = await cloudfront.getDistributionConfig({ Id: id });
        const reference = DistributionConfig?.CallerReference ?? "";
        const { Distribution: made } = await cloudfront.updateDistribution({
            Id: id,
            IfMatch,
            DistributionConfig: distributionConfig(args, reference),
        });
        if (of("tagsAll")) {
            const Resource = made?.ARN;
            await retag(old.tagsAll, args.tagsAll, {
                set: (tags) => cloudfront.tagResource({ Resource, Tags: { Items: tagList(tags) } }),
                unset: (Items) => cloudfront.untagResource({ Resource, TagKeys: { Items } }),
            });
        }
        await deployed(cloudfront, id, args);
    },

    /** Only a distribution that is switched off everywhere can be deleted. */
    async delete(aws, id, { retainOnDelete }) {
        const cloudfront = await aws.cloudfront();
        const { ETag: IfMatch, DistributionConfig } = await cloudfront.getDistributionConfig({ Id: id });
        if (DistributionConfig?.Enabled) {
            await cloudfront.updateDistribution({
                Id: id,
                IfMatch,
                DistributionConfig: { ...DistributionConfig, Enabled: false },
            });
        }
        if (!retainOnDelete) {
            await deployed(cloudfront, id, {});
            const { ETag } = await cloudfront.getDistributionConfig({ Id: id });
            await cloudfront.deleteDistribution({ Id: id, IfMatch: ETag });
        }
    },
});

async function deployed(
    cloudfront: CloudFront,
    Id: string,
    { waitForDeployment }: Partial<Distribution>,
): Promise<void> {
    if (waitForDeployment === false) {
        return;
    }
    await until(`distribution ${Id}`, async () => {
        const { Distribution: made } = await cloudfront.getDistribution({ Id });
        return made?.Status === "Deployed" ? true : undefined;
    });
}
