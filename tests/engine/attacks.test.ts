/**
 * Attacks that nobody declared: every action of the takeover catalogue that the local cloud serves, as every role of the deployed
 * stack and as a submitter, aimed at each signer role, signer function, signing key and control table. None ends in a
 * signature. Administrators and the deploy role are not tried: docs/threat-model.md says what they can do, and the summary of
 * this test shows it.
 *
 * Proves what the local cloud's evaluator enforces of the program's documents. Proves nothing about actions that it does not
 * serve, nor about two roles that attack together.
 */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { GetKeyPolicyCommand, KMSClient } from "@aws-sdk/client-kms";
import { waitUntilFunctionUpdatedV2 } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TrailRecord } from "../../local/control-client";
import { ROLES } from "../../local/story/settings";
import { signFile } from "../../local/story/sign";
import { clientOptions } from "../../local/story/stage";
import { type Attempt, bytes as bytesOf, type Tried } from "./attacks/attempt";
import { catalogue, NOT_PASSED_ON, whyNotTried } from "./attacks/catalogue";
import { EXPECTED } from "./attacks/expected";
import { tryAsFunction, tryDirectly } from "./attacks/functions";
import { tryAsMachine } from "./attacks/machine";
import { onFunctions } from "./attacks/on-functions";
import { onRoles } from "./attacks/on-roles";
import { onTables } from "./attacks/on-tables";
import { tryAsRule } from "./attacks/rule";
import { type AttackedStage, rolesByService, startAttacked, targetsOf } from "./attacks/stage";
import { residue, type Residue, summary } from "./attacks/summary";
import { arnOf, nameOf, type Signer, type Targets } from "./attacks/targets";
import { craft, type Crafted } from "./deployed/craft";
import { invoke } from "./deployed/invoke";
import { inputOf, quiet } from "./deployed/stage";
import { signsOf, trailEnd, trailSince } from "./deployed/trail";

let stage: AttackedStage;
let targets: Targets;
let start: number;
let roles: readonly string[];
const tried: Tried[] = [];
/** By role. */
const forged = new Map<string, Crafted>();

beforeAll(async () => {
    stage = await startAttacked();
    targets = await targetsOf(stage);
    // The log's signer may write into its bucket, and a log without a head does not start over objects that it did not write.
    await signHonestly("before.txt");
    start = await trailEnd(stage.cloud);
    const byService = await rolesByService(stage);
    const {
        "events.amazonaws.com": rule,
        "lambda.amazonaws.com": functions,
        "states.amazonaws.com": machine,
    } = byService;
    roles = Object.values(byService).flat();
    for (const role of rule ?? []) tried.push(...(await tryAsRule(stage, role, targets)));
    for (const role of functions ?? []) tried.push(...(await tryAsFunction(stage, role, callsOf(role))));
    for (const role of machine ?? [])
        tried.push(...(await tryAsMachine(stage, role, targets, forgedOf(role), callsOf(role))));
    tried.push(...(await tryDirectly(stage.cloud, "submitter", stage.submitter, callsOf(ROLES.submitter))));
}, 900_000);
afterAll(() => stage?.stop(), 60_000);

function forgedOf(role: string): Crafted {
    const known = forged.get(role) ?? craft(stage.outputs);
    forged.set(role, known);
    return known;
}

function callsOf(role: string): Attempt[] {
    return [...onRoles(targets, role), ...onFunctions(targets, forgedOf(role)), ...onTables(targets, forgedOf(role))];
}

async function signHonestly(name: string): Promise<void> {
    const bytes = randomBytes(500);
    await signFile(stage, stage.submitter, await inputOf(stage.folder, name, bytes), bytes, quiet);
}

describe("attacks on the deployed stack", () => {
    it("are tried as every role of the stack and as a submitter, and are well-formed", async () => {
        const exempt = residue(await deployedKeyPolicy());
        console.log(summary(tried, exempt));
        expect(new Set(tried.map(({ role }) => role))).toEqual(new Set([...roles.map(nameOf), "submitter"]));
        // What neither the evaluator nor the service answered proves nothing, so nothing else may fail.
        const failed = tried.filter(({ verdict }) => verdict === "failed");
        expect([...new Set(failed.map(({ action }) => action))].sort()).toEqual(NOT_PASSED_ON);
        expectResidue(exempt);
    });

    it("cover every action of the catalogue that the local cloud serves", () => {
        const asked = new Set(tried.filter(({ verdict }) => verdict !== "failed").map(({ action }) => action));
        const served = catalogue().filter((action) => whyNotTried(action) === undefined);
        expect(served.filter((action) => !asked.has(action))).toEqual([]);
        expect(served.length).toBeGreaterThan(60);
        const unserved = catalogue().filter((action) => whyNotTried(action) !== undefined);
        expect(unserved.filter((action) => asked.has(action))).toEqual([]);
    });

    it("aim each at every signer role, signer function, signing key and control table", () => {
        const aimed = (action: string) =>
            new Set(tried.filter((one) => one.action === action).map(({ target }) => target));
        const all = <K extends keyof Signer>(member: K) => targets.signers.map((signer) => signer[member]);
        expect([...aimed("iam:UpdateAssumeRolePolicy")]).toEqual(expect.arrayContaining(all("roleName")));
        expect([...aimed("lambda:UpdateFunctionCode")]).toEqual(expect.arrayContaining(all("functionName")));
        expect([...aimed("kms:Sign")]).toEqual(expect.arrayContaining(all("keyAlias")));
        expect([...aimed("dynamodb:PutItem")]).toEqual(expect.arrayContaining([...targets.tables]));
    });

    it("are refused, but for what each role is there to do", () => {
        const allowed: Record<string, string[]> = {};
        for (const { role, action, target, verdict } of tried)
            if (verdict === "allowed") (allowed[short(role)] ??= []).push(`${action} ${short(target)}`);
        expect(allowed).toEqual(EXPECTED);
    });

    it("leave no request that a signer would sign, whoever then asks it to", async () => {
        const answers: unknown[] = [];
        for (const [role, { id }] of forged) {
            for (const { signerFunction } of Object.values(stage.outputs.keys)) {
                const { answer } = await invoke(stage.lambda, signerFunction, { requestId: id });
                answers.push({ role: short(nameOf(role)), ok: answer["ok"], code: answer["code"] });
            }
        }
        const codes = answers.map((answer) => (answer as { role: string; code: string }).code);
        expect(answers.filter((answer) => (answer as { ok: unknown }).ok !== false)).toEqual([]);
        // Prepare's forgery is there, and lacks the recheck; a signer's is a kept answer that is none; nobody else's is there.
        expect(new Set(codes)).toEqual(new Set(["NoSuchRequest", "NotRechecked", "BadJson"]));
    });

    it("end in no use of a signing key, which an honest upload then does", async () => {
        const { cloud, outputs } = stage;
        const before = await trailSince(cloud, start);
        for (const { keyArn, keyAlias } of targets.signers) {
            const uses = signsOf(before, keyArn);
            // Every function's role and the submitter asked, and each was seen.
            expect(uses.filter(isRefused).length, keyAlias).toBeGreaterThanOrEqual(11);
            expect(
                uses.filter((use) => !isRefused(use) && !isSequencer(use)),
                keyAlias,
            ).toEqual([]);
        }
        expect(
            outputs.keyNames.flatMap((name) => signsOf(before, outputs.keys[name]!.arn)).filter(isSequencer),
        ).toEqual([]);

        const from = await trailEnd(cloud);
        await signHonestly("honest.txt");
        const honest = signsOf(await trailSince(cloud, from), outputs.keys["files"]!.arn);
        expect(honest.map(({ errorCode }) => errorCode)).toEqual([undefined]);
    });

    /** One careless statement, and the same walk ends in a signature: what the tests above do not see is not there to be seen. */
    it("would be seen to succeed: with one right more, a role signs by the signer's code", async () => {
        const { cloud, outputs, lambda } = stage;
        const role = roles.find((arn) => nameOf(arn) === `${targets.prefix}-verify`)!;
        const { arn: keyArn, signerFunction } = outputs.keys["files"]!;
        await grantTo(role, "lambda:UpdateFunctionCode", signerFunction);
        const source = await readFile(join(stage.project, "local/story/functions/quiet.js"), "utf8");
        const replace = onFunctions(targets, forgedOf(role))
            .filter(({ action, target }) => action === "lambda:UpdateFunctionCode" && target === signerFunction)
            .map((call) => ({
                ...call,
                input: { ...call.input, ZipFile: bytesOf(zipSync({ "__index.js": strToU8(source) })) },
            }));
        expect((await tryAsFunction(stage, role, replace)).map(({ verdict }) => verdict)).toEqual(["allowed"]);

        const from = await trailEnd(cloud);
        const message = randomBytes(32).toString("base64");
        await waitUntilFunctionUpdatedV2(
            { client: lambda, maxWaitTime: 20, minDelay: 1, maxDelay: 1 },
            { FunctionName: signerFunction },
        );
        await invoke(lambda, signerFunction, { algorithm: "RSASSA_PKCS1_V1_5_SHA_256", message });
        const uses = signsOf(await trailSince(cloud, from), keyArn);
        expect(uses.filter((use) => !isRefused(use))).toHaveLength(1);
    });
});

/** As an administrator would. */
async function grantTo(roleArn: string, Action: string, functionName: string): Promise<void> {
    const iam = new IAMClient(clientOptions(stage.cloud, await stage.cloud.assumeRole(ROLES.administrator)));
    const Statement = [{ Effect: "Allow", Action, Resource: arnOf.function(functionName) }];
    await iam.send(
        new PutRolePolicyCommand({
            RoleName: nameOf(roleArn),
            PolicyName: "careless",
            PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement }),
        }),
    );
    iam.destroy();
}

/** Without the stack's prefix, account and region. */
function short(name: string): string {
    return name.replace(`${targets.prefix}-`, "");
}

function isRefused({ errorCode }: TrailRecord): boolean {
    return errorCode === "AccessDenied" || errorCode === "AccessDeniedException";
}

/** Checkpoints, in its own function's session. */
function isSequencer({ userIdentity }: TrailRecord): boolean {
    return String((userIdentity as { arn?: string }).arn).endsWith(`-log-v1-signer/${targets.prefix}-sequencer`);
}

async function deployedKeyPolicy(): Promise<string> {
    const kms = new KMSClient(clientOptions(stage.cloud, await stage.cloud.assumeRole(ROLES.administrator)));
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: targets.signers[0]!.keyArn }));
    kms.destroy();
    return Policy!;
}

/** The threat model: who may change the signer's code or the key's policy can sign, and nobody exempt can sign outright. */
function expectResidue(exempt: readonly Residue[]): void {
    for (const { role, actions } of exempt) {
        expect(actions, role).toContain("lambda:UpdateFunctionCode");
        expect(actions, role).toContain("kms:PutKeyPolicy");
        expect(actions, role).not.toContain("kms:Sign");
        expect(actions, role).not.toContain("kms:CreateGrant");
    }
}
