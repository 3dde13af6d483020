import type * as KeyModule from "../../../components/signing-key";
import type * as Module from "../../../components/signing-pipeline";
import { loadNative } from "../../support/native";

export const DATA_KEY = "arn:aws:kms:eu-west-1:111122223333:key/data";
export const CI = "arn:aws:iam::111122223333:role/acme-ci";
const custody = {
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/admin"],
};

/** A pipeline of two keys and one tenant. */
export function program() {
    const { SigningKey } = loadNative<typeof KeyModule>("components/signing-key.ts");
    const { SigningPipeline } = loadNative<typeof Module>("components/signing-pipeline.ts");
    const { uploadsBucket, resultsBucket, stateMachineArn } = new SigningPipeline("pipeline", {
        keys: [
            new SigningKey("modules-v1", { ...custody, keyName: "modules", version: 1, formats: ["kmod"] }),
            new SigningKey("files-v1", { ...custody, keyName: "files", version: 1, formats: ["raw"] }),
        ],
        tenants: [{ name: "acme", formats: ["kmod", "raw"], submitters: [CI] }],
        logOrigin: "log.example.com/countersign",
        logVkey: "VKEY",
        dataKeyArn: DATA_KEY,
        objectLock: { mode: "GOVERNANCE", days: 1 },
    });
    return { uploadsBucket, resultsBucket, stateMachineArn };
}
