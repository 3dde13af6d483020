import { createHash, randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import {
    CreateKeyCommand,
    DescribeKeyCommand,
    GetKeyPolicyCommand,
    KMSClient,
    ListAliasesCommand,
    ListKeysCommand,
    SignCommand,
} from "@aws-sdk/client-kms";
import {
    CreateFunctionCommand,
    DeleteFunctionCommand,
    InvokeCommand,
    LambdaClient,
    waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { strToU8, zipSync } from "fflate";
import type { Credentials } from "../cloud";
import type { Say } from "../progress";
import type { Refused } from "../summary";
import { ACCOUNT, ROLES } from "./settings";
import { clientOptions, type Stage } from "./stage";
import { requestWithOtherBody, unsignedSign } from "./wire";

/** What a caller got for one request. */
interface Answer {
    readonly ok: boolean;
    readonly error?: string | undefined;
    readonly requestId?: string | undefined;
}

const ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256";

/**
 * Everyone who must not sign tries to, each beside something that the same caller may do.
 *
 * @throws if anybody signs, if a twin is refused, or if a refusal came from anywhere but the evaluator where it has to
 */
export async function tryRefusals(stage: Stage, released: string, say: Say): Promise<Refused[]> {
    const { cloud, outputs } = stage;
    const key = outputs.keys["modules"]!;
    const refused: Refused[] = [];
    const add = async (
        caller: string,
        action: string,
        attempt: Answer,
        twinName: string,
        twin: Answer,
        beforeEvaluator = false,
    ) => {
        say(caller);
        refused.push(await judged(stage, caller, action, attempt, twinName, twin, beforeEvaluator));
    };
    const sign = (credentials: Credentials) => attemptSign(stage, credentials, key.arn);

    const administrator = await cloud.assumeRole(ROLES.administrator);
    const deployer = await cloud.assumeRole(ROLES.deployer);
    const submitter = await cloud.assumeRole(ROLES.submitter);
    const everything = await cloud.assumeRole(cloud.roles.kmsEverything);

    await add(
        "administrator",
        "kms:Sign",
        await sign(administrator),
        "kms:DescribeKey",
        await kms(stage, administrator, (c) => c.send(new DescribeKeyCommand({ KeyId: key.arn }))),
    );
    await add(
        "deploy role",
        "kms:Sign",
        await sign(deployer),
        "kms:ListAliases",
        await kms(stage, deployer, (c) => c.send(new ListAliasesCommand({}))),
    );
    await add(
        "submitter",
        "kms:Sign",
        await sign(submitter),
        "s3:GetObject of its result",
        await getObject(stage, submitter, released),
    );
    await add(
        "role with kms:* of its own",
        "kms:Sign",
        await sign(everything),
        "kms:ListKeys",
        await kms(stage, everything, (c) => c.send(new ListKeysCommand({}))),
    );
    await add(
        "root user",
        "kms:Sign",
        await sign(cloud.root),
        "kms:GetKeyPolicy",
        await kms(stage, cloud.root, (c) => c.send(new GetKeyPolicyCommand({ KeyId: key.arn }))),
    );
    for (const role of [...Object.values(ROLES), ...stackRoles(stage)]) {
        await add(
            "root user",
            `sts:AssumeRole on ${role.replace(/^.*:role\//, "")}`,
            await assume(stage, role),
            "kms:GetKeyPolicy",
            await kms(stage, cloud.root, (c) => c.send(new GetKeyPolicyCommand({ KeyId: key.arn }))),
        );
    }
    await add(
        "another account",
        "kms:Sign",
        await sign(cloud.otherAccount),
        "kms:ListKeys at home",
        await kms(stage, cloud.otherAccount, (c) => c.send(new ListKeysCommand({}))),
    );
    await add(
        "nobody",
        "kms:Sign",
        await unsignedSign(cloud, key.arn, digest()),
        "reading the log",
        await anonymousRead(stage),
        true,
    );
    const scratch = await scratchKey(stage, administrator);
    const swapped = await requestWithOtherBody(cloud, administrator, scratch, digest(), digest());
    await add(
        "body swapped after signing",
        "kms:Sign on a scratch key",
        swapped.other,
        "kms:Sign with the body that was signed",
        swapped.same,
        true,
    );

    for (const role of functionRoles(stage)) {
        const { sign: attempt, twin } = await probe(stage, deployer, role, key.arn);
        const caller =
            role.arn === key.signerRoleArn ? "second function with the signer's role" : `function role ${role.name}`;
        await add(caller, "kms:Sign", attempt, role.twin, twin);
    }
    return refused;
}

async function judged(
    stage: Stage,
    caller: string,
    action: string,
    attempt: Answer,
    twinName: string,
    twin: Answer,
    beforeEvaluator: boolean,
): Promise<Refused> {
    if (attempt.ok)
        throw new Error(`${caller} was allowed ${action}, expected a refusal (request ${attempt.requestId})`);
    if (!twin.ok)
        throw new Error(
            `${caller} was refused ${twinName} (${twin.error}), expected it to be allowed: the refusal of ${action} then proves nothing`,
        );
    const decision =
        attempt.requestId === undefined ? undefined : await stage.cloud.control.decision(attempt.requestId);
    if (decision === undefined && !beforeEvaluator) {
        throw new Error(
            `${caller} was refused ${action} by ${attempt.error} without a decision of the evaluator, expected one`,
        );
    }
    const statement = decision?.statement;
    return {
        caller,
        action,
        error: attempt.error ?? "refused",
        decision: decision?.decision ?? "refused before the evaluator",
        statement: statement ? [statement.sid, statement.policy].filter(Boolean).join(" in ") : "",
        twin: twinName,
    };
}

/** A digest that nothing else signs: were a refusal to fail, the use would stand out. */
function digest(): Buffer {
    return createHash("sha256").update(randomUUID()).digest();
}

async function outcome(call: () => Promise<{ $metadata: { requestId?: string | undefined } }>): Promise<Answer> {
    try {
        return { ok: true, requestId: (await call()).$metadata.requestId };
    } catch (error) {
        const { name, $metadata } = error as Error & { $metadata?: { requestId?: string } };
        if ($metadata === undefined) throw error; // not an answer of the cloud
        return { ok: false, error: name, requestId: $metadata.requestId };
    }
}

async function kms(
    stage: Stage,
    credentials: Credentials,
    call: (client: KMSClient) => Promise<{ $metadata: { requestId?: string | undefined } }>,
): Promise<Answer> {
    const client = new KMSClient(clientOptions(stage.cloud, credentials));
    return outcome(() => call(client)).finally(() => client.destroy());
}

function attemptSign(stage: Stage, credentials: Credentials, KeyId: string): Promise<Answer> {
    const input = { KeyId, Message: digest(), MessageType: "DIGEST", SigningAlgorithm: ALGORITHM } as const;
    return kms(stage, credentials, (client) => client.send(new SignCommand(input)));
}

async function assume(stage: Stage, RoleArn: string): Promise<Answer> {
    const sts = new STSClient(clientOptions(stage.cloud, stage.cloud.root));
    return outcome(() => sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "root" }))).finally(() =>
        sts.destroy(),
    );
}

async function getObject(stage: Stage, credentials: Credentials, Key: string): Promise<Answer> {
    const s3 = new S3Client({ ...clientOptions(stage.cloud, credentials), forcePathStyle: true });
    return outcome(() => s3.send(new GetObjectCommand({ Bucket: stage.outputs.resultsBucket, Key }))).finally(() =>
        s3.destroy(),
    );
}

async function anonymousRead(stage: Stage): Promise<Answer> {
    const response = await fetch(`${await stage.cloud.logUrl(stage.outputs.logUrl)}/checkpoint`);
    return { ok: response.ok, error: `HTTP ${response.status}` };
}

/** A key of the administrator's own, that signs nothing of the stack: only there can a request be allowed but for its body. */
async function scratchKey(stage: Stage, administrator: Credentials): Promise<string> {
    const client = new KMSClient(clientOptions(stage.cloud, administrator));
    try {
        const policy = {
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { AWS: ROLES.administrator }, Action: "kms:*", Resource: "*" }],
        };
        const { KeyMetadata } = await client.send(
            new CreateKeyCommand({ KeyUsage: "SIGN_VERIFY", KeySpec: "ECC_NIST_P256", Policy: JSON.stringify(policy) }),
        );
        return KeyMetadata!.Arn!;
    } finally {
        client.destroy();
    }
}

interface ProbedRole {
    readonly name: string;
    readonly arn: string;
    readonly twin: string;
    readonly logGroup?: string;
}

/** Roles of the stack that a function can have. The second function with the modules' signer role is among them. */
function functionRoles({ outputs }: Stage): ProbedRole[] {
    const { namePrefix: prefix } = outputs;
    const plain = ["intake", "reconciler", "prepare", "recheck", "assemble", "verify", "publish"].map((role) => ({
        name: `${prefix}-${role}`,
        arn: `arn:aws:iam::${ACCOUNT}:role/${prefix}-${role}`,
        twin: "logs:CreateLogStream in its own group",
        logGroup: `/aws/lambda/${prefix}-${role}`,
    }));
    const signers = [
        String(outputs.all["logSignerRoleArn"]),
        ...outputs.keyNames.map((name) => outputs.keys[name]!.signerRoleArn),
    ];
    return [...plain, ...signers.map((arn) => ({ name: arn.replace(/^.*\//, ""), arn, twin: "kms:GetPublicKey" }))];
}

function stackRoles(stage: Stage): string[] {
    const others = ["signing", "uploads-rule"].map(
        (role) => `arn:aws:iam::${ACCOUNT}:role/${stage.outputs.namePrefix}-${role}`,
    );
    return [...functionRoles(stage).map(({ arn }) => arn), ...others];
}

/** Deploys a function under the role, lets it try, deletes it. */
async function probe(
    stage: Stage,
    deployer: Credentials,
    role: ProbedRole,
    keyArn: string,
): Promise<{ sign: Answer; twin: Answer }> {
    const client = new LambdaClient(clientOptions(stage.cloud, deployer));
    const FunctionName = `${stage.outputs.namePrefix}-probe-${randomUUID().slice(0, 8)}`;
    try {
        const source = await readFile(join(stage.project, "local/story/functions/probe.js"), "utf8");
        const ZipFile = zipSync({ "index.js": strToU8(source) });
        await client.send(
            new CreateFunctionCommand({
                FunctionName,
                Role: role.arn,
                Runtime: "nodejs24.x",
                Handler: "index.handler",
                Timeout: 10,
                Code: { ZipFile },
            }),
        );
        await waitUntilFunctionActiveV2(
            { client, maxWaitTime: 20, minDelay: 0.1 as number, maxDelay: 1 },
            { FunctionName },
        );
        const event = {
            keyArn,
            algorithm: ALGORITHM,
            messageType: "DIGEST",
            message: digest().toString("base64"),
            twin:
                role.logGroup === undefined
                    ? { service: "kms" }
                    : { service: "logs", logGroup: role.logGroup, logStream: FunctionName },
        };
        const { Payload, FunctionError } = await client.send(
            new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
        );
        const answer = JSON.parse(Buffer.from(Payload!).toString("utf8")) as { sign: Answer; twin: Answer };
        if (FunctionError !== undefined)
            throw new Error(`the probe under ${role.name} failed: ${JSON.stringify(answer)}`);
        return answer;
    } finally {
        await client.send(new DeleteFunctionCommand({ FunctionName })).catch(() => undefined);
        client.destroy();
    }
}
