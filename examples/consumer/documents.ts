/** Policy documents as pure functions: known in a preview, and tested by equality. */

export interface FetchArgs {
    readonly tenant: string;
    readonly bucket: string;
    readonly dataKeyArn: string;
    readonly region: string;
}

/** @param principal ARN of the role that the release job has, which may assume this one */
export function trustOf(principal: string): object {
    return {
        Version: "2012-10-17",
        Statement: [{ Sid: "ReleaseJob", Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" }],
    };
}

/** Results of one tenant, and their decryption through S3. Nothing that submits, nothing that signs. */
export function fetchReleased({ tenant, bucket, dataKeyArn, region }: FetchArgs): object {
    const [, partition = "aws"] = dataKeyArn.split(":");
    return {
        Version: "2012-10-17",
        Statement: [
            {
                Sid: "Released",
                Effect: "Allow",
                Action: "s3:GetObject",
                Resource: `arn:${partition}:s3:::${bucket}/released/${tenant}/*`,
            },
            {
                Sid: "DataKey",
                Effect: "Allow",
                Action: "kms:Decrypt",
                Resource: dataKeyArn,
                Condition: { StringEquals: { "kms:ViaService": `s3.${region}.amazonaws.com` } },
            },
        ],
    };
}
