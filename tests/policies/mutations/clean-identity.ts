import { type Benign } from "./clean";
import { attach, OUTSIDE, own, ownPolicy, policyOf, ROLE } from "./identity-attached";
import {
    ACCOUNT,
    added,
    changed,
    type Json,
    type Program,
    UNKNOWN,
    withStatement,
    withText,
    withTrust,
} from "./program";

/** What must raise nothing of A and C, beside what clean.ts has. */

const READS = { Action: "s3:GetObject", Resource: "arn:aws:s3:::b/*" };
const VERIFY = `arn:aws:iam::${ACCOUNT}:role/countersign-local-verify`;
const COMPANION = `arn:aws:iam::${ACCOUNT}:role/companion`;
const companion = { outsideRoles: [{ arn: COMPANION, reason: "another stack's, reviewed" }] };

const statement = (threat: string, name: string, one: Json, settings?: Benign["settings"]): Benign => ({
    threat,
    name,
    change: (program) => [withStatement(program, one)],
    ...(settings && { settings }),
});

const signs = (program: Program) =>
    ownPolicy(program, "ceiling", { Action: ["kms:Sign", "s3:GetObject"], Resource: "*" });

export const benignIdentity: readonly Benign[] = [
    statement("T04", "a Deny by NotResource", { Effect: "Deny", Action: "s3:*", NotResource: "arn:aws:s3:::b/*" }),
    statement("T03", "a Deny of all that is not read", {
        Effect: "Deny",
        NotAction: ["s3:Get*", "dynamodb:*"],
        Resource: "*",
    }),
    statement("T02", "kms:Verify in another case", { Action: "KMS:VERIFY", Resource: "*" }),
    ...[policyOf(READS), JSON.stringify(policyOf(READS), undefined, 2)].map((document): Benign => ({
        threat: "T11",
        name: `a policy of others that reads, its document ${typeof document === "string" ? "as text" : "as an object"}`,
        settings: { outsidePolicies: [{ arn: OUTSIDE, document }] },
        change: attach(OUTSIDE),
    })),
    {
        threat: "T11",
        name: "a policy of the stack, by ARN",
        settings: { stackPolicies: ["reader"] },
        change: (program) => [ownPolicy(program, "reader", READS), ...attach(own("reader"))(program)],
    },
    {
        threat: "T11",
        name: "a policy of the stack under a path, in the role",
        settings: { stackPolicies: ["reader"] },
        change: (program) => [
            ownPolicy(program, "reader", READS, { path: "/countersign/" }),
            changed(program.get("Role", "pipeline-prepare"), { managedPolicyArns: [own("reader", "/countersign/")] }),
        ],
    },
    {
        threat: "T11",
        name: "policies of the stack by dependency, exclusively",
        change: (program) => {
            const policy = ownPolicy(program, "reader", READS);
            const exclusive = added(
                program,
                "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
                "clean",
                { roleName: ROLE, policyArns: [UNKNOWN] },
                { propertyDependencies: { policyArns: [policy.urn!] } },
            );
            return [policy, exclusive];
        },
    },
    {
        threat: "T14",
        name: "a policy of the stack that may sign, as boundary",
        settings: { boundaryPolicies: ["ceiling"] },
        change: (program) => [
            signs(program),
            changed(program.get("Role", "pipeline-prepare"), { permissionsBoundary: own("ceiling") }),
        ],
    },
    {
        threat: "T14",
        name: "a boundary that allows all it does not name, by dependency",
        settings: { boundaryPolicies: ["ceiling"] },
        change: (program) => {
            const policy = ownPolicy(program, "ceiling", { NotAction: "iam:*", Resource: "*" });
            const role = changed(program.get("Role", "pipeline-prepare"), { permissionsBoundary: UNKNOWN });
            return [policy, { ...role, propertyDependencies: { permissionsBoundary: [policy.urn!] } }];
        },
    },
    {
        threat: "T15",
        name: "members in another order, and a list where one would do",
        change: (program) => [
            withText(
                program,
                '{"Statement":[{"Resource":["arn:aws:s3:::b/*"],"Action":["s3:GetObject"],"Effect":"Allow"}],"Version":"2012-10-17"}',
            ),
        ],
    },
    statement("T62", "a role that assumes another of this program", { Action: "sts:AssumeRole", Resource: VERIFY }),
    statement(
        "T62",
        "a role that assumes a reviewed one",
        { Action: "sts:AssumeRole", Resource: COMPANION },
        companion,
    ),
    statement("T62", "a Deny of all assuming", { Effect: "Deny", Action: "sts:*", Resource: "*" }),
    statement("T62", "who it is", { Action: "sts:GetCallerIdentity", Resource: "*" }),
    statement(
        "T63",
        "PassRole of a reviewed role to one service",
        {
            Action: "iam:PassRole",
            Resource: COMPANION,
            Condition: { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } },
        },
        companion,
    ),
    {
        threat: "T51",
        name: "a role that trusts a reviewed one",
        settings: companion,
        change: (program) => [withTrust(program, "pipeline-verify", [{ Principal: { AWS: COMPANION } }])],
    },
    {
        threat: "T49",
        name: "a service that the settings name",
        settings: { extraServices: [{ name: "codebuild.amazonaws.com", reason: "builds, reviewed" }] },
        change: (program) => [
            withTrust(program, "pipeline-verify", [
                {
                    Principal: { Service: "codebuild.amazonaws.com" },
                    Condition: { StringEquals: { "aws:SourceAccount": ACCOUNT } },
                },
            ]),
        ],
    },
];
