import * as cloudfront from "@pulumi/aws/cloudfront";
import type * as pulumi from "@pulumi/pulumi";
import { bucketOf, type Scope } from "./iam/arns";
import { logBucketPolicy } from "./iam/buckets";
import { namesOf } from "./names";
import { privateBucket, type PrivateBucket } from "./private-bucket";
import { dataClass } from "./tags";

export interface LogSiteArgs {
    readonly scope: pulumi.Output<Scope>;
    readonly prefix: string;
    /** Name of the only role that may write. */
    readonly sequencerRole: string;
}

export interface LogSite {
    readonly bucket: PrivateBucket;
    readonly url: pulumi.Output<string>;
}

/** AWS's managed policies: honour Cache-Control of the object, and allow any origin, so that browsers can verify. */
const CACHING_OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6";
const SIMPLE_CORS = "60669652-455b-4ae9-85a4-c4c02393f86c";

/** The log's objects, and CloudFront before them: the bucket itself stays private. */
export function logSite(name: string, { scope, prefix, sequencerRole }: LogSiteArgs, parent: pulumi.Resource): LogSite {
    const bucket = privateBucket(
        `${name}-bucket`,
        {
            bucket: "log",
            scope,
            policy: (known) => logBucketPolicy(known, sequencerRole),
            dataClass: "public",
            // Objects that are final are locked one by one; a bucket default would keep partial tiles for ever.
            objectLock: "manual",
        },
        parent,
    );
    const access = new cloudfront.OriginAccessControl(
        `${name}-access`,
        {
            name: namesOf(prefix).originAccessControl,
            description: `Reads the log bucket of ${prefix}`,
            originAccessControlOriginType: "s3",
            signingBehavior: "always",
            signingProtocol: "sigv4",
        },
        { parent },
    );
    const distribution = new cloudfront.Distribution(
        `${name}-site`,
        {
            enabled: true,
            comment: `Transparency log of ${prefix}`,
            httpVersion: "http2and3",
            isIpv6Enabled: true,
            origins: [
                {
                    originId: "log",
                    domainName: scope.apply((known) => `${bucketOf(known, "log")}.s3.${known.region}.amazonaws.com`),
                    originAccessControlId: access.id,
                },
            ],
            defaultCacheBehavior: {
                targetOriginId: "log",
                viewerProtocolPolicy: "redirect-to-https",
                allowedMethods: ["GET", "HEAD"],
                cachedMethods: ["GET", "HEAD"],
                cachePolicyId: CACHING_OPTIMIZED,
                responseHeadersPolicyId: SIMPLE_CORS,
                compress: false,
            },
            restrictions: { geoRestriction: { restrictionType: "none" } },
            viewerCertificate: { cloudfrontDefaultCertificate: true },
            tags: dataClass("public"),
        },
        { parent, dependsOn: bucket.ready },
    );
    return { bucket, url: distribution.domainName.apply((domain) => `https://${domain}`) };
}
