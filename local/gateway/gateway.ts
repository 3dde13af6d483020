import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { codedError } from "../../lib/errors";
import type { ApiRequest } from "./api-request";
import type { GatewayConfig, UpstreamConfig } from "./config";
import type { ControlDeps } from "./control";
import { type Decisions, createDecisions } from "./decisions";
import { type Distributions, createDistributions } from "./distributions";
import { documentFault } from "./documents";
import { type Extension, SECRET_HEADER, createExtension } from "./extension";
import { type Faults, createFaults } from "./faults";
import { handleRequest } from "./front-door";
import { type Identities, createIdentities } from "./identities";
import { createKms } from "./kms";
import type { Caller, Kms } from "./kms/types";
import type { Call } from "./operation";
import { type Principals, createPrincipals } from "./principals";
import { type Delivery, createDelivery } from "./trail/delivery";
import { eventName, isDataEvent, isReadOnly } from "./trail/event-kind";
import { camelCase, requestParameters } from "./trail/parameters";
import { type FinishedCall, trailRecords } from "./trail/record";
import { type TrailStore, createTrailStore } from "./trail/store";
import { type Trails, createTrails } from "./trail/trails";
import { type Upstream, createUpstream } from "./upstream";

/** A call that the gateway answered itself. */
export interface OwnCall {
    readonly call: Call;
    readonly request: ApiRequest;
    readonly caller?: Caller;
    readonly error?: { readonly code: string; readonly message: string };
    /** What was answered, of calls that change something. */
    readonly response?: object;
}

/** All that one run's front door knows. */
export interface Gateway {
    readonly config: GatewayConfig;
    /** `127.0.0.1:PORT`, the only Host that is served. */
    readonly host: string;
    readonly ready: boolean;
    readonly upstream: Upstream;
    readonly secretHeaders: Readonly<Record<string, string>>;
    readonly extension: Extension;
    readonly identities: Identities;
    readonly decisions: Decisions;
    readonly distributions: Distributions;
    readonly principals: Principals;
    readonly faults: Faults;
    readonly kms: Kms;
    readonly store: TrailStore;
    readonly trails: Trails;
    readonly control: ControlDeps;
    append(finished: FinishedCall): void;
    record(own: OwnCall): void;
    log(line: string): void;
}

export interface RunningGateway {
    readonly url: string;
    /** Opens the door: until then calls are answered 503. MiniStack needs our address first, for its functions. */
    connect(upstream: UpstreamConfig): void;
    stop(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1. */
export async function startGateway(config: GatewayConfig, log: (line: string) => void): Promise<RunningGateway> {
    let gateway: Gateway | undefined;
    const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (req, res) => {
        void handleRequest(gateway ?? waiting, req, res);
    });
    server.on("checkContinue", (req, res) => {
        res.writeContinue();
        server.emit("request", req, res);
    });
    const host = await listen(server, config.port ?? 0);
    const waiting = assemble(config, host, undefined, log);
    return {
        url: `http://${host}`,
        connect: (upstream) => {
            if (gateway) throw codedError("BadConfig", "the gateway already has its upstream");
            gateway = assemble(config, host, upstream, log);
        },
        stop: async () => {
            const closed = new Promise<void>((resolve) => server.close(() => resolve()));
            server.closeAllConnections();
            for (const part of [gateway, waiting]) {
                part?.distributions.close();
                part?.upstream.close();
                part?.extension.close();
            }
            await closed;
        },
    };
}

async function listen(server: Server, port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        server.listen(port, "127.0.0.1", resolve);
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function assemble(
    config: GatewayConfig,
    host: string,
    to: UpstreamConfig | undefined,
    log: (line: string) => void,
): Gateway {
    const url = new URL(to?.url ?? "http://127.0.0.1:9");
    const upstream = createUpstream(url);
    const extension = createExtension(url, to?.secret ?? "");
    const secretHeaders = { [SECRET_HEADER]: to?.secret ?? "", "x-countersign-decision": "wanted" };
    const [decisions, faults, store, trails, principals] = [
        createDecisions(),
        createFaults(),
        createTrailStore(),
        createTrails(),
        createPrincipals(),
    ];
    const distributions = createDistributions(upstream, secretHeaders);
    const delivery: Delivery = createDelivery(
        extension,
        (record) => trails.delivers(record),
        (error) => log(`events: ${String(error)}`),
    );
    const kms = createKms({
        principalId: async (arn) => principals.uniqueId(arn),
        policyFault: (document) => documentFault(document, "key"),
        ...(to ? { pool: config.keyPool ?? {} } : {}),
    });
    const append = (finished: FinishedCall): void => {
        const records = trailRecords(finished, config.accountId);
        store.append(records);
        delivery.enqueue(records);
    };
    const control = { decisions, distributions, extension, faults, store, settled: () => delivery.settled() };
    const identities = createIdentities(extension);
    return {
        config,
        host,
        ready: to !== undefined,
        upstream,
        secretHeaders,
        extension,
        identities,
        decisions,
        distributions,
        principals,
        faults,
        kms,
        store,
        trails,
        control,
        log,
        append,
        record: (own) => append(finishedOwn(own)),
    };
}

function finishedOwn({ call, request, caller, error, response }: OwnCall): FinishedCall {
    const dataEvent = isDataEvent(call.service, call.operation);
    return {
        service: call.service,
        eventName: eventName(call.service, call.operation),
        region: call.region,
        caller,
        accessKeyId: call.accessKeyId,
        anonymous: call.accessKeyId === undefined,
        userAgent: request.headers["user-agent"] ?? "",
        requestId: request.id,
        ...(error ? { error } : {}),
        requestParameters: call.service === "kms" ? null : requestParameters(call, request),
        responseElements: response && Object.keys(response).length > 0 ? camelCase(response) : null,
        readOnly: call.service === "kms" || isReadOnly(call.operation),
        managementEvent: !dataEvent,
        at: new Date(),
    };
}
