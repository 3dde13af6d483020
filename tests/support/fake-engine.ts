import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import * as grpc from "@grpc/grpc-js";
import { answerInvoke, computedOutputs, idOf } from "./fake-aws";
import { plainValue, type Plain } from "./pulumi-wire";

const native = createRequire(__filename);
const EMPTY = native("@pulumi/pulumi/proto/resource_grpc_pb").ResourceMonitorService.registerResourceOutputs
    .responseType;
const STRUCT = native("google-protobuf/google/protobuf/struct_pb.js");
const RESOURCE = native("@pulumi/pulumi/proto/resource_pb");
const ENGINE = native("@pulumi/pulumi/proto/engine_pb");
const { ResourceMonitorService } = native("@pulumi/pulumi/proto/resource_grpc_pb");
const { EngineService } = native("@pulumi/pulumi/proto/engine_grpc_pb");

/** A message of the SDK's generated code, which ships without types. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Generated = any;

/** One registration, as the engine hands it to an analyzer, and what only the engine sees. */
export interface EngineRecord {
    readonly type: string;
    readonly name: string;
    readonly urn: string;
    readonly custom: boolean;
    /** URN, empty for the stack. */
    readonly parent: string;
    /** Inputs after the provider's Check, as far as it matters: names, documents as text. */
    readonly properties: Record<string, unknown>;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly ignoreChanges: readonly string[];
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    /** URN of the provider; empty if the engine would make a default one. */
    readonly provider: string;
}

export interface FakeEngine {
    readonly address: string;
    readonly records: EngineRecord[];
    readonly errors: string[];
    stop(): void;
}

export interface EngineOptions {
    readonly project: string;
    readonly stack: string;
    readonly dryRun: boolean;
}

/** ResourceMonitor and Engine in this process, as far as a program in preview needs them. */
export async function startFakeEngine(options: EngineOptions): Promise<FakeEngine> {
    const records: EngineRecord[] = [];
    const errors: string[] = [];
    let root = "";
    const server = new grpc.Server({
        "grpc.max_receive_message_length": -1,
        "grpc.max_send_message_length": -1,
    });
    server.addService(ResourceMonitorService, {
        getDeploymentInfo: answer(() => {
            const info = new RESOURCE.DeploymentInfo();
            // Secrets, resource references, aliases; not output values, so that unknowns come as a provider sees them.
            info.setSupportedfeaturesList([0, 1, 3, 5, 9]);
            return info;
        }),
        supportsFeature: answer(() => new RESOURCE.SupportsFeatureResponse()),
        invoke: answer((request) => {
            const args = plainValue(request.getArgs().toJavaScript()) as Record<string, Plain>;
            const result = new RESOURCE.ResourceInvokeResponse();
            result.setReturn(STRUCT.Struct.fromJavaScript(answerInvoke(request.getTok(), args)));
            return result;
        }),
        call: answer(() => {
            throw new Error("no component of this program is remote");
        }),
        readResource: answer((request) => {
            // Reads are never analysed.
            const result = new RESOURCE.ReadResourceResponse();
            result.setUrn(urnOf(options, request.getParent(), request.getType(), request.getName()));
            result.setProperties(request.getProperties());
            return result;
        }),
        registerResource: answer((request) => {
            const record = recordOf(options, request);
            if (records.some(({ urn }) => urn === record.urn)) throw new Error(`duplicate resource URN ${record.urn}`);
            records.push(record);
            const result = new RESOURCE.RegisterResourceResponse();
            result.setUrn(record.urn);
            const outputs = { ...record.properties, ...(options.dryRun ? {} : computedOutputs(record)) };
            if (record.custom && !options.dryRun) result.setId(idOf(record.urn));
            result.setObject(STRUCT.Struct.fromJavaScript(record.custom ? outputs : {}));
            return result;
        }),
        registerResourceOutputs: answer(() => new EMPTY()),
        registerStackTransform: answer(() => new EMPTY()),
        registerStackInvokeTransform: answer(() => new EMPTY()),
        registerResourceHook: answer(() => new EMPTY()),
        registerErrorHook: answer(() => new EMPTY()),
        registerPackage: answer(() => {
            const result = new RESOURCE.RegisterPackageResponse();
            result.setRef("package");
            return result;
        }),
        signalAndWaitForShutdown: answer(() => new EMPTY()),
    });
    server.addService(EngineService, {
        log: answer((request) => {
            if (request.getSeverity() >= 3) errors.push(request.getMessage());
            return new EMPTY();
        }),
        getRootResource: answer(() => {
            const result = new ENGINE.GetRootResourceResponse();
            result.setUrn(root);
            return result;
        }),
        setRootResource: answer((request) => {
            root = request.getUrn();
            return new ENGINE.SetRootResourceResponse();
        }),
        startDebugging: answer(() => new EMPTY()),
        requirePulumiVersion: answer(() => new ENGINE.RequirePulumiVersionResponse()),
    });
    const port = await new Promise<number>((done, failed) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
            error ? failed(error) : done(bound),
        ),
    );
    return { address: `127.0.0.1:${port}`, records, errors, stop: () => server.forceShutdown() };
}

function answer(reply: (request: Generated) => unknown): grpc.handleUnaryCall<Generated, Generated> {
    return (call, callback) => {
        try {
            callback(null, reply(call.request));
        } catch (error) {
            callback({ code: grpc.status.UNKNOWN, details: (error as Error).message });
        }
    };
}

function recordOf(options: EngineOptions, request: Generated): EngineRecord {
    const type: string = request.getType();
    const name: string = request.getName();
    const propertyDependencies: Record<string, string[]> = {};
    request.getPropertydependenciesMap().forEach((from: Generated, property: string) => {
        if (from.getUrnsList().length > 0) propertyDependencies[property] = [...from.getUrnsList()];
    });
    const urn = urnOf(options, request.getParent(), type, name);
    return {
        type,
        name,
        urn,
        custom: request.getCustom(),
        parent: request.getParent(),
        properties: {
            ...checked(type, name, urn, plainValue(request.getObject().toJavaScript()) as Record<string, Plain>),
            // As SetProviderVersion of the engine does.
            ...(type.startsWith("pulumi:providers:") && request.getVersion() && { version: request.getVersion() }),
        },
        protect: request.getProtect(),
        retainOnDelete: request.getRetainondelete(),
        ignoreChanges: request.getIgnorechangesList(),
        propertyDependencies,
        provider: request.getProvider().replace(/::[^:]*$/, ""),
    };
}

/** `urn:pulumi:STACK::PROJECT::PARENTTYPES$TYPE::NAME`, the stack's own type left out of the chain. */
export function urnOf({ stack, project }: EngineOptions, parent: string, type: string, name: string): string {
    const parentTypes = parent.split("::")[2] ?? "";
    const chain = parentTypes === "" || parentTypes === "pulumi:pulumi:Stack" ? type : `${parentTypes}$${type}`;
    return `urn:pulumi:${stack}::${project}::${chain}::${name}`;
}

/** What providers name by themselves, where the program does not. */
const AUTONAMED = ["aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy"];

/** As far as Check of the real provider changes inputs: a name of its own, JSON documents as text. */
function checked(type: string, name: string, urn: string, inputs: Record<string, Plain>): Record<string, unknown> {
    const known = Object.entries(inputs).filter(([, value]) => value !== null);
    const result: Record<string, unknown> = Object.fromEntries(known);
    if (AUTONAMED.includes(type) && result.name === undefined) {
        result.name = `${name}-${createHash("sha256").update(urn).digest("hex").slice(0, 7)}`;
    }
    return result;
}
