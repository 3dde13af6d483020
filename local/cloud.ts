import { randomBytes } from "node:crypto";
import { mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";

import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";

import { codedError } from "../lib/errors";
import { quote } from "../lib/encoding";
import { type Roles, makeBaseline } from "./baseline";
import { type ControlClient, createControlClient } from "./control-client";
import { type GatewayProcess, startGatewayProcess } from "./gateway-process";
import { startMinistack } from "./ministack/start";
import { refuseRealCredentials } from "./real-credentials";

export interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
}

export interface CloudOptions {
    /** Existing folder of this run alone: function code, logs. */
    readonly workDir: string;
    /** What goes on, a line at a time. */
    readonly onProgress?: (line: string) => void;
    /** @default { RSA_4096: 2 }: key pairs that are generated while the rest starts */
    readonly keyPool?: Readonly<Record<string, number>>;
    /** Access key ids of local clouds, which may stand in the environment. */
    readonly ours?: readonly string[];
}

/** AWS on loopback: MiniStack behind the gateway, and an account as every account is before anything is deployed. */
export interface Cloud {
    readonly endpoint: string;
    readonly region: string;
    readonly accountId: string;
    readonly otherAccountId: string;
    readonly control: ControlClient;
    /** The root user of the account. Made the baseline; after that used only by who wants to see it refused. */
    readonly root: Credentials;
    /** The same of `otherAccountId`. */
    readonly otherRoot: Credentials;
    readonly operator: Credentials;
    /** A user of `otherAccountId` whose policy allows `kms:*` on `*`. */
    readonly otherAccount: Credentials;
    readonly roles: Roles;
    /** As the operator. */
    assumeRole(arn: string, sessionName?: string): Promise<Credentials>;
    /** Loopback address of a distribution, whose own name (`https://dXXX.cloudfront.net`) resolves nowhere. @throws BadConfig */
    logUrl(distributionUrl: string): Promise<string>;
    /** Ends every process that this cloud started. May be called twice. */
    stop(): Promise<void>;
}

export const LOCAL = { accountId: "111122223333", otherAccountId: "444455556666", region: "eu-west-1" } as const;

/**
 * Starts a cloud on free ports of 127.0.0.1, with random root credentials. What was started is stopped again if
 * something fails, and when this process exits.
 *
 * @throws RealCredentials where the environment could lead to AWS
 */
export async function startCloud(options: CloudOptions): Promise<Cloud> {
    refuseRealCredentials(process.env, options.ours);
    const say = options.onProgress ?? (() => undefined);
    const started: { stop(): Promise<void> }[] = [];
    const stop = async (): Promise<void> => {
        // Last started, first stopped: MiniStack's functions still call the gateway.
        for (const part of started.splice(0).reverse()) await part.stop();
    };
    try {
        return await assemble(options, say, started, stop);
    } catch (error) {
        await stop();
        throw error;
    }
}

async function assemble(
    options: CloudOptions,
    say: (line: string) => void,
    started: { stop(): Promise<void> }[],
    stop: () => Promise<void>,
): Promise<Cloud> {
    const { accountId, otherAccountId, region } = LOCAL;
    const controlToken = randomBytes(24).toString("base64url");
    const keyPool = options.keyPool ?? { RSA_4096: 2 };
    say("gateway");
    const gateway = await startGatewayProcess(options.workDir, { accountId, region, controlToken, keyPool });
    started.push(gateway);
    const [root, otherRoot] = [rootKey(), rootKey()];
    say("MiniStack");
    await connectMinistack(gateway, options, say, started, [
        { accountId, ...root },
        { accountId: otherAccountId, ...otherRoot },
    ]);
    say("account baseline");
    const place = { endpoint: gateway.url, region };
    const baseline = await makeBaseline(place, { accountId, root }, { accountId: otherAccountId, root: otherRoot });
    const control = createControlClient(gateway.url, controlToken);
    return {
        ...place,
        accountId,
        otherAccountId,
        control,
        root,
        otherRoot,
        ...baseline,
        assumeRole: (arn, sessionName = "operator") => assumeRole(place, baseline.operator, arn, sessionName),
        logUrl: (url) => loopbackUrl(control, url),
        stop,
    };
}

interface RootUser extends Credentials {
    readonly accountId: string;
}

async function connectMinistack(
    gateway: GatewayProcess,
    options: CloudOptions,
    say: (line: string) => void,
    started: { stop(): Promise<void> }[],
    rootUsers: readonly RootUser[],
): Promise<void> {
    const secret = randomBytes(24).toString("base64url");
    const tmpDir = await functionFolder(options.workDir);
    const ministack = await startMinistack({
        endpoint: gateway.url,
        region: LOCAL.region,
        secret,
        rootUsers,
        tmpDir,
        onProgress: say,
    });
    started.push(ministack);
    await gateway.connect({ url: ministack.url, secret });
}

/** Where MiniStack unpacks functions: above it stand the SDK's clients and nothing else, as in Lambda's runtime. */
async function functionFolder(workDir: string): Promise<string> {
    const sdk = resolve(__dirname, "..", "node_modules", "@aws-sdk");
    await mkdir(join(workDir, "lambda", "node_modules"), { recursive: true });
    await mkdir(join(workDir, "lambda", "tmp"), { recursive: true });
    await symlink(sdk, join(workDir, "lambda", "node_modules", "@aws-sdk")).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== "EEXIST") throw error;
    });
    return join(workDir, "lambda", "tmp");
}

/** Random, so that nothing outside this run knows it. */
function rootKey(): Credentials {
    const id = [...randomBytes(16)].map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte % 32]).join("");
    return { accessKeyId: `AKIA${id}`, secretAccessKey: randomBytes(30).toString("base64") };
}

/** As whoever has these credentials, for an hour. */
export async function assumeRole(
    { endpoint, region }: Pick<Cloud, "endpoint" | "region">,
    credentials: Credentials,
    RoleArn: string,
    RoleSessionName: string,
): Promise<Credentials> {
    const sts = new STSClient({ endpoint, region, credentials });
    try {
        const { Credentials: made } = await sts.send(
            new AssumeRoleCommand({ RoleArn, RoleSessionName, DurationSeconds: 3600 }),
        );
        return {
            accessKeyId: made!.AccessKeyId!,
            secretAccessKey: made!.SecretAccessKey!,
            sessionToken: made!.SessionToken!,
        };
    } finally {
        sts.destroy();
    }
}

async function loopbackUrl(control: ControlClient, distributionUrl: string): Promise<string> {
    const { host, pathname } = new URL(distributionUrl);
    const known = await control.distributions();
    const found = known.find(({ domain }) => domain === host);
    if (!found)
        throw codedError(
            "BadConfig",
            `no distribution ${quote(host)} in this cloud, it has ${quote(known.map(({ domain }) => domain))}`,
        );
    return found.url + pathname.replace(/\/$/, "");
}
