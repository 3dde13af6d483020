import type * as Module from "../../../components/transparency-log";
import { loadNative } from "../../support/native";

export const DATA_KEY = "arn:aws:kms:eu-west-1:111122223333:key/data";
export const args = {
    origin: "log.example.com/countersign",
    graceSeconds: 7,
    dataKeyArn: DATA_KEY,
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/admin"],
};

/** One log with nothing around it. */
export function program() {
    const { TransparencyLog } = loadNative<typeof Module>("components/transparency-log.ts");
    const { url, vkey, origin, bucketName, signerRoleArn, sequencerFunction, alarmTopicArn } = new TransparencyLog(
        "log",
        args,
    );
    return { url, vkey, origin, bucketName, signerRoleArn, sequencerFunction, alarmTopicArn };
}
