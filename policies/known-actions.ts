import { compileGlob, covers, foldCase, type Glob } from "../lib/iam/glob";
import type { ParsedPolicy, Pattern } from "../lib/iam/types";
import type { Finding } from "./rule";
import type { Settings } from "./settings";

/**
 * Actions that identity documents may allow, as patterns in lower case: work on data, and reading. What they can reach of signers and control
 * tables, other rules judge by resource. Everything else starts something, hands on rights, or is new: AWS adds some hundred actions a year,
 * and no list of the dangerous ones is ever complete. Not among them, though they only read: what gives out credentials
 * (`redshift:GetClusterCredentials`, `ssm:GetAccessToken`).
 */
const KNOWN: Readonly<Record<string, readonly string[]>> = {
    "*": ["describe*", "list*"],
    "access-analyzer": ["check*", "get*", "validate*"],
    acm: ["get*"],
    cloudfront: ["createinvalidation", "get*"],
    cloudtrail: ["get*", "lookupevents"],
    cloudwatch: ["get*", "putmetricdata"],
    dynamodb: [
        "batchgetitem",
        "batchwriteitem",
        "conditioncheckitem",
        "deleteitem",
        "get*",
        "partiql*",
        "putitem",
        "query",
        "scan",
        "updateitem",
    ],
    ec2: ["assignprivateipaddresses", "createnetworkinterface", "deletenetworkinterface", "unassignprivateipaddresses"],
    ec2messages: ["*"],
    ecr: [
        "batchchecklayeravailability",
        "batchget*",
        "completelayerupload",
        "get*",
        "initiatelayerupload",
        "putimage",
        "uploadlayerpart",
    ],
    elasticfilesystem: ["client*"],
    events: ["putevents", "testeventpattern"],
    firehose: ["putrecord*"],
    // Roles that are passed: iam-passrole-scoped.
    iam: ["generate*", "get*", "passrole", "simulate*"],
    kinesis: ["get*", "putrecord*", "subscribetoshard"],
    // What a key's own policy does not leave to identity documents, and iam-sign-identity-docs and iam-signer-takeover of the rest.
    kms: ["*"],
    // Code of whose functions: iam-no-chains.
    lambda: ["get*", "invokefunction", "publishversion", "updatefunctioncode", "updatefunctionconfiguration"],
    logs: [
        "createlogdelivery",
        "createloggroup",
        "createlogstream",
        "deletelogdelivery",
        "filterlogevents",
        "get*",
        "putlogevents",
        "putresourcepolicy",
        "putretentionpolicy",
        "startquery",
        "stopquery",
        "updatelogdelivery",
    ],
    s3: [
        "abortmultipartupload",
        "deleteobject*",
        "get*",
        "putobject*",
        "replicatedelete",
        "replicateobject",
        "replicatetags",
        "restoreobject",
    ],
    secretsmanager: ["batchgetsecretvalue", "get*", "putsecretvalue", "updatesecretversionstage"],
    sns: ["get*", "publish"],
    sqs: ["changemessagevisibility", "deletemessage", "get*", "purgequeue", "receivemessage", "sendmessage"],
    ssm: [
        "getdeployablepatchsnapshotforinstance",
        "getdocument",
        "getmanifest",
        "getparameter*",
        "putcomplianceitems",
        "putconfigurepackageresult",
        "putinventory",
        "updateassociationstatus",
        "updateinstanceassociationstatus",
        "updateinstanceinformation",
    ],
    ssmmessages: ["*"],
    // Which machines may be changed: iam-no-chains.
    states: [
        "getactivitytask",
        "getexecutionhistory",
        "redriveexecution",
        "sendtask*",
        "startexecution",
        "startsyncexecution",
        "stopexecution",
        "updatestatemachine",
        "validatestatemachinedefinition",
    ],
    // Which roles: iam-no-chains.
    sts: [
        "assumerole*",
        "decodeauthorizationmessage",
        "getaccesskeyinfo",
        "getcalleridentity",
        "getservicebearertoken",
        "setsourceidentity",
        "tagsession",
    ],
    tag: ["get*"],
    xray: ["*"],
};

const GLOBS: Readonly<Record<string, readonly Glob[]>> = Object.fromEntries(
    Object.entries(KNOWN).map(([service, verbs]) => [service, verbs.map((verb) => compileGlob(`${service}:${verb}`))]),
);

/** No action of AWS is half as long; whatever is longer matches none that is known, and costs nothing to refuse. */
const LONGEST = 128;

/** Actions of a document's Allows, each once, that are not known in all that they may mean, and not in the settings. */
export function unknownActions({ document }: ParsedPolicy, { extraActions }: Settings): Finding[] {
    const extra = extraActions
        .filter(({ reason }) => reason !== "")
        .map(({ name }) => compileGlob(name, { fold: true }));
    const first = new Map<string, Pattern>();
    for (const { effect, actions } of document.statements) {
        if (effect !== "Allow" || actions.negated) continue; // NotAction: iam-admin-star
        for (const entry of actions.entries) if (!first.has(entry.text)) first.set(entry.text, entry);
    }
    return [...first.values()]
        .filter((entry) => !isKnown(entry, extra))
        .map(({ text, at }) => ({ at, saw: `${shown(text)} is not on the list of actions`, ...actionOf(text) }));
}

function isKnown({ text, glob }: Pattern, extra: readonly Glob[]): boolean {
    if (text.length > LONGEST) return false;
    const service = foldCase(text.slice(0, text.indexOf(":")));
    const own = Object.hasOwn(GLOBS, service) ? GLOBS[service]! : [];
    return [...own, ...GLOBS["*"]!, ...extra].some((one) => covers(one, glob));
}

const SHOWN = /^[\w*?:-]{1,80}$/;

function shown(text: string): string {
    return SHOWN.test(text) ? text : "an action";
}

function actionOf(text: string): Pick<Finding, "action"> {
    return SHOWN.test(text) ? { action: text } : {};
}
