import { mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import {
    IAMClient,
    CreateAccessKeyCommand,
    CreateRoleCommand,
    CreateUserCommand,
    PutRolePolicyCommand,
    PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";

import { type Ministack, startMinistack } from "../../local/ministack/start";
import { policy, trust } from "./documents";

export const ACCOUNT = "111122223333";
export const SECOND = "444455556666";
export const REGION = "eu-west-1";
export const ROOT = { accessKeyId: "AKIAROOTOFTHEFIRST00", secretAccessKey: "secret of the first root user" };
export const SECOND_ROOT = { accessKeyId: "AKIAROOTOFTHESECOND0", secretAccessKey: "secret of the second root user" };

export interface Credentials {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
}

export interface Decision {
    readonly requestId?: string;
    readonly decision: string;
    readonly action: string;
    readonly resource: string;
    readonly statement?: { sid?: string; effect: string; policy: string };
    readonly error?: { code: string; message: string };
    readonly caller?: Record<string, unknown>;
}

interface ClientConfig {
    endpoint: string;
    region: string;
    credentials: Credentials;
    maxAttempts: number;
    forcePathStyle?: boolean;
}

type Sdk<C> = new (config: ClientConfig) => C;

/** What the tests use of a client; the middleware types of each differ. */
interface Stacked {
    readonly middlewareStack: { add: (...args: never[]) => void };
}

function addMiddleware(client: Stacked, name: string, middleware: unknown): void {
    const add = client.middlewareStack.add.bind(client.middlewareStack) as (...args: unknown[]) => void;
    add(middleware, { step: "finalizeRequest", priority: "low", name });
}

/** MiniStack with the extension, alone: requests go straight to it, with the header that otherwise the gateway sets. */
export interface Emulator {
    readonly ministack: Ministack;
    client<C extends Stacked>(sdk: Sdk<C>, credentials: Credentials): C;
    /** GET or, with a body, POST below /_countersign/. */
    control<T = Record<string, unknown>>(path: string, body?: unknown): Promise<{ status: number; body: T }>;
    /** The request as the client signs it, unsent. */
    signed<C extends Stacked>(
        sdk: Sdk<C>,
        credentials: Credentials,
        send: (client: C) => Promise<unknown>,
    ): Promise<SignedRequest>;
    stop(): Promise<void>;
}

export interface SignedRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly bodyBase64: string;
}

export async function startEmulator(): Promise<Emulator> {
    const folder = await mkdtemp(join(tmpdir(), "countersign-ministack-"));
    await mkdir(join(folder, "node_modules"));
    await mkdir(join(folder, "tmp"));
    await symlink(resolve(__dirname, "../../node_modules/@aws-sdk"), join(folder, "node_modules", "@aws-sdk"));
    const ministack = await startMinistack({
        endpoint: "http://127.0.0.1:9",
        region: REGION,
        rootUsers: [
            { accountId: ACCOUNT, ...ROOT },
            { accountId: SECOND, ...SECOND_ROOT },
        ],
        tmpDir: join(folder, "tmp"),
    });
    const create = <C extends Stacked>(sdk: Sdk<C>, credentials: Credentials): C =>
        new sdk({ endpoint: ministack.url, region: REGION, credentials, maxAttempts: 1, forcePathStyle: true });
    return {
        ministack,
        client: (sdk, credentials) => {
            const client = create(sdk, credentials);
            const extend = (next: Next) => (args: { request: { headers: Record<string, string> } }) => {
                args.request.headers["x-countersign-extension"] = ministack.secret;
                return next(args);
            };
            addMiddleware(client, "extension", extend);
            return client;
        },
        control: async (path, body) => {
            const response = await fetch(`${ministack.url}/_countersign/${path}`, {
                method: body === undefined ? "GET" : "POST",
                headers: { "x-countersign-extension": ministack.secret },
                ...(body === undefined ? {} : { body: JSON.stringify(body) }),
            });
            return { status: response.status, body: (await response.json()) as never };
        },
        signed: (sdk, credentials, send) => signRequest(create(sdk, credentials), send),
        stop: async () => {
            await ministack.stop();
            await rm(folder, { recursive: true, force: true });
        },
    };
}

type Next = (args: unknown) => Promise<unknown>;

interface HttpRequest {
    readonly method: string;
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body?: string | Uint8Array;
}

async function signRequest<C extends Stacked>(
    client: C,
    send: (client: C) => Promise<unknown>,
): Promise<SignedRequest> {
    let taken: HttpRequest | undefined;
    const stop = new Error("not sent");
    const take = () => (args: { request: HttpRequest }) => {
        taken = args.request;
        return Promise.reject(Object.assign(stop, { $metadata: {} }));
    };
    addMiddleware(client, "take", take);
    await send(client).catch((error: unknown) => {
        if (error !== stop) throw error;
    });
    if (!taken) throw new Error("the client sent nothing");
    const { method, path, headers, body } = taken;
    return { method, path, headers, bodyBase64: Buffer.from((body ?? "") as string).toString("base64") };
}

/** Name of the error that the call ends with; `allowed` if it succeeds. */
export async function outcome(call: Promise<unknown>): Promise<string> {
    try {
        await call;
        return "allowed";
    } catch (error) {
        return (error as Error).name;
    }
}

/** The decision behind a refused call, found by the request id that its caller got. */
export async function refusal(emulator: Emulator, call: Promise<unknown>): Promise<Decision> {
    try {
        await call;
    } catch (error) {
        const id = (error as { $metadata?: { requestId?: string } }).$metadata?.requestId;
        return (await emulator.control<Decision>(`decision/${id}`)).body;
    }
    throw new Error("the call was allowed");
}

/** The first account with an operator and a role that may do everything, which the operator has assumed. */
export async function openAccount(
    emulator: Emulator,
): Promise<{ here: Principals; operator: Credentials; administrator: Credentials }> {
    const here = new Principals(emulator);
    const operator = await here.user("operator", { Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" });
    const everything = { Effect: "Allow", Action: "*", Resource: "*" };
    const role = await here.role("administrator", trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }), everything);
    return { here, operator, administrator: await here.assume(operator, role) };
}

/** An account's principals, made by its root user. */
export class Principals {
    private readonly iam: IAMClient;

    public constructor(
        private readonly emulator: Emulator,
        root: Credentials = ROOT,
        private readonly account: string = ACCOUNT,
    ) {
        this.iam = emulator.client(IAMClient, root);
    }

    public async user(UserName: string, ...statements: readonly object[]): Promise<Credentials> {
        await this.iam.send(new CreateUserCommand({ UserName }));
        if (statements.length > 0)
            await this.iam.send(
                new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument: policy(...statements) }),
            );
        const { AccessKey } = await this.iam.send(new CreateAccessKeyCommand({ UserName }));
        return { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    }

    /** @returns its ARN */
    public async role(name: string, trusted: string, ...statements: readonly object[]): Promise<string> {
        const cut = name.lastIndexOf("/") + 1;
        const [Path, RoleName] = [`/${name.slice(0, cut)}`, name.slice(cut)];
        await this.iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument: trusted }));
        if (statements.length > 0) await this.grant(RoleName, ...statements);
        return `arn:aws:iam::${this.account}:role${Path}${RoleName}`;
    }

    public async grant(RoleName: string, ...statements: readonly object[]): Promise<void> {
        await this.iam.send(
            new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument: policy(...statements) }),
        );
    }

    public async assume(as: Credentials, RoleArn: string, more: object = {}): Promise<Credentials> {
        const sts = this.emulator.client(STSClient, as);
        const { Credentials: made } = await sts.send(
            new AssumeRoleCommand({ RoleArn, RoleSessionName: "test", ...more }),
        );
        return {
            accessKeyId: made!.AccessKeyId!,
            secretAccessKey: made!.SecretAccessKey!,
            sessionToken: made!.SessionToken!,
        };
    }
}
