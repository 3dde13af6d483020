import * as grpc from "@grpc/grpc-js";
import * as messages from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { isInitFailed, type InitFailed } from "./operations";
import { encode } from "./wire";

/** Answers one call, and turns what it throws into what the engine shows. */
export function unary<Q, A>(answer: (request: Q) => Promise<A>): grpc.handleUnaryCall<Q, A> {
    return ({ request }, callback) => {
        running++;
        answer(request)
            .then(
                (value) => callback(null, value),
                (error: unknown) => callback(failure(error)),
            )
            // The answer is on its way to the engine only a turn later.
            .finally(() => setImmediate(() => --running === 0 && idle?.()));
    };
}

let running = 0;
let idle: (() => void) | undefined;

/** Calls back once, when no call is running. */
export function whenIdle(then: () => void): void {
    idle = then;
    if (running === 0) {
        then();
    }
}

export function unimplemented(name: string): grpc.handleUnaryCall<unknown, unknown> {
    return (_call, callback) =>
        callback({ code: grpc.status.UNIMPLEMENTED, details: `the local cloud's provider has no ${name}` });
}

/** AWS's error name first: it is what a reader looks up. */
export function messageOf(error: unknown): string {
    if (!(error instanceof Error)) {
        return String(error);
    }
    const { name, message } = error;
    const requestId = (error as { $metadata?: { requestId?: string } }).$metadata?.requestId;
    return `${name}: ${message}${requestId ? ` (request ${requestId})` : ""}`;
}

function failure(error: unknown): Partial<grpc.StatusObject> {
    const details = messageOf(error);
    if (!isInitFailed(error)) {
        return { code: grpc.status.UNKNOWN, details };
    }
    const metadata = new grpc.Metadata();
    metadata.add("grpc-status-details-bin", initFailedStatus(error, details));
    return { code: grpc.status.UNKNOWN, details, metadata };
}

/** Tells the engine that the thing exists all the same: a google.rpc.Status with one detail. */
function initFailedStatus(error: InitFailed, reason: string): Buffer {
    const detail = new messages.ErrorResourceInitFailed();
    detail.setId(error.id);
    detail.setProperties(encode(error.state, error.secrets));
    detail.setReasonsList([reason]);

    // A status with one empty detail, read back, for its copy of the class Any (see wire.ts).
    const FIELD_DETAILS = 3;
    const status = Status.deserializeBinary(new Uint8Array([(FIELD_DETAILS << 3) | 2, 0]));
    status.setCode(grpc.status.UNKNOWN);
    status.setMessage(reason);
    status.getDetailsList()[0]!.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
    return Buffer.from(status.serializeBinary());
}
