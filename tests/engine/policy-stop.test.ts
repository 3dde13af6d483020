/**
 * Proves that the pack stops a weakened key policy before the key exists, in the real engine, and what each of the two weaknesses
 * is worth without the pack. The local cloud's evaluator decides who signs. Proves nothing about AWS's own evaluator.
 */
import { join } from "node:path";
import { DescribeKeyCommand, KMSClient, ListAliasesCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeployError, OpenStack, Program } from "../../local/engine/automation";
import { programFrom } from "../../local/engine/automation";
import { attemptSign } from "../../local/story/attempts";
import { openProgram, policyConfig } from "../../local/story/deploy";
import { tryRefusals } from "../../local/story/refusals";
import { ACCOUNT, ROLES } from "../../local/story/settings";
import { signFile } from "../../local/story/sign";
import { clientOptions, readOutputs, type Stage } from "../../local/story/stage";
import { inputOf, PROJECT_FOLDER, quiet, startSite, type TestSite } from "./deployed/stage";

/** Resource name of the key that is weakened. */
const KEY = "modules-v1";
const EXPLICIT_DENY = "kms-sign-explicit-deny";

interface Statement {
    readonly Sid?: string;
    readonly [member: string]: unknown;
}

/** What is done to the key's policy on its way to the engine; each test sets it. */
let weaken: (statements: readonly Statement[]) => readonly Statement[] = (statements) => statements;

const withoutDeny = (statements: readonly Statement[]): readonly Statement[] => {
    const kept = statements.filter(({ Sid }) => Sid !== "DenySignOthers");
    expect(kept).toHaveLength(statements.length - 1);
    return kept;
};
const delegated = (statements: readonly Statement[]): readonly Statement[] => [
    ...statements,
    {
        Sid: "Delegated",
        Effect: "Allow",
        Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
        Action: "kms:*",
        Resource: "*",
    },
];

/** index.ts as it is, but for one argument of one resource. */
const weakened: Program = async () => {
    pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
        if (type !== "aws:kms/key:Key" || name !== KEY) return undefined;
        const policy = pulumi.output(props["policy"] as pulumi.Input<string>).apply((text) => {
            const document = JSON.parse(text) as { Statement: readonly Statement[] };
            return JSON.stringify({ ...document, Statement: weaken(document.Statement) });
        });
        return { props: { ...props, policy }, opts };
    });
    return programFrom(join(PROJECT_FOLDER, "index.ts"))();
};

let site: TestSite;
let stack: OpenStack;

beforeAll(async () => {
    site = await startSite();
    const packConfig = await policyConfig(PROJECT_FOLDER);
    ({ stack } = await openProgram({ ...site, packConfig, program: weakened }));
}, 600_000);
afterAll(() => site?.stop(), 60_000);

describe("a signing key without its explicit Deny", () => {
    it.each(["preview", "up"] as const)(
        "is stopped by the pack in %s, before it exists",
        async (operation) => {
            weaken = withoutDeny;
            const stopped = await stack[operation]().then(
                () => undefined,
                (error: DeployError) => error,
            );
            expect(stopped).toMatchObject({ code: "DeployFailed" });
            const denied = stopped!.violations.filter(({ rule }) => rule === EXPLICIT_DENY);
            expect(denied).toHaveLength(1);
            expect(denied[0]).toMatchObject({ level: "mandatory", urn: expect.stringMatching(/::modules-v1$/) });
            expect(denied[0]!.message).toContain(KEY);
            expect(stopped!.violations.every(({ urn }) => urn?.endsWith(`::${KEY}`))).toBe(true);
            expect(await keysNamed("modules")).toEqual([]);
        },
        600_000,
    );

    it("signs for nobody else all the same, as nothing allows them to", async () => {
        weaken = withoutDeny;
        const stage = await upWithoutPack();
        expect(await keysNamed("modules")).toHaveLength(1);
        expect(await decisions(stage)).toEqual({
            administrator: "implicitDeny",
            deployer: "implicitDeny",
            everything: "implicitDeny",
            root: "implicitDeny",
        });
    }, 600_000);
});

describe("a signing key whose policy delegates kms:* to the account", () => {
    it("signs for nobody else while the explicit Deny is there", async () => {
        weaken = delegated;
        expect(await decisions(await upWithoutPack())).toEqual({
            administrator: "explicitDeny",
            deployer: "explicitDeny",
            everything: "explicitDeny",
            root: "explicitDeny",
        });
    }, 600_000);

    it("signs, without the Deny, for every role whose own policy says so, and the run's check names them", async () => {
        weaken = (statements) => delegated(withoutDeny(statements));
        const stopped = await stack.preview().then(
            () => undefined,
            (error: DeployError) => error,
        );
        const rules = stopped?.violations.map(({ rule }) => rule);
        expect(rules).toEqual(expect.arrayContaining([EXPLICIT_DENY, "kms-no-iam-delegation-of-sign"]));

        const stage = await upWithoutPack();
        expect(await decisions(stage)).toEqual({
            administrator: "allow",
            deployer: "implicitDeny",
            everything: "allow",
            root: "allow",
        });
        const check = tryRefusals(stage, await released(stage), quiet);
        const named = await check.then(
            () => "",
            (error: Error) => error.message,
        );
        expect(named).toMatch(/^role with kms:\* of its own was allowed kms:Sign, expected a refusal/m);
        expect(named).toMatch(/^administrator was allowed kms:Sign/m);
        expect(named).not.toMatch(/^(deploy role|submitter|another account|nobody|function role)/m);
    }, 600_000);
});

async function upWithoutPack(): Promise<Stage> {
    const { outputs } = await stack.up({ withoutPack: true });
    const { folder, cloud } = site;
    return { project: PROJECT_FOLDER, folder, cloud, stack, outputs: readOutputs(outputs) };
}

/** What the evaluator decided when each of them tried to sign. */
async function decisions(stage: Stage): Promise<Record<string, string | undefined>> {
    const { cloud, outputs } = stage;
    const callers = {
        administrator: await cloud.assumeRole(ROLES.administrator),
        deployer: await cloud.assumeRole(ROLES.deployer),
        everything: await cloud.assumeRole(cloud.roles.kmsEverything),
        root: cloud.root,
    };
    const decided: Record<string, string | undefined> = {};
    for (const [caller, credentials] of Object.entries(callers)) {
        const { ok, requestId } = await attemptSign(stage, credentials, outputs.keys["modules"]!.arn);
        const decision = await cloud.control.decision(requestId!);
        expect([caller, decision?.action, ok]).toEqual([caller, "kms:Sign", decision?.decision === "allow"]);
        decided[caller] = decision?.decision;
    }
    return decided;
}

/** Keys in the cloud that are signing keys of this name, or that an alias of this name leads to. */
async function keysNamed(name: string): Promise<readonly string[]> {
    const client = new KMSClient(clientOptions(site.cloud, await site.cloud.assumeRole(ROLES.administrator)));
    try {
        const { Keys = [], Truncated } = await client.send(new ListKeysCommand({ Limit: 1000 }));
        const { Aliases = [] } = await client.send(new ListAliasesCommand({ Limit: 100 }));
        expect(Truncated).toBe(false);
        const described = await Promise.all(
            Keys.map(async ({ KeyId }) => (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata!),
        );
        const aliased = Aliases.filter(({ AliasName }) => AliasName?.includes(`-${name}-v`));
        return described
            .filter(
                ({ KeyId, Description }) =>
                    Description?.includes(`signing key ${name} `) || aliased.some((one) => one.TargetKeyId === KeyId),
            )
            .map(({ Arn }) => Arn!);
    } finally {
        client.destroy();
    }
}

/** Key of a result object of the submitter's, which the check needs; the key of files is as it should be. */
async function released(stage: Stage): Promise<string> {
    const bytes = Buffer.from("a file\n");
    const submitter = await stage.cloud.assumeRole(ROLES.submitter);
    const input = await inputOf(stage.folder, "file.txt", bytes);
    return (await signFile(stage, submitter, input, bytes, quiet)).resultKey;
}
