import { each, inputs, newOne, news, on, takes } from "./build";
import { type Json, type Mutant, STRANGER, withKeyPolicy, withTrust } from "./program";
import { CI, GITHUB, oidc, SUBJECT, WORKFLOW } from "./trust";

/** What a rule says that it is against and no other mutant shows. docs.test.ts wants one for each threat that a rule names. */

const SIGN_ALL = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:Sign","Resource":"*"}]}';

const KNOWN = "iam-known-actions";
const DIRECT = { ...(CI as unknown as Mutant["settings"] & object), directMode: true };
const claims = (sub: string, more: Json = {}): Json => ({
    [`${GITHUB}:aud`]: "sts.amazonaws.com",
    [`${GITHUB}:sub`]: sub,
    [`${GITHUB}:job_workflow_ref`]: WORKFLOW,
    ...more,
});

/** A signer in direct mode, which admits more than the one subject. */
function direct(threat: string, name: string, statement: Json): Mutant {
    return {
        threat,
        rule: "iam-signer-trust-exact",
        name: `a signer in direct mode with ${name}`,
        settings: DIRECT,
        change: (program) => [withTrust(program, "modules-v1-signer", [statement])],
    };
}

/** The Deny of Sign to others, with a condition more: then it bites sometimes. */
function denyOnlyIf(Condition: Record<string, Json>): Mutant["change"] {
    return (program) => [
        withKeyPolicy(program, (all) =>
            all.map((one: Json): Json =>
                one.Sid === "DenySignOthers" ? { ...one, Condition: { ...one.Condition, ...Condition } } : one,
            ),
        ),
    ];
}

export const claimMutants: readonly Mutant[] = [
    ...each("T09", "kms-sign-explicit-deny", {
        "a Deny for what comes without TLS only": denyOnlyIf({ Bool: { "aws:SecureTransport": "false" } }),
        "a Deny for other algorithms only": denyOnlyIf({
            StringNotEquals: { "kms:SigningAlgorithm": "RSASSA_PSS_SHA_512", "aws:PrincipalArn": "nobody" },
        }),
        "a Deny for one region only": denyOnlyIf({ StringEquals: { "aws:RequestedRegion": "us-east-1" } }),
    }),
    ...each("T13", "iam-sign-identity-docs", {
        "Sign for a group's members": newOne("aws:iam/groupPolicy:GroupPolicy", { group: "ops", policy: SIGN_ALL }),
        "Sign for a user": newOne("aws:iam/userPolicy:UserPolicy", { user: "ops", policy: SIGN_ALL }),
    }),
    ...takes("T03", { "everything but one": { NotAction: "s3:DeleteBucket", Resource: "*" } }, "iam-admin-star"),
    ...takes(
        "T04",
        { "a service on all but one": { Action: "sqs:*", NotResource: "arn:aws:sqs:*:*:x" } },
        "iam-admin-star",
    ),
    ...takes("T51", { "becoming a role that nobody sees": on("sts:AssumeRole", STRANGER) }, "iam-no-chains"),
    ...takes("T65", { "objects of any bucket": on("s3:PutObject", "arn:aws:s3:::*/*") }, "iam-no-chains"),
    ...takes("T60", { "another mail address for the root user": on("account:StartPrimaryEmailUpdate") }, KNOWN),
    ...takes("T63", { "a job of another service": on("batch:SubmitJob") }, KNOWN),
    ...takes(
        "T64",
        {
            "the start-up commands of any instance": on("ec2:ModifyInstanceAttribute"),
            "a shell of a service that is yet to come": on("novelty:StartShell"),
        },
        KNOWN,
    ),
    ...takes("T68", {
        "PutItem, as a path": on("dynamodb:PutItem", "arn:aws:dynamodb:*:*:table/countersign-local-rechecks"),
    }),
    direct("T42", "any subject", oidc({ StringEquals: { [`${GITHUB}:aud`]: "sts.amazonaws.com" } })),
    direct(
        "T45",
        "a name that can be registered again",
        oidc({ StringEquals: claims("repo:acme/release:ref:refs/heads/main") }),
    ),
    direct("T47", "a subject that may be absent", oidc({ StringEqualsIfExists: claims(SUBJECT) })),
    direct("T48", "claims of another issuer", {
        ...oidc({ StringEquals: claims(SUBJECT) }),
        Principal: { Federated: "arn:aws:iam::111122223333:oidc-provider/git.example.net" },
    }),
    ...news("T49", "iam-oidc-provider-pinned", [
        ["an issuer of SAML", "aws:iam/samlProvider:SamlProvider", { name: "x", samlMetadataDocument: "<x/>" }],
    ]),
    ...news("T61", "iam-oidc-provider-pinned", [
        [
            "an issuer that nobody configured, by the program itself",
            "aws:iam/openIdConnectProvider:OpenIdConnectProvider",
            { url: "https://git.example.net", clientIdLists: ["sts.amazonaws.com"] },
        ],
    ]),
    {
        threat: "T60",
        rule: "iam-session-duration",
        name: "a role without the boundary that the settings ask for",
        settings: { boundaryRequired: true },
        change: inputs("Role", "pipeline-verify", {}),
    },
];
