import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import * as plugin from "@pulumi/pulumi/proto/plugin_pb";
import { codedError } from "../../lib/errors";
import { connect, type Aws, type Endpoint } from "./aws";
import { check, type Failure } from "./check";
import type { ResourceType } from "./declare";
import { diff, equal, type Difference } from "./diff";
import { invoke } from "./invokes";
import * as operations from "./operations";
import { typeOf } from "./services";
import { checkAccount, checkSettings, parseSettings, type ProviderSettings } from "./settings";
import { unary, unimplemented } from "./rpc";
import { decode, empty, encode, type Decoded } from "./wire";

/** The version of @pulumi/aws whose inputs and outputs these are; the engine warns at a lower one. */
const PLUGIN_VERSION = "7.48.0";

interface Configured {
    settings: ProviderSettings;
    /** Clients of a region, by default the provider's. */
    aws(region?: unknown): Aws;
}

/**
 * The engine's interface to a provider, as raw gRPC: the SDK's own server leaves CheckConfig and DiffConfig out, and drops
 * Configure's arguments and the preview flag.
 *
 * The engine calls concurrently; nothing here waits for another call.
 */
export function provider(endpoint: Endpoint): UntypedServiceImplementation {
    let configured: Configured | undefined;
    const current = (): Configured => {
        if (!configured) {
            throw codedError("BadConfig", "the provider was asked before it was configured");
        }
        return configured;
    };

    return {
        handshake: unary(async () => {
            const answer = new messages.ProviderHandshakeResponse();
            answer.setAcceptSecrets(true);
            return answer;
        }),
        getPluginInfo: unary(async () => {
            const answer = new plugin.PluginInfo();
            answer.setVersion(PLUGIN_VERSION);
            return answer;
        }),
        attach: unary(async () => empty()),
        cancel: unary(async () => empty()),

        checkConfig: unary(async (request: messages.CheckRequest) => {
            const news = decode(request.getNews());
            return checkResponse(news, checkSettings(news.values));
        }),
        diffConfig: unary(async (request: messages.DiffRequest) => {
            const answer = new messages.DiffResponse();
            const same = equal(
                decode(request.getOldInputs() ?? request.getOlds()).values,
                decode(request.getNews()).values,
            );
            answer.setChanges(
                same ? messages.DiffResponse.DiffChanges.DIFF_NONE : messages.DiffResponse.DiffChanges.DIFF_SOME,
            );
            return answer;
        }),
        configure: unary(async (request: messages.ConfigureRequest) => {
            configured = await configure(endpoint, parseSettings(decode(request.getArgs()).values));
            const answer = new messages.ConfigureResponse();
            answer.setAcceptsecrets(true);
            answer.setSupportspreview(true);
            return answer;
        }),

        check: unary(async (request: messages.CheckRequest) => {
            const { type, name } = subject(request.getUrn());
            const [news, olds] = [decode(request.getNews()), request.getOlds()];
            const { inputs, failures } = check(
                type,
                { name, news: news.values, olds: olds && decode(olds).values, seed: request.getRandomseed_asU8() },
                current().settings,
            );
            return checkResponse({ values: inputs, secrets: news.secrets }, failures);
        }),
        diff: unary(async (request: messages.DiffRequest) => {
            const { type } = subject(request.getUrn());
            return diffResponse(diff(type, decode(request.getOldInputs()).values, decode(request.getNews()).values));
        }),
        create: unary(async (request: messages.CreateRequest) => {
            const { type } = subject(request.getUrn());
            const { values, secrets } = decode(request.getProperties());
            const answer = new messages.CreateResponse();
            if (request.getPreview()) {
                answer.setProperties(encode(operations.previewCreate(type, values), secrets));
                return answer;
            }
            const { id, state } = await operations
                .create(type, current().aws(values["region"]), values)
                .catch((error: unknown) => {
                    throw operations.isInitFailed(error) ? Object.assign(error, { secrets }) : error;
                });
            answer.setId(id);
            answer.setProperties(encode(state, secrets));
            return answer;
        }),
        update: unary(async (request: messages.UpdateRequest) => {
            const { type } = subject(request.getUrn());
            const { values: inputs, secrets } = decode(request.getNews());
            const [state, oldInputs] = [decode(request.getOlds()).values, decode(request.getOldInputs()).values];
            const answer = new messages.UpdateResponse();
            const next = request.getPreview()
                ? operations.previewUpdate(type, state, oldInputs, inputs)
                : await operations.update(type, current().aws(inputs["region"]), {
                      id: request.getId(),
                      state,
                      oldInputs,
                      inputs,
                  });
            answer.setProperties(encode(next, secrets));
            return answer;
        }),
        read: unary(async (request: messages.ReadRequest) => {
            const { type } = subject(request.getUrn());
            const [state, inputs] = [decode(request.getProperties()), decode(request.getInputs())];
            const { settings, aws } = current();
            const known = { id: request.getId(), state: state.values, inputs: inputs.values };
            const result = await operations.read(type, aws(state.values["region"]), known, settings);
            const answer = new messages.ReadResponse();
            if (result) {
                answer.setId(request.getId());
                answer.setProperties(encode(result.state, state.secrets));
                answer.setInputs(encode(result.inputs, inputs.secrets));
            }
            return answer; // an empty id says that the thing is gone
        }),
        delete: unary(async (request: messages.DeleteRequest) => {
            const { type } = subject(request.getUrn());
            const state = decode(request.getProperties()).values;
            await operations.remove(type, current().aws(state["region"]), request.getId(), state);
            return empty();
        }),
        invoke: unary(async (request: messages.InvokeRequest) => {
            const { values } = decode(request.getArgs());
            const answer = new messages.InvokeResponse();
            answer.setReturn(encode(await invoke(request.getTok(), current().aws(values["region"]), values)));
            return answer;
        }),
        ...Object.fromEntries(UNIMPLEMENTED.map((name) => [name, unimplemented(name)])),
    };
}

const UNIMPLEMENTED = ["parameterize", "getSchema", "call", "construct", "list", "getMapping", "getMappings"];

async function configure(endpoint: Endpoint, settings: ProviderSettings): Promise<Configured> {
    const { Account: accountId = "" } = await (
        await connect(endpoint, { region: settings.region, accountId: "" }).sts()
    ).getCallerIdentity({});
    checkAccount(accountId, settings);
    const regions: Record<string, Aws> = {};
    return {
        settings,
        aws: (region) => {
            const name = typeof region === "string" ? region : settings.region;
            return (regions[name] ??= connect(endpoint, { region: name, accountId }));
        },
    };
}

/**
 * Type and logical name of `urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME`.
 *
 * @throws NotSupported, naming the type
 */
function subject(urn: string): { type: ResourceType; name: string } {
    const [, , types = "", ...name] = urn.split("::");
    return { type: typeOf(types.split("$").at(-1) ?? ""), name: name.join("::") };
}

function checkResponse({ values, secrets }: Decoded, failures: readonly Failure[]): messages.CheckResponse {
    const answer = new messages.CheckResponse();
    answer.setInputs(encode(values, secrets));
    answer.setFailuresList(
        failures.map(({ property, reason }) => {
            const failure = new messages.CheckFailure();
            failure.setProperty(property);
            failure.setReason(reason);
            return failure;
        }),
    );
    return answer;
}

function diffResponse({ changed, deleteBeforeReplace }: Difference): messages.DiffResponse {
    const { Kind } = messages.PropertyDiff;
    const kinds = {
        add: [Kind.ADD, Kind.ADD_REPLACE],
        delete: [Kind.DELETE, Kind.DELETE_REPLACE],
        update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
    } as const;
    const answer = new messages.DiffResponse();
    const { DIFF_SOME, DIFF_NONE } = messages.DiffResponse.DiffChanges;
    answer.setChanges(Object.keys(changed).length > 0 ? DIFF_SOME : DIFF_NONE);
    answer.setDiffsList(Object.keys(changed));
    answer.setReplacesList(Object.keys(changed).filter((name) => changed[name]?.replaces));
    answer.setDeletebeforereplace(deleteBeforeReplace);
    answer.setHasdetaileddiff(true);
    for (const [name, { kind, replaces }] of Object.entries(changed)) {
        const detail = new messages.PropertyDiff();
        detail.setKind(kinds[kind][replaces ? 1 : 0]);
        detail.setInputdiff(true);
        answer.getDetaileddiffMap().set(name, detail);
    }
    return answer;
}
