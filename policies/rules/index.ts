import type { Rule } from "../rule";
import { lambdaHardening } from "./compute/lambda-hardening";
import { iamPolicyDocKnown } from "./iam/iam-policy-doc-known";
import { kmsKeyProtectAndWindow } from "./kms/kms-key-protect-and-window";
import { kmsNoGrants } from "./kms/kms-no-grants";
import { kmsNoIamDelegationOfSign } from "./kms/kms-no-iam-delegation-of-sign";
import { kmsSignExclusive } from "./kms/kms-sign-exclusive";
import { kmsSignExplicitDeny } from "./kms/kms-sign-explicit-deny";
import { kmsSigningKeyShape } from "./kms/kms-signing-key-shape";
import { providerPinned } from "./stack/provider-pinned";

/** Every rule of the pack, all mandatory. */
export const RULES: readonly Rule[] = [
    kmsSignExclusive,
    kmsSignExplicitDeny,
    kmsNoIamDelegationOfSign,
    kmsSigningKeyShape,
    kmsKeyProtectAndWindow,
    kmsNoGrants,
    iamPolicyDocKnown,
    providerPinned,
    lambdaHardening,
];
