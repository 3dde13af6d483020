import { hitsOf, targetOf } from "../lib/iam/statement";
import type { Scope } from "../lib/iam/types";
import type { IdentityDocument } from "./documents";
import { FUNCTION_INPUTS, otherInputs } from "./inputs";
import { functionArn, nameOfRole, scopeOf } from "./place";
import { read, type Read, readKeys, valueOf } from "./read";
import type { Finding, ResourceView } from "./rule";
import type { Settings } from "./settings";
import { mentions } from "./walk";

/** Functions that write control tables, which have their roles' names: what runs in them, and what may call them. */

const FUNCTION = "aws:lambda/function:Function";
const PERMISSION = "aws:lambda/permission:Permission";
const MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";

/** A network's way to AWS is under TLS. */
const INPUTS: readonly string[] = [...FUNCTION_INPUTS, "vpcConfig"];

/** Names by which a runtime, its SDK or its loader takes other code, other credentials or another endpoint. */
const LOOPHOLES =
    /^(AWS_(LAMBDA_EXEC_WRAPPER|ENDPOINT_URL.*|PROFILE|ROLE_ARN|CONFIG_FILE|SHARED_.*|WEB_.*|CONTAINER_.*|ACCESS_.*|SECRET_.*|SESSION_.*)|NODE_.*|LD_.*|.*_PROXY|SSL_.*|OPENSSL_.*|BASH_ENV|ENV|PATH|HOME)$/i;

/** @returns findings of a writer's function, of a permission to call one, and of a mapping that feeds one */
export function writerFunctionFindings(resource: ResourceView, settings: Settings): Finding[] {
    const { type, props } = resource;
    const writers = writerFunctions(settings);
    switch (type) {
        case FUNCTION:
            return writers.includes(valueOf(read<string>(() => props.name)) ?? "") ? codeFindings(resource) : [];
        case PERMISSION:
            return named(
                read<unknown>(() => props.function),
                writers,
            )
                ? [{ at: "function", saw: "lets a service call a function that writes a control table" }]
                : [];
        case MAPPING:
            return mappingFindings(resource, settings);
        default:
            return [];
    }
}

/** What a writer is not told of is in no table: a use of a key that nobody attributed, say. */
function muted({ props }: ResourceView): Finding[] {
    const enabled = read<unknown>(() => props.enabled);
    return [
        ...(enabled.kind === "absent" || (enabled.kind === "known" && enabled.value === true)
            ? []
            : [{ at: "enabled", saw: "not true for a function that writes a control table" }]),
        ...(read(() => props.filterCriteria).kind === "absent"
            ? []
            : [{ at: "filterCriteria", saw: "set for a function that writes a control table, expected absent" }]),
    ];
}

function named(text: Read<unknown>, names: readonly string[]): boolean {
    return (
        text.kind === "known" && names.some((name) => mentions(String(text.value).toLowerCase(), name.toLowerCase()))
    );
}

/** Signers write tables too; signer-runtime-pinned and signer-referrers-allowlist are stricter with them. */
function writerFunctions({ controlTables, signers }: Settings): string[] {
    return [...new Set(controlTables.flatMap(({ writers }) => writers))].filter(
        (name) => !signers.some(({ role }) => role === name),
    );
}

function codeFindings(resource: ResourceView): Finding[] {
    const { props } = resource;
    const packaged = read<string>(() => props.packageType);
    const runtime = read<string>(() => props.runtime);
    const handler = read<string>(() => props.handler);
    const names = readKeys(() => props.environment?.variables);
    const isZip = packaged.kind === "absent" || (packaged.kind === "known" && packaged.value === "Zip");
    const inputs = otherInputs(resource, INPUTS).map((at) => (/^\w{1,64}$/.test(at) ? at : "an input"));
    return [
        ...inputs.map((at) => ({ at, saw: "set on a function that writes a control table, expected absent" })),
        ...(isZip ? [] : [{ at: "packageType", saw: "not Zip: an image is code that nobody reviewed here" }]),
        ...(runtime.kind === "known" && /^nodejs[0-9]{2}\.x$/.test(runtime.value)
            ? []
            : [{ at: "runtime", saw: "not a Node.js of Lambda's" }]),
        ...(handler.kind === "known" && handler.value === "__index.handler"
            ? []
            : [{ at: "handler", saw: "not the program's own, expected __index.handler" }]),
        ...(read(() => props.code?.uri).kind === "absent"
            ? []
            : [{ at: "code", saw: "fetched from somewhere, expected the program's own" }]),
        ...(names.kind === "known" ? names.value : [])
            .filter((name) => LOOPHOLES.test(name))
            .map((name) => ({
                at: `environment.variables.${/^\w{1,64}$/.test(name) ? name : "?"}`,
                saw: "a name by which other code runs, or other endpoints are believed",
            })),
    ];
}

/** Documents that may call a writer: the machine's, and signers', who tell the log what they signed. */
export function callersFindings(document: IdentityDocument, settings: Settings, scope: Scope): Finding[] {
    const { signers, deployRole, breakGlass } = settings;
    const allowed = [
        ...signers.flatMap(({ role, invokers }) => [role, ...invokers]),
        ...[deployRole, ...breakGlass.map(({ arn }) => arn)].map(nameOfRole),
    ];
    const { owner, policy, at } = document;
    if (owner.kind === "known" && allowed.includes(owner.value)) return [];
    return writerFunctions(settings).flatMap((name): Finding[] => {
        if (owner.kind === "known" && owner.value === name) return [];
        const arn = functionArn(scope, name);
        const [hit] = [arn, `${arn}:*`]
            .flatMap((target) => hitsOf(policy, targetOf("lambda:InvokeFunction", target)))
            .filter(({ statement }) => statement.effect === "Allow");
        return hit === undefined
            ? []
            : [
                  {
                      at: `${at} ${hit.at}`.trim(),
                      saw: "calls a function that writes a control table, expected the signing machine's role or a signer",
                      action: "lambda:InvokeFunction",
                      target: name,
                  },
              ];
    });
}

/** Whoever writes the source says what the function is called with. */
function mappingFindings(resource: ResourceView, settings: Settings): Finding[] {
    const source = read<string>(() => resource.props.eventSourceArn);
    const own = scopeOf(resource, settings)?.accountId;
    const account = source.kind === "known" ? String(source.value).split(":")[4] : own;
    const isWriter = named(
        read<unknown>(() => resource.props.functionName),
        writerFunctions(settings),
    );
    return [
        ...(isWriter ? muted(resource) : []),
        ...(account === own || settings.externalAccounts.includes(account ?? "")
            ? []
            : [{ at: "eventSourceArn", saw: "of another account, expected this one's or one of externalAccounts" }]),
        ...(read(() => resource.props.selfManagedEventSource).kind === "absent"
            ? []
            : [{ at: "selfManagedEventSource", saw: "servers of somebody, expected a source with an ARN" }]),
    ];
}
