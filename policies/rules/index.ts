import type { Rule } from "../rule";
import { lambdaHardening } from "./compute/lambda-hardening";
import { iamPolicyDocKnown } from "./iam/iam-policy-doc-known";
import { kmsKeyProtectAndWindow } from "./kms/kms-key-protect-and-window";
import { kmsNoGrants } from "./kms/kms-no-grants";
import { kmsSigningKeyShape } from "./kms/kms-signing-key-shape";
import { providerPinned } from "./stack/provider-pinned";

/** Every rule of the pack, all mandatory. */
export const RULES: readonly Rule[] = [
    kmsSigningKeyShape,
    kmsKeyProtectAndWindow,
    kmsNoGrants,
    iamPolicyDocKnown,
    providerPinned,
    lambdaHardening,
];
