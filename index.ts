import { Provider } from "@pulumi/aws/provider";
import * as pulumi from "@pulumi/pulumi";
import { AuditTrail } from "./components/audit-trail";
import { DataKey } from "./components/data-key";
import { currentKeys, readSettings } from "./components/settings";
import { SigningKey } from "./components/signing-key";
import { SigningPipeline } from "./components/signing-pipeline";
import { keyOutputs, type StackOutputs } from "./components/stack-outputs";
import { TransparencyLog } from "./components/transparency-log";

const { accountId, region, owner, namePrefix, deployRole, keyAdmins, tenants, objectLock, ...settings } = readSettings(
    new pulumi.Config(),
);
const custody = { namePrefix, deployRole, keyAdmins };

const provider = new Provider("aws", {
    region,
    allowedAccountIds: [accountId],
    defaultTags: { tags: { owner, project: pulumi.getProject(), stack: pulumi.getStack() } },
});
const opts = { provider };

const dataKey = new DataKey("data", { ...custody, submitters: tenants.flatMap((tenant) => tenant.submitters) }, opts);
const dataKeyArn = dataKey.keyArn;

const { logOrigin: origin, bootstrapLog: bootstrap, graceSeconds } = settings;
const log = new TransparencyLog("log", { ...custody, origin, bootstrap, graceSeconds, dataKeyArn }, opts);

const keys = settings.keys.map(
    ({ name, ...key }) => new SigningKey(`${name}-v${key.version}`, { ...custody, keyName: name, ...key }, opts),
);
const signing = currentKeys(keys);

const pipeline = new SigningPipeline(
    "pipeline",
    {
        keys: signing,
        certificates: settings.certificates,
        tenants,
        logOrigin: log.origin,
        logVkey: log.vkey,
        dataKeyArn,
        objectLock,
        namePrefix,
    },
    opts,
);

const trail = new AuditTrail("trail", { dataKeyArn, objectLock, alarmTopicArn: log.alarmTopicArn, namePrefix }, opts);

const outputs: StackOutputs = {
    logUrl: log.url,
    logOrigin: log.origin,
    logVkey: log.vkey,
    logBucket: log.bucketName,
    logKeyArn: log.keyArn,
    logKeySpkiBase64: log.keySpkiBase64,
    logSignerRoleArn: log.signerRoleArn,
    uploadsBucket: pipeline.uploadsBucket,
    resultsBucket: pipeline.resultsBucket,
    stateMachineArn: pipeline.stateMachineArn,
    keyNames: signing.map((key) => key.keyName),
    dataKeyArn,
    trailArn: trail.trailArn,
    alarmTopicArn: log.alarmTopicArn,
    unattributedAlarm: log.unattributedAlarm,
    logHaltedAlarm: log.logHaltedAlarm,
    namePrefix,
    sequencerFunction: log.sequencerFunction,
    intakeFunction: log.intakeFunction,
    headTable: log.headTable,
    intakeTable: log.intakeTable,
};

/** Documented in components/stack-outputs.ts. */
export = { ...outputs, ...keyOutputs(signing) };
