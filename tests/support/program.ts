/** Configuration of the whole program, for tests. */
export const programConfig: Record<string, unknown> = {
    accountId: "111122223333",
    owner: "tests",
    deployRole: "arn:aws:iam::111122223333:role/countersign-deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/countersign-administrator"],
    logOrigin: "log.example.com/countersign",
    bootstrapLog: true,
    graceSeconds: 7,
    tenants: [
        {
            name: "acme",
            formats: ["kmod", "raw"],
            submitters: ["arn:aws:iam::111122223333:role/acme-ci"],
        },
    ],
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
    objectLock: { mode: "GOVERNANCE", days: 1 },
};
