import { ACCOUNT, UNKNOWN } from "../mutations/program";
import { declare, type Extension, P, TAGS, trust } from "./extension";

/** What people get wrong at first, and the words that set them right. */
export const mistakes: readonly (readonly [string, RegExp, Extension["change"]])[] = [
    [
        "a function whose role is the ARN of a new role",
        /expected a role's ARN made from its name/,
        (program) =>
            declare(program, [["aws:lambda/function:Function", "f", { name: `${P}-f`, role: UNKNOWN, tags: TAGS }]]),
    ],
    [
        "a permission whose source is the ARN of a new rule",
        /made of account, region and name/,
        (program) =>
            declare(program, [
                [
                    "aws:lambda/permission:Permission",
                    "p",
                    {
                        function: `${P}-f`,
                        action: "lambda:InvokeFunction",
                        principal: "events.amazonaws.com",
                        sourceArn: UNKNOWN,
                        sourceAccount: ACCOUNT,
                    },
                ],
            ]),
    ],
    [
        "a permission that Pulumi's examples have, without account",
        /name SourceArn and SourceAccount/,
        (program) =>
            declare(program, [
                [
                    "aws:lambda/permission:Permission",
                    "p",
                    {
                        function: `${P}-f`,
                        action: "lambda:InvokeFunction",
                        principal: "s3.amazonaws.com",
                        sourceArn: "arn:aws:s3:::b",
                    },
                ],
            ]),
    ],
    [
        "a policy that holds the ARN of a new bucket",
        /build the document from partition, account, region and explicit names/,
        (program) =>
            declare(program, [["aws:iam/rolePolicy:RolePolicy", "p", { role: `${P}-verify`, policy: UNKNOWN }]]),
    ],
    [
        "a role without a name",
        /expected an explicit name/,
        (program) =>
            declare(program, [
                ["aws:iam/role:Role", "r", { assumeRolePolicy: trust("lambda.amazonaws.com"), tags: TAGS }],
            ]),
    ],
    [
        "a mapping by the ARN of a new function",
        /expected its name/,
        (program) =>
            declare(program, [
                [
                    "aws:lambda/eventSourceMapping:EventSourceMapping",
                    "m",
                    { functionName: UNKNOWN, eventSourceArn: UNKNOWN, tags: TAGS },
                ],
            ]),
    ],
    [
        "a role with a name that is not in the settings, in a profile",
        /names role countersign-local-x that is not listed.*serviceRoles/,
        (program) =>
            declare(program, [["aws:iam/instanceProfile:InstanceProfile", "i", { role: `${P}-x`, tags: TAGS }]]),
    ],
    [
        "a bucket without object lock",
        /unlockedBuckets/,
        (program) => declare(program, [["aws:s3/bucket:Bucket", "b", { bucket: "b", tags: TAGS }]]),
    ],
    [
        "a resource under the default provider",
        /expected an explicit one.*pass it to every resource/,
        (program) => [
            {
                ...program.get("Role", "pipeline-verify"),
                name: "v",
                provider: { type: "pulumi:providers:aws", name: "default_7_48_0", properties: {} },
            },
        ],
    ],
    [
        "a policy of AWS with full access",
        /write an inline policy with the least that is needed/,
        (program) =>
            declare(program, [
                [
                    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
                    "a",
                    { role: `${P}-verify`, policyArn: "arn:aws:iam::aws:policy/AmazonS3FullAccess" },
                ],
            ]),
    ],
    [
        "a rule that starts a container",
        /expected a function, machine, queue or topic/,
        (program) =>
            declare(program, [
                [
                    "aws:cloudwatch/eventTarget:EventTarget",
                    "t",
                    {
                        rule: "r",
                        arn: `arn:aws:ecs:eu-west-1:${ACCOUNT}:cluster/c`,
                        ecsTarget: { taskDefinitionArn: UNKNOWN },
                    },
                ],
            ]),
    ],
];
