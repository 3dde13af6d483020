import { createHash, randomUUID, sign, type KeyObject } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * As much of AWS as the functions ask for, in memory, on loopback: conditions are judged, keys sign, nothing is authorized.
 * It notes each request by the IAM action and resource that AWS would check.
 */

export interface AwsRequest {
    /** e.g. `dynamodb:PutItem`. */
    readonly action: string;
    /** Table, `BUCKET/KEY`, key ARN, function, or empty. */
    readonly resource: string;
    readonly input: Readonly<Record<string, unknown>>;
}

export interface LoopbackKey {
    readonly arn: string;
    readonly spec: string;
    readonly algorithms: readonly string[];
    readonly privateKey: KeyObject;
    readonly spki: Buffer;
    readonly tags: Readonly<Record<string, string>>;
    readonly sign: (message: Buffer) => Buffer;
}

type Attribute = { readonly S?: string; readonly N?: string };
type Item = Record<string, Attribute>;
interface Answer {
    readonly status: number;
    readonly body?: Buffer | string;
    readonly headers?: Record<string, string>;
}

export class LoopbackAws {
    public readonly requests: AwsRequest[] = [];
    public readonly tables = new Map<string, Map<string, Item>>();
    public readonly objects = new Map<string, Buffer>();
    public readonly keys = new Map<string, LoopbackKey>();
    /** Who answers for Lambda, by function name. */
    public invoke: (functionName: string, payload: unknown) => Promise<unknown> = () =>
        Promise.reject(new Error("no function is deployed"));
    private readonly server: Server;

    private constructor() {
        this.server = createServer((request, response) => void this.serve(request, response));
    }

    public static async start(): Promise<LoopbackAws> {
        const aws = new LoopbackAws();
        await new Promise<void>((resolve) => aws.server.listen(0, "127.0.0.1", resolve));
        return aws;
    }

    public get endpoint(): string {
        return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
    }

    public async stop(): Promise<void> {
        this.server.closeAllConnections();
        await new Promise<void>((resolve) => this.server.close(() => resolve()));
    }

    /** The same state on another port: what one run writes, the other does not see. */
    public async fork(): Promise<LoopbackAws> {
        const copy = await LoopbackAws.start();
        for (const [name, items] of this.tables) copy.tables.set(name, new Map(items));
        for (const [key, bytes] of this.objects) copy.objects.set(key, bytes);
        for (const [arn, key] of this.keys) copy.keys.set(arn, key);
        copy.invoke = this.invoke;
        return copy;
    }

    /** Takes and forgets what was asked since the last call, as `ACTION RESOURCE`, sorted: functions ask in parallel. */
    public asked(): string[] {
        return this.requests
            .splice(0)
            .map(({ action, resource }) => `${action} ${resource}`)
            .sort();
    }

    private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const {
            status,
            body = "",
            headers = {},
        } = await this.answer(request, Buffer.concat(chunks)).catch((error: unknown): Answer => ({
            status: 500,
            body: String(error),
        }));
        response.writeHead(status, { "x-amzn-requestid": randomUUID(), ...headers });
        response.end(body);
    }

    private async answer(request: IncomingMessage, body: Buffer): Promise<Answer> {
        const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(request.headers.authorization ?? "")?.[1];
        const url = new URL(request.url ?? "/", "http://aws");
        switch (service) {
            case "s3":
                return this.s3(request, url, body);
            case "lambda":
                return this.lambda(url, body);
            case "monitoring":
                this.note("cloudwatch:PutMetricData", "*", JSON.parse(body.toString()) as Record<string, unknown>);
                return { status: 200, body: "{}", headers: { "content-type": "application/x-amz-json-1.0" } };
            case "dynamodb":
            case "kms": {
                const operation = String(request.headers["x-amz-target"]).split(".").at(-1)!;
                const input = JSON.parse(body.toString()) as Record<string, unknown>;
                const answer = service === "kms" ? this.kms(operation, input) : this.dynamodb(operation, input);
                return { ...answer, headers: { "content-type": "application/x-amz-json-1.0" } };
            }
            default:
                throw new Error(`service ${service} is not on loopback`);
        }
    }

    private note(action: string, resource: string, input: Record<string, unknown>): void {
        this.requests.push({ action, resource, input });
    }

    private s3({ method, headers }: IncomingMessage, url: URL, body: Buffer): Answer {
        const [, bucket = "", ...rest] = decodeURIComponent(url.pathname).split("/");
        const key = rest.join("/");
        const version = url.searchParams.get("versionId");
        const place = `${bucket}/${key}`;
        if (method === "GET" && key === "") return this.list(bucket, url.searchParams.get("prefix") ?? "");
        if (method === "GET") {
            this.note(version ? "s3:GetObjectVersion" : "s3:GetObject", place, { version });
            const bytes = this.objects.get(version ? `${place}@${version}` : place);
            return bytes
                ? { status: 200, body: bytes, headers: { etag: etagOf(bytes), "content-length": String(bytes.length) } }
                : s3Error(404, "NoSuchKey");
        }
        const { "if-none-match": absent, "if-match": etag } = headers;
        this.note("s3:PutObject", place, { absent, etag });
        const old = this.objects.get(place);
        if (absent === "*" && old) return s3Error(412, "PreconditionFailed");
        if (etag !== undefined && (!old || etagOf(old) !== etag))
            return s3Error(old ? 412 : 404, old ? "PreconditionFailed" : "NoSuchKey");
        this.objects.set(place, body);
        return { status: 200, headers: { etag: etagOf(body) } };
    }

    private list(bucket: string, prefix: string): Answer {
        this.note("s3:ListBucket", bucket, { prefix });
        const count = [...this.objects.keys()].filter((key) => key.startsWith(`${bucket}/${prefix}`)).length;
        return { status: 200, body: `<ListBucketResult><KeyCount>${Math.min(count, 1)}</KeyCount></ListBucketResult>` };
    }

    private async lambda(url: URL, body: Buffer): Promise<Answer> {
        const name = url.pathname.split("/")[3] ?? "";
        this.note("lambda:InvokeFunction", name, {});
        return { status: 200, body: JSON.stringify(await this.invoke(name, JSON.parse(body.toString()))) };
    }

    private dynamodb(operation: string, input: Record<string, unknown>): Answer {
        if (operation === "TransactWriteItems") return this.transact(input);
        const table = input.TableName as string;
        const items = this.tables.get(table) ?? new Map<string, Item>();
        this.tables.set(table, items);
        this.note(`dynamodb:${operation}`, table, input);
        const { Key, Item: given } = input as { Key?: { id: { S: string } }; Item?: Item };
        const id = Key?.id.S ?? given?.id?.S ?? "";
        switch (operation) {
            case "GetItem":
                return { status: 200, body: JSON.stringify({ Item: items.get(id) }) };
            case "PutItem":
                if (!holds(input, items.get(id))) return conditionFailed();
                items.set(id, given!);
                return { status: 200, body: "{}" };
            case "UpdateItem": {
                const old = items.get(id);
                if (!holds(input, old)) return conditionFailed();
                items.set(id, updated(input, { ...old, id: { S: id } }));
                return { status: 200, body: "{}" };
            }
            case "Query": {
                const pending = [...items.values()].filter((item) => item.pending?.S === "1");
                pending.sort((a, b) => (a.received_at!.S! < b.received_at!.S! ? -1 : 1));
                return { status: 200, body: JSON.stringify({ Items: pending.map((item) => ({ id: item.id })) }) };
            }
            default:
                throw new Error(`DynamoDB ${operation} is not on loopback`);
        }
    }

    /** A transaction needs the rights of its parts, so these are noted. */
    private transact(input: Record<string, unknown>): Answer {
        const { TransactItems } = input as { TransactItems: { Put: { TableName: string; Item: Item } }[] };
        const puts = TransactItems.map(({ Put }) => Put);
        for (const put of puts) this.note("dynamodb:PutItem", put.TableName, put as unknown as Record<string, unknown>);
        const reasons = puts.map((put) => ({
            Code: this.tables.get(put.TableName)?.has(put.Item.id!.S!) ? "ConditionalCheckFailed" : "None",
        }));
        if (reasons.some(({ Code }) => Code !== "None")) {
            return {
                status: 400,
                body: JSON.stringify({ __type: "TransactionCanceledException", CancellationReasons: reasons }),
            };
        }
        for (const { TableName, Item: item } of puts) {
            const items = this.tables.get(TableName) ?? new Map<string, Item>();
            this.tables.set(TableName, items.set(item.id!.S!, item));
        }
        return { status: 200, body: "{}" };
    }

    private kms(operation: string, input: Record<string, unknown>): Answer {
        const key = this.keys.get(input.KeyId as string);
        this.note(`kms:${operation}`, input.KeyId as string, input);
        if (!key) return { status: 400, body: JSON.stringify({ __type: "NotFoundException" }) };
        const answers: Record<string, () => object> = {
            GetPublicKey: () => ({ KeyId: key.arn, PublicKey: key.spki.toString("base64"), KeySpec: key.spec }),
            GetKeyPolicy: () => ({ Policy: "{}", PolicyName: "default" }),
            ListResourceTags: () => ({
                Tags: Object.entries(key.tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })),
            }),
            DescribeKey: () => ({
                KeyMetadata: {
                    KeyId: key.arn,
                    Arn: key.arn,
                    KeySpec: key.spec,
                    Origin: "AWS_KMS",
                    MultiRegion: false,
                    CreationDate: 1_795_248_000,
                    SigningAlgorithms: key.algorithms,
                },
            }),
            Sign: () => ({
                KeyId: key.arn,
                SigningAlgorithm: input.SigningAlgorithm,
                Signature: key.sign(Buffer.from(input.Message as string, "base64")).toString("base64"),
            }),
        };
        const answer = answers[operation];
        if (!answer) throw new Error(`KMS ${operation} is not on loopback`);
        return { status: 200, body: JSON.stringify(answer()) };
    }
}

/** Raw Ed25519, as KMS signs RAW messages. */
export function ed25519Sign(key: KeyObject): (message: Buffer) => Buffer {
    return (message) => sign(null, message, key);
}

interface Expressions {
    readonly ConditionExpression?: string;
    readonly UpdateExpression?: string;
    readonly ExpressionAttributeNames?: Record<string, string>;
    readonly ExpressionAttributeValues?: Record<string, Attribute>;
}

/** The two conditions that our stores use. */
function holds(expressions: Expressions, item: Item | undefined): boolean {
    const { ConditionExpression: condition } = expressions;
    if (condition === undefined) return true;
    if (condition === "attribute_not_exists(id)") return item === undefined;
    const match = /^(#\w+) = (:\w+)$/.exec(condition);
    if (!match) throw new Error(`condition ${condition} is not on loopback`);
    const [, name, value] = match;
    const attribute = expressions.ExpressionAttributeNames![name!]!;
    return JSON.stringify(item?.[attribute]) === JSON.stringify(expressions.ExpressionAttributeValues![value!]);
}

function updated(
    { UpdateExpression, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} }: Expressions,
    item: Item,
): Item {
    const [, set = "", remove = ""] = /^SET (.*?)(?: REMOVE (.*))?$/.exec(UpdateExpression ?? "") ?? [];
    for (const assignment of set.split(", ")) {
        const [name = "", value = ""] = assignment.split(" = ");
        item[names[name]!] = values[value]!;
    }
    for (const name of remove === "" ? [] : remove.split(", ")) delete item[names[name]!];
    return item;
}

function conditionFailed(): Answer {
    return { status: 400, body: JSON.stringify({ __type: "ConditionalCheckFailedException" }) };
}

function s3Error(status: number, code: string): Answer {
    return { status, body: `<Error><Code>${code}</Code></Error>`, headers: { "content-type": "application/xml" } };
}

function etagOf(bytes: Buffer): string {
    return `"${createHash("md5").update(bytes).digest("hex")}"`;
}
