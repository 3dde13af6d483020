import type { ResourceValidationPolicy, StackValidationPolicy } from "@pulumi/policy";
import * as server from "@pulumi/policy/server";
import { settingsFor } from "../../policies/config";
import type { Rule } from "../../policies/rule";
import { RULES } from "../../policies/rules";
import type { Settings } from "../../policies/settings";
import { toPolicy } from "../../policies/to-policy";
import { analyzeRequest, analyzeStackRequest, type Diagnostic, diagnostics, type Registered } from "./pack-process";
import type { EngineRecord, Recording } from "./record-harness";

/** What an analyzer is sent of recorded registrations: custom resources, each with its provider. */
export function registered(records: readonly EngineRecord[]): Registered[] {
    const providers = new Map(
        records.filter(({ type }) => type.startsWith("pulumi:providers:")).map((one) => [one.urn, one]),
    );
    return records
        .filter(({ custom }) => custom)
        .map(({ type, name, urn, properties, protect, ignoreChanges, propertyDependencies, provider }) => {
            const found = providers.get(provider);
            return {
                type,
                name,
                urn,
                properties,
                protect,
                ignoreChanges,
                propertyDependencies,
                ...(found && { provider: { type: found.type, name: found.name, properties: found.properties } }),
            };
        });
}

type MakeRpc = (
    name: string,
    version: string,
    level: string,
    policies: readonly unknown[],
) => (call: unknown, callback: unknown) => unknown;

/** Marked as internal by the SDK, hence without types. */
const { makeAnalyzeRpcFun, makeAnalyzeStackRpcFun } = server as unknown as Record<string, MakeRpc> as {
    makeAnalyzeRpcFun: MakeRpc;
    makeAnalyzeStackRpcFun: MakeRpc;
};

export interface InProcess {
    analyze(resource: Registered): Promise<Diagnostic[]>;
    analyzeStack(resources: readonly Registered[]): Promise<Diagnostic[]>;
}

/** The SDK's own analysis, without a process: its proxies, its unknowns, its levels. Settings are handed in, as the engine would. */
export function inProcess(rules: readonly Rule[], settings: Partial<Settings>): InProcess {
    const policies = rules.map((rule) => withSettings(toPolicy(rule), settingsFor(rule, settings)));
    const analyze = makeAnalyzeRpcFun("countersign", "0.0.0", "mandatory", policies);
    const analyzeStack = makeAnalyzeStackRpcFun("countersign", "0.0.0", "mandatory", policies);
    return {
        analyze: async (resource) => diagnostics(await call(analyze, analyzeRequest(resource))),
        analyzeStack: async (resources) => diagnostics(await call(analyzeStack, analyzeStackRequest(resources))),
    };
}

/** All that every rule says of a recorded program, resource by resource and of the stack. */
export async function saidOf(
    { records }: Pick<Recording, "records">,
    settings: Partial<Settings>,
): Promise<Diagnostic[]> {
    const pack = inProcess(RULES, settings);
    const resources = registered(records);
    const found: Diagnostic[] = [];
    for (const resource of resources) found.push(...(await pack.analyze(resource)));
    return [...found, ...(await pack.analyzeStack(resources))];
}

type Policy = ResourceValidationPolicy & Partial<StackValidationPolicy>;

function withSettings(policy: Policy, settings: Partial<Settings>): Policy {
    const { validateResource, validateStack } = policy;
    const getConfig = () => settings as never;
    return {
        ...policy,
        ...(typeof validateResource === "function" && {
            validateResource: (args, report) => validateResource({ ...args, getConfig }, report),
        }),
        ...(validateStack && { validateStack: (args, report) => validateStack({ ...args, getConfig }, report) }),
    };
}

function call(rpc: ReturnType<MakeRpc>, request: unknown): Promise<unknown> {
    return new Promise((done, failed) =>
        rpc({ request }, (error: Error | null, answer: unknown) => (error ? failed(error) : done(answer))),
    );
}
