import {
    CreateAccessKeyCommand,
    CreateRoleCommand,
    CreateUserCommand,
    IAMClient,
    PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { CreateGrantCommand, CreateKeyCommand, KMSClient, PutKeyPolicyCommand, SignCommand } from "@aws-sdk/client-kms";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";

import type { Cloud, Credentials } from "../../../local/cloud";
import { clientOptions } from "../../../local/story/stage";
import { ACCOUNT, castOf, type Member, OTHER, SESSION } from "./cast";
import { createWardrobe, type Wardrobe } from "./wardrobe";
import { type Action, ACTIONS, ALGORITHM, KEY_SPEC, type Made, type Outcome } from "./questions";
import type { World } from "./worlds";

/** One cast in the cloud. Worlds are played one after the other: each changes the documents of its caller. */
export interface Lane {
    play(world: World): Promise<{ readonly made: Made; readonly theirs: Readonly<Record<Action, Outcome>> }>;
}

/** Clients that all lanes share. */
export interface Hands {
    readonly cloud: Cloud;
    readonly iam: Readonly<Record<string, IAMClient>>;
    readonly sts: Readonly<Record<string, STSClient>>;
    /** Makes the keys. */
    readonly kms: KMSClient;
    close(): void;
}

interface Actor extends Member {
    readonly uniqueId: string;
    /** Of a user or root user; a role is assumed for each world. */
    readonly credentials?: Credentials;
    readonly wardrobe?: Wardrobe;
    /** Of a role: the session without a policy of its own. */
    session?: Credentials;
}

export async function createHands(cloud: Cloud): Promise<Hands> {
    const options = (credentials: Credentials) => clientOptions(cloud, credentials);
    const iam = { [ACCOUNT]: new IAMClient(options(cloud.root)), [OTHER]: new IAMClient(options(cloud.otherRoot)) };
    const sts = {
        [ACCOUNT]: new STSClient(options(await assumer(iam[ACCOUNT]))),
        [OTHER]: new STSClient(options(await assumer(iam[OTHER]))),
    };
    const kms = new KMSClient(options(await cloud.assumeRole(cloud.roles.administrator)));
    const clients = [...Object.values(iam), ...Object.values(sts), kms];
    return { cloud, iam, sts, kms, close: () => clients.forEach((client) => client.destroy()) };
}

async function assumer(iam: IAMClient): Promise<Credentials> {
    const all = [{ Effect: "Allow", Action: ["sts:AssumeRole", "sts:TagSession"], Resource: "*" }];
    await iam.send(new CreateUserCommand({ UserName: "assumer" }));
    await iam.send(new PutUserPolicyCommand({ UserName: "assumer", PolicyName: "all", PolicyDocument: document(all) }));
    return accessKey(iam, "assumer");
}

export async function createLane(hands: Hands, lane: number): Promise<Lane> {
    const actors = new Map<string, Actor>();
    for (const member of castOf(lane)) actors.set(member.kind, await makeActor(hands, member));
    return { play: (world) => play(hands, actors, world) };
}

async function makeActor({ cloud, iam }: Hands, member: Member): Promise<Actor> {
    const client = iam[member.account]!;
    const Tags = member.team === undefined ? [] : [{ Key: "team", Value: member.team }];
    const { name, path: Path } = member;
    if (member.type === "root") {
        const credentials = member.account === ACCOUNT ? cloud.root : cloud.otherRoot;
        return { ...member, uniqueId: member.account, credentials };
    }
    if (member.type === "user") {
        const { User } = await client.send(new CreateUserCommand({ UserName: name, Path, Tags }));
        return {
            ...member,
            uniqueId: User!.UserId!,
            credentials: await accessKey(client, name),
            wardrobe: await createWardrobe(client, member),
        };
    }
    const AWS = `arn:aws:iam::${member.account}:user/assumer`;
    const trust = document([{ Effect: "Allow", Principal: { AWS }, Action: ["sts:AssumeRole", "sts:TagSession"] }]);
    const { Role } = await client.send(
        new CreateRoleCommand({ RoleName: name, Path, AssumeRolePolicyDocument: trust, Tags }),
    );
    return { ...member, uniqueId: Role!.RoleId!, wardrobe: await createWardrobe(client, member) };
}

async function accessKey(iam: IAMClient, UserName: string): Promise<Credentials> {
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
}

export async function makeStranger({ iam }: Hands, RoleName: string): Promise<void> {
    const trust = document([
        { Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" },
    ]);
    await iam[ACCOUNT]!.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: trust }));
}

async function play(hands: Hands, actors: ReadonlyMap<string, Actor>, world: World): ReturnType<Lane["play"]> {
    const actor = actors.get(world.caller.kind)!;
    await actor.wardrobe?.dress(world);
    const credentials = actor.credentials ?? (await session(hands, actor, world));
    const { KeyMetadata } = await hands.kms.send(
        new CreateKeyCommand({
            KeyUsage: "SIGN_VERIFY",
            KeySpec: KEY_SPEC,
            Policy: world.keyPolicy,
            BypassPolicyLockoutSafetyCheck: true,
            ...(world.keyTag !== undefined && { Tags: [{ TagKey: "team", TagValue: world.keyTag }] }),
        }),
    );
    const made = { keyArn: KeyMetadata!.Arn!, uniqueId: actor.uniqueId, grantee: actors.get("runner")!.arn };
    const client = new KMSClient(clientOptions(hands.cloud, credentials));
    try {
        const outcomes: [Action, Outcome][] = [];
        for (const action of ACTIONS)
            outcomes.push([action, await outcomeOf(() => perform(client, world, action, made))]);
        return { made, theirs: Object.fromEntries(outcomes) as Record<Action, Outcome> };
    } finally {
        client.destroy();
    }
}

/** Sessions without a policy or tag of their own are alike, so one is kept. */
async function session(
    { sts }: Hands,
    actor: Actor,
    { session: Policy, sessionTag: Value }: World,
): Promise<Credentials> {
    const isPlain = Policy === undefined && Value === undefined;
    if (isPlain && actor.session !== undefined) return actor.session;
    const { Credentials: made } = await sts[actor.account]!.send(
        new AssumeRoleCommand({
            RoleArn: actor.arn,
            RoleSessionName: SESSION,
            ...(Policy !== undefined && { Policy }),
            ...(Value !== undefined && { Tags: [{ Key: "team", Value }] }),
        }),
    );
    const credentials = {
        accessKeyId: made!.AccessKeyId!,
        secretAccessKey: made!.SecretAccessKey!,
        sessionToken: made!.SessionToken!,
    };
    if (isPlain) actor.session = credentials;
    return credentials;
}

/** DryRun asks for everything but the deed; PutKeyPolicy has none, and puts what is there already. */
function perform(client: KMSClient, world: World, action: Action, { keyArn: KeyId, grantee }: Made): Promise<unknown> {
    switch (action) {
        case "kms:Sign": {
            const MessageType = world.messageType;
            const Message = new Uint8Array(32);
            const type = MessageType === undefined ? {} : { MessageType };
            return client.send(new SignCommand({ KeyId, Message, SigningAlgorithm: ALGORITHM, ...type, DryRun: true }));
        }
        case "kms:CreateGrant": {
            const Operations = [...world.grantOperations] as ("Sign" | "Verify" | "GetPublicKey")[];
            return client.send(new CreateGrantCommand({ KeyId, GranteePrincipal: grantee, Operations, DryRun: true }));
        }
        case "kms:PutKeyPolicy":
            return client.send(
                new PutKeyPolicyCommand({ KeyId, Policy: world.keyPolicy, BypassPolicyLockoutSafetyCheck: true }),
            );
    }
}

/** Which refusal it was stands in AWS's message. @throws for any answer that is not about permission */
async function outcomeOf(call: () => Promise<unknown>): Promise<Outcome> {
    try {
        await call();
        return "allow";
    } catch (error) {
        const { name, message } = error as Error;
        if (name === "DryRunOperationException") return "allow";
        if (name !== "AccessDeniedException") throw error;
        if (message.includes("with an explicit deny")) return "explicitDeny";
        if (message.includes("because no ")) return "implicitDeny";
        throw error;
    }
}

function document(Statement: readonly object[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement });
}
