import type * as Pulumi from "@pulumi/pulumi";
import { mockAws, type AwsMock } from "./aws-mock";
import { loadNative, purgeSources, requireNative } from "./native";

/** One registration as the engine would get it: what mocks alone do not show (parent, protection, dependencies) included. */
export interface Registration {
    readonly type: string;
    readonly name: string;
    readonly custom: boolean;
    /** Logical name of the parent. */
    readonly parent: string;
    readonly inputs: Record<string, unknown>;
    /** Logical names with type, as `type::name`. */
    readonly dependencies: readonly string[];
    /** By input. */
    readonly propertyDependencies: Readonly<Record<string, readonly string[]>>;
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly ignoreChanges: readonly string[];
    /** Logical name of the explicit provider, empty for a default one. */
    readonly provider: string;
}

export interface Graph {
    readonly resources: readonly Registration[];
    readonly outputs: Record<string, unknown>;
    /** Of components: what registerOutputs was given, by logical name. */
    readonly componentOutputs: Readonly<Record<string, Record<string, unknown>>>;
    ofType(type: string): readonly Registration[];
    /** Throws unless there is exactly one. */
    one(type: string, name: string): Registration;
}

export interface CaptureOptions {
    readonly project?: string;
    readonly stack?: string;
    readonly config?: Record<string, unknown>;
    /** Outputs of new resources are unknown, as in a first `pulumi preview`. */
    readonly preview?: boolean;
    readonly mock?: AwsMock;
    /**
     * Logical names of functions whose code is wanted, e.g. `pipeline-publish`. Others get a stand-in, since serializing all of
     * them takes seconds.
     *
     * @default none
     */
    readonly serialize?: readonly string[];
}

/** What an unknown value looks like on the wire. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

interface RawRequest {
    getType(): string;
    getName(): string;
    getCustom(): boolean;
    getParent(): string;
    getObject(): { toJavaScript(): Record<string, unknown> };
    getDependenciesList(): string[];
    getPropertydependenciesMap(): { forEach(each: (value: { getUrnsList(): string[] }, key: string) => void): void };
    getProtect(): boolean;
    getRetainondelete(): boolean;
    getIgnorechangesList(): string[];
    getProvider(): string;
}

/** Runs a program against the mock and records all that it registers. Proves nothing about AWS or the real provider. */
export async function capture(program: () => unknown, options: CaptureOptions = {}): Promise<Graph> {
    const pulumi = requireNative<typeof Pulumi>("@pulumi/pulumi");
    const { project = "countersign", stack = "dev", preview = false } = options;
    purgeSources();
    const texts = Object.entries(options.config ?? {}).map(([key, value]) => [
        `${project}:${key}`,
        typeof value === "string" ? value : JSON.stringify(value),
    ]);
    pulumi.runtime.setAllConfig(Object.fromEntries(texts), []);
    await pulumi.runtime.setMocks(options.mock ?? mockAws({ preview }), project, stack, preview);
    serializeOnly(options.serialize ?? []);
    const { registrations, componentOutputs } = recordRegistrations();
    const outputs = await pulumi.runtime.runInPulumiStack(async () => program());
    await pulumi.runtime.disconnect();
    const resources = registrations.map(toRegistration);
    return {
        resources,
        outputs: (await plain(pulumi, outputs)) as Record<string, unknown>,
        componentOutputs,
        ofType: (type) => resources.filter((resource) => resource.type === type),
        one: (type, name) => {
            const found = resources.filter((resource) => resource.type === type && resource.name === name);
            if (found.length !== 1) {
                const all = resources.filter((resource) => resource.type === type).map((resource) => resource.name);
                throw new Error(`${found.length} resources ${type} ${name}, there are ${all.join(", ") || "none"}`);
            }
            return found[0]!;
        },
    };
}

/** Everything but the stack itself, as `type name < parent`, sorted: registrations race. */
export function shape(graph: Graph): string[] {
    return graph.resources
        .filter(({ type }) => type !== "pulumi:pulumi:Stack")
        .map(({ type, name, parent }) => `${type} ${name} < ${parent}`)
        .sort();
}

/** The names of registered resources of a type, sorted. */
export function namesOfType(graph: Graph, type: string): string[] {
    return graph
        .ofType(type)
        .map((resource) => resource.name)
        .sort();
}

/** Of the key behind an alias, as the mock made it up. */
export function keyIdOf(graph: Graph, alias: string): unknown {
    return graph.one("aws:kms/alias:Alias", alias).inputs.targetKeyId;
}

export function json(value: unknown): unknown {
    if (typeof value !== "string") throw new Error(`${JSON.stringify(value)} is not JSON text`);
    return JSON.parse(value);
}

/** Replaces what the seam calls for code, which it looks up at each call. Wanted code is made anew, never taken from a cache. */
function serializeOnly(wanted: readonly string[]): void {
    type Handler = { readonly module: string; readonly options: { readonly keyName?: string } | undefined };
    const seam = loadNative<{ inlineCode: (handler: Handler, folder?: null) => Promise<string> }>(
        "components/inline-code.ts",
    );
    const { inlineCode } = seam;
    const logicalName = ({ module, options }: Handler) =>
        [["intake", "sequencer", "reconciler"].includes(module) ? "log" : "pipeline", module, options?.keyName]
            .filter((part) => part !== undefined)
            .join("-");
    seam.inlineCode = async (handler) =>
        wanted.includes(logicalName(handler)) ? inlineCode(handler, null) : "/* stand-in */";
}

function recordRegistrations() {
    const settings = requireNative<{ getMonitor(): Record<string, (...args: never[]) => unknown> }>(
        "@pulumi/pulumi/runtime/settings",
    );
    const monitor = settings.getMonitor();
    const registrations: RawRequest[] = [];
    const componentOutputs: Record<string, Record<string, unknown>> = {};
    const register = monitor.registerResource!;
    const registerOutputs = monitor.registerResourceOutputs!;
    monitor.registerResource = ((request: RawRequest, ...rest: never[]) => {
        registrations.push(request);
        return register.call(monitor, request as never, ...rest);
    }) as never;
    monitor.registerResourceOutputs = ((
        request: { getUrn(): string; getOutputs(): { toJavaScript(): Record<string, unknown> } },
        ...rest: never[]
    ) => {
        componentOutputs[nameOf(request.getUrn())] = request.getOutputs().toJavaScript();
        return registerOutputs.call(monitor, request as never, ...rest);
    }) as never;
    return { registrations, componentOutputs };
}

function toRegistration(request: RawRequest): Registration {
    const propertyDependencies: Record<string, string[]> = {};
    request.getPropertydependenciesMap().forEach((value, key) => {
        const urns = value.getUrnsList();
        if (urns.length > 0) propertyDependencies[key] = urns.map(shortUrn).sort();
    });
    return {
        type: request.getType(),
        name: request.getName(),
        custom: request.getCustom(),
        parent: nameOf(request.getParent()),
        inputs: request.getObject().toJavaScript(),
        dependencies: request.getDependenciesList().map(shortUrn).sort(),
        propertyDependencies,
        protect: request.getProtect(),
        retainOnDelete: request.getRetainondelete(),
        ignoreChanges: request.getIgnorechangesList(),
        provider: nameOf(request.getProvider().replace(/::[^:]*$/, "")),
    };
}

function nameOf(urn: string): string {
    return urn === "" ? "" : urn.slice(urn.lastIndexOf("::") + 2);
}

function shortUrn(urn: string): string {
    const [, , types = "", name = ""] = urn.split("::");
    return `${types.split("$").at(-1)}::${name}`;
}

async function plain(pulumi: typeof Pulumi, outputs: unknown): Promise<unknown> {
    const resolved = pulumi.output(outputs as string) as unknown as {
        promise(withUnknowns: boolean): Promise<unknown>;
    };
    return resolved.promise(true);
}
