import { DescribeKeyCommand, GetKeyPolicyCommand, ListAliasesCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import type { Say } from "../progress";
import type { Refused } from "../summary";
import {
    type Answer,
    attemptAnonymousRead,
    attemptAssume,
    attemptGetResult,
    attemptKms,
    attemptSign,
    freshDigest,
    scratchKey,
} from "./attempts";
import { functionRoles, probe } from "./probe";
import { ACCOUNT, ROLES } from "./settings";
import type { Stage } from "./stage";
import { requestWithOtherBody, unsignedSign } from "./wire";

/** One caller that must be refused, and what the same caller may do: a refusal beside nothing allowed would prove nothing. */
interface Case {
    readonly caller: string;
    readonly action: string;
    readonly twin: string;
    /** Both, because some come out of one deployment. Not before all are collected: an early failure would have no one to catch it. */
    readonly tried: () => Promise<{ readonly attempt: Answer; readonly twin: Answer }>;
    /** Refused by a check that comes before the evaluator. */
    readonly early?: boolean;
}

/**
 * Everyone who must not sign tries to, each beside something that the same caller may do.
 *
 * @param released key of a result object, which a submitter may read
 * @throws if anybody signs, if a twin is refused, or if a refusal came from anywhere but the evaluator where it has to
 */
export async function tryRefusals(stage: Stage, released: string, say: Say): Promise<Refused[]> {
    const cases = [...(await people(stage, released)), ...(await requests(stage)), ...(await functions(stage))];
    let done = 0;
    const outcomes = await Promise.allSettled(
        cases.map(async (one) => {
            const refused = await judged(stage, one);
            say(`${++done} of ${cases.length}, ${one.caller}`);
            return refused;
        }),
    );
    // All of them: who else could sign is as much worth knowing as who was first.
    const failures = outcomes.flatMap((one) => (one.status === "rejected" ? [one.reason as Error] : []));
    if (failures.length > 0) throw new Error(failures.map(({ message }) => message).join("\n"));
    return outcomes.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
}

/** Roles, users and the root user, with credentials of their own. */
async function people(stage: Stage, released: string): Promise<Case[]> {
    const { cloud, outputs } = stage;
    const { arn: KeyId } = outputs.keys["modules"]!;
    const [administrator, deployer, submitter, everything] = await Promise.all([
        cloud.assumeRole(ROLES.administrator),
        cloud.assumeRole(ROLES.deployer),
        cloud.assumeRole(ROLES.submitter),
        cloud.assumeRole(cloud.roles.kmsEverything),
    ]);
    const sign = { action: "kms:Sign" };
    const describe = () => attemptKms(stage, administrator, (c) => c.send(new DescribeKeyCommand({ KeyId })));
    const aliases = () => attemptKms(stage, deployer, (c) => c.send(new ListAliasesCommand({})));
    const keys = () => attemptKms(stage, everything, (c) => c.send(new ListKeysCommand({})));
    const ownKeys = () => attemptKms(stage, cloud.otherAccount, (c) => c.send(new ListKeysCommand({})));
    const recovery = () => attemptKms(stage, cloud.root, (c) => c.send(new GetKeyPolicyCommand({ KeyId })));
    const result = () => attemptGetResult(stage, submitter, released);
    const by = (credentials: typeof administrator, twin: () => Promise<Answer>) => () =>
        both(attemptSign(stage, credentials, KeyId), twin());
    return [
        { caller: "administrator", ...sign, twin: "kms:DescribeKey", tried: by(administrator, describe) },
        { caller: "deploy role", ...sign, twin: "kms:ListAliases", tried: by(deployer, aliases) },
        { caller: "submitter", ...sign, twin: "s3:GetObject of its result", tried: by(submitter, result) },
        { caller: "role with kms:* of its own", ...sign, twin: "kms:ListKeys", tried: by(everything, keys) },
        { caller: "root user", ...sign, twin: "kms:GetKeyPolicy", tried: by(cloud.root, recovery) },
        { caller: "another account", ...sign, twin: "kms:ListKeys at home", tried: by(cloud.otherAccount, ownKeys) },
        ...[...Object.values(ROLES), ...stackRoles(stage)].map((role) => ({
            caller: "root user",
            action: `sts:AssumeRole on ${role.replace(/^.*:role\//, "")}`,
            twin: "kms:GetKeyPolicy",
            tried: () => both(attemptAssume(stage, cloud.root, role), recovery()),
        })),
    ];
}

/** Requests that no SDK sends. */
async function requests(stage: Stage): Promise<Case[]> {
    const { cloud, outputs } = stage;
    const nobody = () => unsignedSign(cloud, outputs.keys["modules"]!.arn, freshDigest());
    const administrator = await cloud.assumeRole(ROLES.administrator);
    const scratch = await scratchKey(stage, administrator);
    const swapped = () => requestWithOtherBody(cloud, administrator, scratch, freshDigest(), freshDigest());
    return [
        {
            caller: "nobody",
            action: "kms:Sign",
            twin: "reading the log",
            tried: () => both(nobody(), attemptAnonymousRead(stage)),
            early: true,
        },
        {
            caller: "body swapped after signing",
            action: "kms:Sign on a scratch key",
            twin: "kms:Sign with the body that was signed",
            tried: () => swapped().then(({ other, same }) => ({ attempt: other, twin: same })),
            early: true,
        },
    ];
}

/** A second function under each function's role, the signers' too. */
async function functions(stage: Stage): Promise<Case[]> {
    const deployer = await stage.cloud.assumeRole(ROLES.deployer);
    const key = stage.outputs.keys["modules"]!;
    return functionRoles(stage).map((role) => ({
        caller:
            role.arn === key.signerRoleArn ? "second function with the signer's role" : `function role ${role.name}`,
        action: "kms:Sign",
        twin: role.twin,
        tried: () => probe(stage, deployer, role, key.arn).then(({ sign, twin }) => ({ attempt: sign, twin })),
    }));
}

function stackRoles(stage: Stage): string[] {
    const { namePrefix } = stage.outputs;
    const others = ["signing", "uploads-rule"].map((role) => `arn:aws:iam::${ACCOUNT}:role/${namePrefix}-${role}`);
    return [...functionRoles(stage).map(({ arn }) => arn), ...others];
}

async function both(attempt: Promise<Answer>, twin: Promise<Answer>): Promise<{ attempt: Answer; twin: Answer }> {
    const [first, second] = await Promise.all([attempt, twin]);
    return { attempt: first, twin: second };
}

async function judged(stage: Stage, { caller, action, tried, twin: twinName, early = false }: Case): Promise<Refused> {
    const { attempt, twin } = await tried();
    if (attempt.ok) {
        throw new Error(`${caller} was allowed ${action}, expected a refusal (request ${attempt.requestId})`);
    }
    if (!twin.ok) {
        const nothing = `the refusal of ${action} then proves nothing`;
        throw new Error(`${caller} was refused ${twinName} (${twin.error}), expected it to be allowed: ${nothing}`);
    }
    const { requestId, error = "refused" } = attempt;
    const decision = requestId === undefined ? undefined : await stage.cloud.control.decision(requestId);
    if (decision === undefined && !early) {
        throw new Error(
            `${caller} was refused ${action} by ${error} without a decision of the evaluator, expected one`,
        );
    }
    const statement = decision?.statement;
    return {
        caller,
        action,
        error,
        decision: decision?.decision ?? "refused before the evaluator",
        statement: statement ? [statement.sid, statement.policy].filter(Boolean).join(" in ") : "",
        twin: twinName,
    };
}
