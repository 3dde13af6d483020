import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { KMSClient } from "@aws-sdk/client-kms";
import { createKms } from "../../../local/gateway/kms";
import type {
    Authorize,
    AuthorizeAnswer,
    AuthorizeAsk,
    Caller,
    Kms,
    KmsDeps,
    KmsResponse,
} from "../../../local/gateway/kms";

export const ACCOUNT = "111122223333";
export const REGION = "eu-west-1";
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/countersign-deployer`;
export const KEY_POLICY = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Sid: "All", Effect: "Allow", Principal: { AWS: ROLE }, Action: "kms:*", Resource: "*" }],
});

export const deployer: Caller = sessionOf("countersign-deployer", "AROADEPLOYER");

export function sessionOf(role: string, uniqueId: string, accountId = ACCOUNT): Caller {
    return {
        type: "AssumedRole",
        arn: `arn:aws:sts::${accountId}:assumed-role/${role}/test`,
        accountId,
        principalId: `${uniqueId}:test`,
        principalArn: `arn:aws:iam::${accountId}:role/${role}`,
    };
}

type Decision = AuthorizeAnswer["decision"];

/** The decision is each test's own; every question is kept, so that tests can say what was asked. */
export interface Bench {
    readonly kms: Kms;
    readonly asks: AuthorizeAsk[];
    decide: (ask: AuthorizeAsk) => Decision;
    caller: Caller;
    now: Date;
    call(operation: string, input?: unknown): Promise<KmsResponse>;
    /** @throws on a refusal, so that setup never goes unnoticed */
    must(operation: string, input?: unknown): Promise<Record<string, never>>;
    createKey(spec: string, usage?: string): Promise<{ id: string; arn: string }>;
}

export function bench(deps: Omit<KmsDeps, "now"> = {}): Bench {
    const asks: AuthorizeAsk[] = [];
    const it: Bench = {
        kms: createKms({ ...deps, now: () => it.now }),
        asks,
        decide: () => "allow",
        caller: deployer,
        now: new Date("2026-11-24T08:00:00Z"),
        call: (operation, input = {}) =>
            it.kms.handle({
                operation,
                input,
                region: REGION,
                accountId: it.caller.accountId,
                authorize: authorizerOf(it),
            }),
        async must(operation, input) {
            const response = await it.call(operation, input);
            if (response.error) throw new Error(`${operation}: ${response.error.code}: ${response.error.message}`);
            return response.body as Record<string, never>;
        },
        async createKey(spec, usage = "SIGN_VERIFY") {
            const body = await it.must("CreateKey", { KeySpec: spec, KeyUsage: usage, Policy: KEY_POLICY });
            const metadata = (body as unknown as { KeyMetadata: { KeyId: string; Arn: string } }).KeyMetadata;
            return { id: metadata.KeyId, arn: metadata.Arn };
        },
    };
    return it;
}

function authorizerOf(it: Bench): Authorize {
    return async (ask) => {
        it.asks.push(ask);
        const decision = it.decide(ask);
        return { allowed: decision === "allow", decision, caller: it.caller };
    };
}

/** The SDK against the core, over loopback HTTP: what a caller catches is what these tests name. */
export async function sdkOver(it: Bench): Promise<{ client: KMSClient; stop(): Promise<void> }> {
    const server: Server = createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on("data", (chunk: Buffer) => chunks.push(chunk));
        request.on("end", () => {
            const operation = String(request.headers["x-amz-target"]).replace("TrentService.", "");
            void it.call(operation, JSON.parse(Buffer.concat(chunks).toString("utf8") || "{}")).then((answer) => {
                const headers = {
                    "content-type": "application/x-amz-json-1.1",
                    "x-amzn-requestid": "r-1",
                    ...answer.headers,
                };
                response.writeHead(answer.status, headers).end(JSON.stringify(answer.body));
            });
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const client = new KMSClient({
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        region: REGION,
        credentials: { accessKeyId: "test", secretAccessKey: "test" },
        maxAttempts: 1,
    });
    const stop = async (): Promise<void> => {
        client.destroy();
        await new Promise<void>((resolve) => server.close(() => resolve()));
    };
    return { client, stop };
}
