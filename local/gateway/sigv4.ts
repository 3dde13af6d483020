import type { ApiRequest } from "./api-request";
import { quote } from "../../lib/encoding";
import { type Refusal, refusal } from "./refusal";

/** Who claims to have signed, and for what. Claimed only: MiniStack checks the signature itself. */
export interface Signature {
    readonly via: "header" | "query";
    readonly accessKeyId: string;
    readonly region: string;
    readonly service: string;
    readonly signedHeaders: readonly string[];
}

const ALGORITHM = "AWS4-HMAC-SHA256";

/**
 * Reads the SigV4 scope of a request, from the Authorization header or a presigned query.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
 *
 * @returns undefined for an anonymous request; a refusal for any other way to say who one is
 */
export function readSignature(request: ApiRequest): Signature | Refusal | undefined {
    const authorization = request.headers["authorization"];
    const presigned = queryCredentials(request.query);
    if (authorization !== undefined && presigned) {
        return refusal(
            "InvalidArgument",
            "Only one auth mechanism allowed: an Authorization header or query parameters",
            400,
        );
    }
    if (authorization !== undefined) return fromHeader(authorization);
    if (presigned) return fromQuery(request.query);
    return undefined;
}

function queryCredentials(query: URLSearchParams): boolean {
    return [...query.keys()].some((name) =>
        /^(x-amz-(algorithm|credential|signature)|awsaccesskeyid|signature)$/i.test(name),
    );
}

function fromHeader(authorization: string): Signature | Refusal {
    if (!authorization.startsWith(`${ALGORITHM} `)) {
        return refusal(
            "IncompleteSignature",
            `Authorization scheme ${quote(authorization.split(" ", 1)[0])} is not accepted here, expected ${ALGORITHM}`,
        );
    }
    const fields = new Map<string, string>();
    for (const part of authorization.slice(ALGORITHM.length + 1).split(",")) {
        const at = part.indexOf("=");
        const name = part.slice(0, Math.max(at, 0)).trim();
        if (at < 0 || fields.has(name))
            return refusal("IncompleteSignature", `Authorization header has a bad part ${quote(part)}`);
        fields.set(name, part.slice(at + 1).trim());
    }
    if (!fields.get("Signature"))
        return refusal("IncompleteSignature", "Authorization header requires 'Signature' parameter");
    return scoped("header", fields.get("Credential") ?? "", fields.get("SignedHeaders") ?? "");
}

function fromQuery(query: URLSearchParams): Signature | Refusal {
    if (query.getAll("X-Amz-Algorithm").join() !== ALGORITHM || query.getAll("X-Amz-Credential").length !== 1) {
        return refusal(
            "IncompleteSignature",
            `query authentication needs X-Amz-Algorithm=${ALGORITHM} and one X-Amz-Credential`,
        );
    }
    return scoped("query", query.get("X-Amz-Credential") ?? "", query.get("X-Amz-SignedHeaders") ?? "");
}

function scoped(via: Signature["via"], credential: string, signedHeaders: string): Signature | Refusal {
    const match = /^([\w-]{1,128})\/(\d{8})\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request$/.exec(credential);
    if (!match) {
        return refusal(
            "IncompleteSignature",
            `Credential must have exactly 5 slash-delimited elements, keyid/date/region/service/aws4_request, got ${quote(credential)}`,
        );
    }
    const names = signedHeaders.toLowerCase().split(";");
    // Without the host a signature for one endpoint is good at every other.
    if (!names.includes("host"))
        return refusal("IncompleteSignature", "'Host' must be a 'SignedHeader' in the Authorization header");
    return { via, accessKeyId: match[1]!, region: match[3]!, service: match[4]!, signedHeaders: names };
}
