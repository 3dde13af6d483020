import { NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";

/** Whatever gives a person or machine credentials that do not expire, or rights through a group. */
const TYPES = [
    "aws:iam/user:User",
    "aws:iam/userPolicy:UserPolicy",
    "aws:iam/userPolicyAttachment:UserPolicyAttachment",
    "aws:iam/userPolicyAttachmentsExclusive:UserPolicyAttachmentsExclusive",
    "aws:iam/userPoliciesExclusive:UserPoliciesExclusive",
    "aws:iam/userLoginProfile:UserLoginProfile",
    "aws:iam/userGroupMembership:UserGroupMembership",
    "aws:iam/accessKey:AccessKey",
    "aws:iam/serviceSpecificCredential:ServiceSpecificCredential",
    "aws:iam/sshKey:SshKey",
    "aws:iam/signingCertificate:SigningCertificate",
    "aws:iam/group:Group",
    "aws:iam/groupPolicy:GroupPolicy",
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment",
    "aws:iam/groupPolicyAttachmentsExclusive:GroupPolicyAttachmentsExclusive",
    "aws:iam/groupPoliciesExclusive:GroupPoliciesExclusive",
    "aws:iam/groupMembership:GroupMembership",
    "aws:iam/policyAttachment:PolicyAttachment",
];

export const iamNoUsersOrKeys: Rule = {
    id: "iam-no-users-or-keys",
    description: "no IAM users, groups or long-lived credentials",
    severity: "high",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T13"],
    types: [...TYPES, "aws:iam/role:Role"],
    fix: "use roles, assumed by services or by OIDC subjects",
    reads: [],
    good: { type: "aws:iam/role:Role", props: { name: "countersign-dev-prepare" } },
    bad: { props: { name: "release-manager" } },
    check: ({ type }) => (TYPES.includes(type) ? [{ at: "type", saw: `${type}, expected roles only` }] : []),
};
