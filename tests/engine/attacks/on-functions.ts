import { strToU8, zipSync } from "fflate";
import { ACCOUNT, TENANT } from "../../../local/story/settings";
import { type Attempt, bytes } from "./attempt";
import type { Crafted } from "../deployed/craft";
import { arnOf, type Signer, type Targets } from "./targets";

/** T64 to T67: the signers' functions and keys, and what they are made from. */

const SOURCE = "exports.handler = async () => 'attack';";

export function onFunctions(targets: Targets, forged: Crafted): Attempt[] {
    return [
        ...targets.signers.flatMap((signer) => [...functionVerbs(signer, forged), ...mappings(targets, signer)]),
        ...targets.signers.flatMap((signer, i) => keyVerbs(signer, targets.signers[(i + 1) % targets.signers.length]!)),
        ...machine(targets),
        ...supply(targets),
        ...instances(),
    ];
}

function functionVerbs({ functionName: FunctionName }: Signer, { id }: Crafted): Attempt[] {
    const call = (command: string, input: object, action = command): Attempt => ({
        action: `lambda:${action}`,
        target: FunctionName,
        service: "lambda",
        command,
        input: { FunctionName, ...input },
    });
    const DestinationConfig = { OnSuccess: { Destination: arnOf.function(FunctionName) } };
    return [
        call("Invoke", { Payload: bytes(JSON.stringify({ requestId: id })) }, "InvokeFunction"),
        call("InvokeAsync", { InvokeArgs: bytes(JSON.stringify({ requestId: id })) }),
        call("AddPermission", { StatementId: "attack", Action: "lambda:InvokeFunction", Principal: ACCOUNT }),
        call("CreateFunctionUrlConfig", { AuthType: "NONE" }),
        call("UpdateFunctionUrlConfig", { AuthType: "NONE" }),
        call("UpdateFunctionCode", { ZipFile: bytes(zipSync({ "__index.js": strToU8(SOURCE) })) }),
        call("UpdateFunctionConfiguration", {
            Environment: { Variables: { NODE_OPTIONS: "--import=data:text/javascript," } },
        }),
        call("PublishVersion", {}),
        call("CreateAlias", { Name: "attack", FunctionVersion: "1" }),
        call("UpdateAlias", { Name: "attack", FunctionVersion: "1" }),
        call("PutFunctionEventInvokeConfig", { DestinationConfig }),
        call("UpdateFunctionEventInvokeConfig", { DestinationConfig }),
    ];
}

function mappings({ prefix, mappingId: UUID }: Targets, { functionName }: Signer): Attempt[] {
    const FunctionName = arnOf.function(functionName);
    const call = (command: string, input: object): Attempt => ({
        action: `lambda:${command}`,
        target: functionName,
        service: "lambda",
        command,
        input: { FunctionName, ...input },
    });
    return [
        call("CreateEventSourceMapping", { EventSourceArn: arnOf.queue(`${prefix}-uses`) }),
        call("UpdateEventSourceMapping", { UUID }),
    ];
}

function keyVerbs(signer: Signer, other: Signer): Attempt[] {
    const { keyArn: KeyId, keyAlias: AliasName, algorithm: SigningAlgorithm, messageType: MessageType } = signer;
    const call = (command: string, input: object, key: object = { KeyId }): Attempt => ({
        action: `kms:${command}`,
        target: AliasName,
        service: "kms",
        command,
        input: { ...key, ...input },
    });
    const all = { Effect: "Allow", Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: "kms:*", Resource: "*" };
    const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [all] });
    const GranteePrincipal = `arn:aws:iam::${ACCOUNT}:root`;
    return [
        call("Sign", { Message: bytes(new Uint8Array(32)), MessageType, SigningAlgorithm }),
        call("PutKeyPolicy", { Policy, BypassPolicyLockoutSafetyCheck: true }),
        call("CreateGrant", { GranteePrincipal, Operations: ["Sign"] }),
        call("ReplicateKey", { ReplicaRegion: "eu-central-1" }),
        call("ImportKeyMaterial", { ImportToken: bytes("x"), EncryptedKeyMaterial: bytes("x") }),
        call("UpdatePrimaryRegion", { PrimaryRegion: "eu-central-1" }),
        call("UpdateAlias", { AliasName, TargetKeyId: other.keyArn }, {}),
        call("CreateAlias", { AliasName: `${AliasName}-attack`, TargetKeyId: KeyId }, {}),
        call("DeleteAlias", { AliasName }, {}),
        call("EnableKey", {}),
    ];
}

function machine({ machineArn }: Targets): Attempt[] {
    const definition = JSON.stringify({ StartAt: "end", States: { end: { Type: "Succeed" } } });
    const input = { stateMachineArn: machineArn, definition };
    const target = machineArn.slice(machineArn.lastIndexOf(":") + 1);
    return [{ action: "states:UpdateStateMachine", target, service: "states", command: "UpdateStateMachine", input }];
}

/** Nothing of the program is made from a bucket or parameter; the pipeline reads uploads, verifiers the log. */
function supply({ buckets, prefix }: Targets): Attempt[] {
    const put = (Bucket: string, Key: string): Attempt => ({
        action: "s3:PutObject",
        target: `${Bucket.slice(prefix.length + 1).split("-")[0]}/${Key}`,
        service: "s3",
        command: "PutObject",
        input: { Bucket, Key, Body: bytes("attack") },
    });
    const policy = (Bucket: string): Attempt => ({
        action: "s3:PutBucketPolicy",
        target: Bucket.slice(prefix.length + 1).split("-")[0]!,
        service: "s3",
        command: "PutBucketPolicy",
        input: { Bucket, Policy: openTo(Bucket) },
    });
    return [
        // Of no format, so that whoever may upload at all starts nothing that signs.
        put(buckets.uploads, `${TENANT}/exe/attack`),
        put(buckets.uploads, "other-team/raw/attack"),
        put(buckets.results, "assembled/attack"),
        put(buckets.results, `released/${TENANT}/attack`),
        put(buckets.log, "attack"),
        put(buckets.log, "tile/0/attack"),
        put(buckets.log, "index/attack"),
        put(buckets.log, "checkpoint"),
        ...Object.values(buckets).map(policy),
        {
            action: "ssm:PutParameter",
            target: "/attack",
            service: "ssm",
            command: "PutParameter",
            input: { Name: "/attack", Value: "x", Type: "String" },
        },
    ];
}

function openTo(bucket: string): string {
    const all = { Effect: "Allow", Principal: { AWS: ACCOUNT }, Action: "s3:*", Resource: `arn:aws:s3:::${bucket}/*` };
    return JSON.stringify({ Version: "2012-10-17", Statement: [all] });
}

/** T64 on instances: the stack has none, and any would do. */
function instances(): Attempt[] {
    const InstanceIds = ["i-00000000000000000"];
    const call = (command: string, input: object): Attempt => {
        return { action: `ssm:${command}`, target: "instances", service: "ssm", command, input };
    };
    return [
        call("SendCommand", { InstanceIds, DocumentName: "AWS-RunShellScript", Parameters: { commands: ["id"] } }),
        call("StartSession", { Target: InstanceIds[0] }),
        call("ResumeSession", { SessionId: "attack-00000000000000000" }),
    ];
}
