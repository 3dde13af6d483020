import type { ApiRequest } from "../../../../local/gateway/api-request";
import { readCall } from "../../../../local/gateway/operation";
import { isRefusal } from "../../../../local/gateway/refusal";
import { readSignature } from "../../../../local/gateway/sigv4";

/** SERVICE:OPERATION, or the code with which the request is refused. */
export function named(request: ApiRequest): string {
    const signature = readSignature(request);
    if (isRefusal(signature)) return signature.code;
    const call = readCall(request, signature, "eu-west-1");
    return isRefusal(call) ? `${call.code}: ${call.message}` : `${call.service}:${call.operation}`;
}
