import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { buildSync } from "esbuild";

const native = createRequire(__filename);
const ROOT = join(__dirname, "..", "..");
const EMPTY = native("google-protobuf/google/protobuf/empty_pb.js");
const STRUCT = native("google-protobuf/google/protobuf/struct_pb.js");
const MESSAGES = native("@pulumi/pulumi/proto/analyzer_pb");
const { AnalyzerClient } = native("@pulumi/pulumi/proto/analyzer_grpc_pb");

/** A message of the SDK's generated code, which ships without types. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Generated = any;

export interface Registered {
    readonly type: string;
    readonly name: string;
    readonly properties: Record<string, unknown>;
    readonly protect?: boolean;
    readonly ignoreChanges?: readonly string[];
    /** @default one made of type and name */
    readonly urn?: string;
    readonly provider?: { readonly type: string; readonly name: string; readonly properties: Record<string, unknown> };
    readonly propertyDependencies?: Readonly<Record<string, readonly string[]>>;
}

export interface Diagnostic {
    readonly policy: string;
    readonly message: string;
    /** 0 advisory, 1 mandatory. */
    readonly level: number;
}

/** The pack as the engine runs it: a process of its own, spoken to over gRPC. */
export interface PackProcess {
    info(): Promise<{ name: string; policies: { name: string; level: number }[] }>;
    configure(config: Record<string, Record<string, unknown>>): Promise<void>;
    analyze(resource: Registered): Promise<Diagnostic[]>;
    analyzeStack(resources: readonly Registered[]): Promise<Diagnostic[]>;
    /** What the engine goes on with: the inputs as remediations leave them. It shows them what it hides from `analyze`. */
    remediate(resource: Registered): Promise<Record<string, unknown>>;
    stop(): void;
}

export async function startPack({ preview = true } = {}): Promise<PackProcess> {
    buildSync({
        absWorkingDir: ROOT,
        entryPoints: ["policies/index.ts"],
        outfile: "policies/bin/index.js",
        bundle: true,
        platform: "node",
        target: "node24",
        format: "cjs",
        packages: "external",
        logLevel: "warning",
    });
    const folder = join(ROOT, "policies");
    const child = spawn(
        process.execPath,
        [native.resolve("@pulumi/pulumi/cmd/run-policy-pack"), "127.0.0.1:1", folder],
        {
            cwd: folder,
            env: {
                PULUMI_NODEJS_TYPESCRIPT: "false",
                PULUMI_NODEJS_DRY_RUN: String(preview),
                PULUMI_NODEJS_STACK: "dev",
                PULUMI_NODEJS_PROJECT: "countersign",
            },
            stdio: ["ignore", "pipe", "inherit"],
        },
    );
    const port = await firstLine(child);
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    const call = <T>(method: string, request: unknown): Promise<T> =>
        new Promise((done, failed) =>
            client[method](request, (error: Error | null, answer: T) => (error ? failed(error) : done(answer))),
        );

    return {
        info: async () => {
            const answer = (await call<Generated>("getAnalyzerInfo", new EMPTY.Empty())).toObject();
            return {
                name: answer.name,
                policies: answer.policiesList.map((p: Generated) => ({ name: p.name, level: p.enforcementlevel })),
            };
        },
        configure: async (config) => {
            const request = new MESSAGES.ConfigureAnalyzerRequest();
            for (const [rule, { enforcementLevel, ...properties }] of Object.entries(config)) {
                const policy = new MESSAGES.PolicyConfig();
                policy.setEnforcementlevel(enforcementLevel === "advisory" ? 0 : 1);
                policy.setProperties(STRUCT.Struct.fromJavaScript(properties));
                request.getPolicyconfigMap().set(rule, policy);
            }
            await call("configure", request);
        },
        analyze: async (resource) => diagnostics(await call<Generated>("analyze", analyzeRequest(resource))),
        analyzeStack: async (resources) =>
            diagnostics(await call<Generated>("analyzeStack", analyzeStackRequest(resources))),
        remediate: async (resource) => {
            const answer = await call<Generated>("remediate", analyzeRequest(resource));
            const [last] = answer.getRemediationsList().slice(-1);
            return last === undefined ? resource.properties : last.getProperties().toJavaScript();
        },
        stop: () => {
            client.close();
            child.kill();
        },
    };
}

export function analyzeRequest(resource: Registered): Generated {
    return filled(new MESSAGES.AnalyzeRequest(), resource);
}

export function analyzeStackRequest(resources: readonly Registered[]): Generated {
    const request = new MESSAGES.AnalyzeStackRequest();
    request.setResourcesList(
        resources.map((resource) => withDependencies(filled(new MESSAGES.AnalyzerResource(), resource), resource)),
    );
    return request;
}

export function urnOf(type: string, name: string): string {
    return `urn:pulumi:dev::countersign::${type}::${name}`;
}

function filled(message: Generated, resource: Registered): Generated {
    const { type, name, properties, protect = false, ignoreChanges = [], provider } = resource;
    message.setType(type);
    message.setName(name);
    message.setUrn(resource.urn ?? urnOf(type, name));
    message.setProperties(STRUCT.Struct.fromJavaScript(properties));
    const options = new MESSAGES.AnalyzerResourceOptions();
    options.setProtect(protect);
    options.setIgnorechangesList([...ignoreChanges]);
    message.setOptions(options);
    if (provider) {
        const from = new MESSAGES.AnalyzerProviderResource();
        from.setType(provider.type);
        from.setName(provider.name);
        from.setUrn(urnOf(provider.type, provider.name));
        from.setProperties(STRUCT.Struct.fromJavaScript(provider.properties));
        message.setProvider(from);
    }
    return message;
}

function withDependencies(message: Generated, { propertyDependencies = {} }: Registered): Generated {
    for (const [property, urns] of Object.entries(propertyDependencies)) {
        const from = new MESSAGES.AnalyzerPropertyDependencies();
        from.setUrnsList([...urns]);
        message.getPropertydependenciesMap().set(property, from);
    }
    return message;
}

export function diagnostics(answer: Generated): Diagnostic[] {
    return answer.toObject().diagnosticsList.map((d: Generated) => ({
        policy: d.policyname,
        message: d.message,
        level: d.enforcementlevel,
    }));
}

function firstLine(child: ChildProcess): Promise<string> {
    return new Promise((done, failed) => {
        let text = "";
        child.stdout!.setEncoding("utf8").on("data", (chunk: string) => {
            text += chunk;
            if (text.includes("\n")) done(text.split("\n")[0]!);
        });
        child.once("exit", (code) => failed(new Error(`the pack ended with ${code} before it listened`)));
    });
}
