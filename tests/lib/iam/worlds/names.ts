import type { Person } from "../oracle";

/** Few names, so that documents and callers meet. */

export const ACCOUNT = "111122223333";
export const OTHER = "444455556666";
export const KEY_IDS = ["1234abcd-0000-4000-8000-00000000000a", "abcdef01-0000-4000-8000-00000000000b"];
export const KEY_ARNS = KEY_IDS.map((id) => `arn:aws:kms:eu-west-1:${ACCOUNT}:key/${id}`);
export const ACTIONS = ["kms:Sign", "kms:CreateGrant", "kms:PutKeyPolicy"];

export const role = (name: string, account = ACCOUNT): string => `arn:aws:iam::${account}:role/${name}`;
export const session = (of: string, name: string, account = ACCOUNT): string =>
    `arn:aws:sts::${account}:assumed-role/${of}/${name}`;
export const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
export const EVE = `arn:aws:iam::${ACCOUNT}:user/eve`;
export const BOB = `arn:aws:sts::${ACCOUNT}:federated-user/bob`;
export const SIGNER = role("signing/signer");
export const DECLARED = [SIGNER, role("runner"), role("ci/admin"), EVE];

/** Which role and which user these are, no document tells. */
export const ROLE_ID = "AROAEXAMPLEEXAMPLE12";
export const USER_ID = "AIDAEXAMPLEEXAMPLE12";

export const PEOPLE: readonly Person[] = [
    ...["signing/signer", "runner", "ci/admin", "signex", "signing/signer-evil", "stranger", "ci/x-signer"].map(
        (name): Person => ({ type: "AssumedRole", arn: role(name), account: ACCOUNT, session: "s1" }),
    ),
    { type: "User", arn: EVE, account: ACCOUNT },
    { type: "User", arn: `arn:aws:iam::${ACCOUNT}:user/signing/mallory`, account: ACCOUNT },
    { type: "FederatedUser", arn: BOB, account: ACCOUNT },
    { type: "Account", arn: ROOT, account: ACCOUNT },
    { type: "AssumedRole", arn: role("signing/signer", OTHER), account: OTHER, session: "s1" },
    { type: "AssumedRole", arn: role("x", "777788889999"), account: "777788889999", session: "s2" },
    { type: "Account", arn: `arn:aws:iam::${OTHER}:root`, account: OTHER },
    { type: "Service", arn: "lambda.amazonaws.com" },
    { type: "Service", arn: "dnssec-route53.amazonaws.com" },
    { type: "Anonymous", arn: "anonymous" },
];
