/**
 * What the program needs in order to deploy itself, and the same on AWS (docs/operations): of KMS only what creates and
 * reads. Whatever more the deploy role may do to a signing key, the key's own policy says so.
 *
 * @param baseline ARNs of the principals that exist before the program: out of its reach, or it would be their equal
 */
export function deployerPolicy(accountId: string, baseline: readonly string[]): object[] {
    return [
        {
            Sid: "Services",
            Effect: "Allow",
            Action: [
                "cloudfront:*",
                "cloudtrail:*",
                "cloudwatch:*",
                "dynamodb:*",
                "events:*",
                "lambda:*",
                "logs:*",
                "s3:*",
                "sns:*",
                "sqs:*",
                "ssm:*",
                "states:*",
                "sts:GetCallerIdentity",
            ],
            Resource: "*",
        },
        {
            Sid: "Roles",
            Effect: "Allow",
            Action: [
                "iam:CreateRole",
                "iam:DeleteRole",
                "iam:DeleteRolePolicy",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
                "iam:ListRoleTags",
                "iam:PassRole",
                "iam:PutRolePolicy",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
            ],
            Resource: `arn:aws:iam::${accountId}:role/*`,
        },
        {
            Sid: "NotItsOwnRights",
            Effect: "Deny",
            Action: ["iam:Delete*", "iam:PassRole", "iam:Put*", "iam:Tag*", "iam:Untag*", "iam:Update*"],
            Resource: baseline,
        },
        {
            Sid: "Keys",
            Effect: "Allow",
            Action: [
                "kms:CreateKey",
                "kms:DescribeKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:GetPublicKey",
                "kms:ListAliases",
                "kms:ListKeyPolicies",
                "kms:ListKeys",
                "kms:ListResourceTags",
                "kms:TagResource",
            ],
            Resource: "*",
        },
        { Sid: "Aliases", Effect: "Allow", Action: "kms:CreateAlias", Resource: `arn:aws:kms:*:${accountId}:alias/*` },
    ];
}
