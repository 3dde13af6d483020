/** The local run's fixed facts: nothing here is a secret, and nothing is read from the environment. */

export const ACCOUNT = "111122223333";
export const OTHER_ACCOUNT = "444455556666";
export const REGION = "eu-west-1";
export const PROJECT = "countersign";
export const STACK = "local";
export const TENANT = "dev-team";

/** Seconds within which a record has to be in the log; 300 on AWS, where events take longer. */
export const GRACE_SECONDS = 3;

export const ROLES = {
    deployer: `arn:aws:iam::${ACCOUNT}:role/countersign-deployer`,
    administrator: `arn:aws:iam::${ACCOUNT}:role/countersign-administrator`,
    submitter: `arn:aws:iam::${ACCOUNT}:role/countersign-submitter`,
} as const;

/** Configuration of the program, as Pulumi.local.yaml documents it; certificates come once the key exists. */
export function programConfig(certificates: Record<string, string> = {}): Record<string, unknown> {
    return {
        logOrigin: "localhost/countersign",
        bootstrapLog: true,
        graceSeconds: GRACE_SECONDS,
        deployRole: ROLES.deployer,
        keyAdmins: [ROLES.administrator],
        region: REGION,
        accountId: ACCOUNT,
        owner: "local",
        tenants: [{ name: TENANT, formats: ["kmod", "raw"], submitters: [ROLES.submitter] }],
        keys: [
            {
                name: "modules",
                version: 1,
                spec: "RSA_4096",
                formats: ["kmod"],
                algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            },
            { name: "files", version: 1, spec: "RSA_4096", formats: ["raw"], algorithm: "RSASSA_PKCS1_V1_5_SHA_256" },
        ],
        certificates,
        objectLock: { mode: "GOVERNANCE", days: 1 },
    };
}

/** What the policy pack is told about this account; the shape is `policies/settings.ts`. */
export const POLICY_SETTINGS = {
    accountId: ACCOUNT,
    keyAdmins: [ROLES.administrator],
    deployRole: ROLES.deployer,
    regions: [REGION],
};
