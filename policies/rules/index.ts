import type { Rule } from "../rule";
import { cloudtrailComplete } from "./audit/cloudtrail-complete";
import { logRetentionEncrypted } from "./audit/log-retention-encrypted";
import { tagsRequired } from "./audit/tags-required";
import { ec2Imdsv2 } from "./compute/ec2-imdsv2";
import { ecsHardening } from "./compute/ecs-hardening";
import { lambdaHardening } from "./compute/lambda-hardening";
import { sfnNoKmsSdk } from "./compute/sfn-no-kms-sdk";
import { sgNoWorldIngress } from "./compute/sg-no-world-ingress";
import { signerRuntimePinned } from "./compute/signer-runtime-pinned";
import { vpceKmsPolicy } from "./compute/vpce-kms-policy";
import { controlTables } from "./data/control-tables";
import { ecrImmutable } from "./data/ecr-immutable";
import { queuesTopicsEncrypted } from "./data/queues-topics-encrypted";
import { s3ArtifactBucket } from "./data/s3-artifact-bucket";
import { secretsHardening } from "./data/secrets-hardening";
import { iamAdminStar } from "./iam/iam-admin-star";
import { iamKnownActions } from "./iam/iam-known-actions";
import { iamManagedPolicyDenylist } from "./iam/iam-managed-policy-denylist";
import { iamNoChains } from "./iam/iam-no-chains";
import { iamNoUsersOrKeys } from "./iam/iam-no-users-or-keys";
import { iamOidcConditions } from "./iam/iam-oidc-conditions";
import { iamOidcProviderPinned } from "./iam/iam-oidc-provider-pinned";
import { iamPassroleScoped } from "./iam/iam-passrole-scoped";
import { iamPolicyDocKnown } from "./iam/iam-policy-doc-known";
import { iamPolicyDocStrictJson } from "./iam/iam-policy-doc-strict-json";
import { iamSessionDuration } from "./iam/iam-session-duration";
import { iamSignIdentityDocs } from "./iam/iam-sign-identity-docs";
import { iamSignerLeastPrivilege } from "./iam/iam-signer-least-privilege";
import { iamSignerTakeover } from "./iam/iam-signer-takeover";
import { iamSignerTrustExact } from "./iam/iam-signer-trust-exact";
import { iamTrustNoWildcard } from "./iam/iam-trust-no-wildcard";
import { iamTrustNotices } from "./iam/iam-trust-notices";
import { kmsAliasTarget } from "./kms/kms-alias-target";
import { kmsKeyAdminAllowlist } from "./kms/kms-key-admin-allowlist";
import { kmsKeyProtectAndWindow } from "./kms/kms-key-protect-and-window";
import { kmsNoGrants } from "./kms/kms-no-grants";
import { kmsNoIamDelegationOfSign } from "./kms/kms-no-iam-delegation-of-sign";
import { kmsSignExclusive } from "./kms/kms-sign-exclusive";
import { kmsSignExplicitDeny } from "./kms/kms-sign-explicit-deny";
import { kmsSigningKeyShape } from "./kms/kms-signing-key-shape";
import { noIgnoreChangesOnSecurityProps } from "./stack/no-ignore-changes-on-security-props";
import { outsideRoles } from "./stack/outside-roles";
import { providerPinned } from "./stack/provider-pinned";
import { signerReferrersAllowlist } from "./stack/signer-referrers-allowlist";
import { signingKeyReferrersAllowlist } from "./stack/signing-key-referrers-allowlist";
import { stackTypeAllowlist } from "./stack/stack-type-allowlist";

/** Every rule of the pack. All are mandatory but iam-trust-notices, which only announces. */
export const RULES: readonly Rule[] = [
    kmsSignExclusive,
    kmsSignExplicitDeny,
    kmsNoIamDelegationOfSign,
    kmsNoGrants,
    kmsKeyAdminAllowlist,
    kmsSigningKeyShape,
    kmsKeyProtectAndWindow,
    kmsAliasTarget,
    iamSignIdentityDocs,
    iamManagedPolicyDenylist,
    iamPolicyDocKnown,
    iamPolicyDocStrictJson,
    iamSignerTrustExact,
    iamOidcConditions,
    iamOidcProviderPinned,
    iamTrustNoWildcard,
    iamSignerLeastPrivilege,
    iamSignerTakeover,
    iamPassroleScoped,
    iamNoChains,
    iamKnownActions,
    iamNoUsersOrKeys,
    iamAdminStar,
    iamSessionDuration,
    iamTrustNotices,
    signerReferrersAllowlist,
    signerRuntimePinned,
    controlTables,
    outsideRoles,
    signingKeyReferrersAllowlist,
    stackTypeAllowlist,
    providerPinned,
    noIgnoreChangesOnSecurityProps,
    lambdaHardening,
    ec2Imdsv2,
    sgNoWorldIngress,
    ecsHardening,
    vpceKmsPolicy,
    sfnNoKmsSdk,
    s3ArtifactBucket,
    cloudtrailComplete,
    secretsHardening,
    ecrImmutable,
    queuesTopicsEncrypted,
    tagsRequired,
    logRetentionEncrypted,
];
