import type { ResourceView } from "../rule";
import type { Judged } from "./violations";

/** Why a file cannot be judged; exit status 3. */
export class Undecidable extends Error {}

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7";

interface ExportedResource {
    readonly urn: string;
    readonly type: string;
    readonly custom?: boolean;
    readonly protect?: boolean;
    readonly delete?: boolean;
    readonly inputs?: Record<string, unknown>;
    readonly outputs?: Record<string, unknown>;
    readonly provider?: string;
    readonly propertyDependencies?: Record<string, string[] | null>;
}

/**
 * Resources of `pulumi stack export`, reads among them. Secrets that are encrypted count as unknown.
 *
 * @throws Undecidable for anything that is no complete export
 */
export function readExport(value: unknown): readonly Judged[] {
    const version = member(value, "version");
    if (version !== 3 && version !== 4) throw new Undecidable(notAnExport(value, version));
    const deployment = member(value, "deployment");
    const resources = member(deployment, "resources");
    if (!Array.isArray(resources))
        throw new Undecidable("no deployment.resources, expected the JSON of `pulumi stack export`");
    const pending = member(deployment, "pending_operations");
    if (Array.isArray(pending) && pending.length > 0)
        throw new Undecidable(
            `${pending.length} operations are pending, so what exists is not known: run pulumi refresh first`,
        );
    const all = resources.map(checked);
    // What is marked for deletion still exists: it is judged as well.
    const providers = new Map(
        all.filter(({ type }) => type.startsWith("pulumi:providers:")).map((one) => [one.urn, one]),
    );
    const judged = all.filter(({ custom }) => custom === true).map((one) => toJudged(one, providers));
    if (judged.length === 0) throw new Undecidable("no resource of a provider in the export, so nothing was judged");
    return judged;
}

/** What people have at hand instead. */
function notAnExport(value: unknown, version: unknown): string {
    const expected = "expected the JSON of `pulumi stack export`";
    if (Array.isArray(member(value, "steps")))
        return `this is what \`pulumi preview --json\` prints, ${expected}; examples/pull-request/planned.mjs makes one of it`;
    if (member(value, "signers") !== undefined) return `these are settings, ${expected} and the settings as --settings`;
    return version === undefined
        ? `no version, ${expected}`
        : `the export's version is ${typeof version === "number" ? version : "no number"}, expected 3 or 4`;
}

function checked(value: unknown, index: number): ExportedResource {
    const { urn, type, inputs, outputs, propertyDependencies, provider } = (value ?? {}) as Partial<ExportedResource>;
    if (typeof urn !== "string" || typeof type !== "string" || urn.split("::").length < 4)
        throw new Undecidable(`resource ${index} has no urn or type`);
    for (const [name, member] of Object.entries({ inputs, outputs, propertyDependencies }))
        if (member != null && (typeof member !== "object" || Array.isArray(member)))
            throw new Undecidable(`resource ${index} has ${name} that are no object`);
    const dependencies = Object.values(propertyDependencies ?? {}).flatMap((from) => from ?? []);
    if (dependencies.some((one) => typeof one !== "string") || (provider != null && typeof provider !== "string"))
        throw new Undecidable(`resource ${index} depends on what is no urn`);
    return value as ExportedResource;
}

function toJudged(resource: ExportedResource, providers: ReadonlyMap<string, ExportedResource>): Judged {
    const { urn, type, protect = false, propertyDependencies } = resource;
    const inputs = resource.inputs ?? {};
    const outputs = withArchives(resource.outputs ?? {}, inputs);
    const provider = providers.get((resource.provider ?? "").replace(/::[^:]*$/, ""));
    const dependencies = Object.entries(propertyDependencies ?? {}).map(([property, from]) => [property, from ?? []]);
    const view: ResourceView = {
        type,
        name: nameOf(urn),
        urn,
        props: opened(inputs) as Record<string, unknown>,
        opts: { protect, ignoreChanges: [] },
        dependencies: Object.fromEntries(dependencies) as Record<string, string[]>,
        ...(provider && {
            provider: {
                type: provider.type,
                name: nameOf(provider.urn),
                props: opened(provider.inputs ?? {}) as Record<string, unknown>,
            },
        }),
    };
    return { view, outputs: opened(outputs) as Record<string, unknown> };
}

/**
 * After a refresh the outputs name an archive by its hash alone, and hold no file of it. The same hash is the same archive; with another
 * one nobody can say what is in it.
 */
function withArchives(outputs: Record<string, unknown>, inputs: Record<string, unknown>): Record<string, unknown> {
    const entries = Object.entries(outputs).map(([name, now]) => [
        name,
        isSameArchive(now, inputs[name]) ? inputs[name] : now,
    ]);
    return Object.fromEntries(entries) as Record<string, unknown>;
}

function isSameArchive(now: unknown, asked: unknown): boolean {
    const isArchive = [now, asked].every((one) => member(one, SIGNATURE) === ARCHIVE);
    const files = member(now, "assets");
    const isBare = typeof files === "object" && files !== null && Object.keys(files).length === 0;
    const hash = member(now, "hash");
    return isArchive && isBare && typeof hash === "string" && hash === member(asked, "hash");
}

function nameOf(urn: string): string {
    return urn.split("::").slice(3).join("::");
}

function member(value: unknown, name: string): unknown {
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Secrets shown in plain text are read; encrypted ones are unknown. */
function opened(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(opened);
    if (typeof value !== "object" || value === null) return value;
    const object = value as Record<string, unknown>;
    if (object[SIGNATURE] === SECRET) {
        return typeof object.plaintext === "string" ? opened(JSON.parse(object.plaintext)) : UNKNOWN;
    }
    return Object.fromEntries(Object.entries(object).map(([key, inner]) => [key, opened(inner)]));
}
