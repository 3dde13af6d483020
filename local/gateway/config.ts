import { codedError } from "../../lib/errors";
import { quote } from "../../lib/encoding";

/** First line on standard input: never in argv or environment, which other processes can read. */
export interface GatewayConfig {
    readonly accountId: string;
    readonly region: string;
    /** Opens `/_countersign/`. */
    readonly controlToken: string;
    /** @default 0, any free port */
    readonly port?: number;
    /** Key pairs to generate ahead, by spec: RSA_4096 takes a second or two each. */
    readonly keyPool?: Readonly<Record<string, number>>;
}

/** Second line: MiniStack, once it runs. */
export interface UpstreamConfig {
    readonly url: string;
    readonly secret: string;
}

/** @throws BadConfig */
export function parseGatewayConfig(line: string): GatewayConfig {
    const value = parseObject(line);
    const { accountId, region, controlToken, port, keyPool } = value as Partial<GatewayConfig>;
    if (!/^\d{12}$/.test(accountId ?? ""))
        throw codedError("BadConfig", `accountId ${quote(accountId)} is not twelve digits`);
    if (!/^[a-z0-9-]+$/.test(region ?? ""))
        throw codedError("BadConfig", `region ${quote(region)} is not a region name`);
    if (typeof controlToken !== "string" || controlToken.length < 16) {
        throw codedError("BadConfig", "controlToken is missing or shorter than 16 characters");
    }
    if (port !== undefined && (!Number.isInteger(port) || port < 0 || port > 65535)) {
        throw codedError("BadConfig", `port ${quote(port)} is not between 0 and 65535`);
    }
    return {
        accountId: accountId!,
        region: region!,
        controlToken,
        ...(port === undefined ? {} : { port }),
        ...(keyPool ? { keyPool } : {}),
    };
}

/** @throws BadConfig, also for an address off loopback: nothing here may reach AWS */
export function parseUpstreamConfig(line: string): UpstreamConfig {
    const { url, secret } = parseObject(line) as Partial<UpstreamConfig>;
    if (typeof secret !== "string" || secret.length < 16)
        throw codedError("BadConfig", "secret is missing or shorter than 16 characters");
    return { url: requireLoopback(url), secret };
}

/** @throws BadConfig unless the endpoint is `http://127.0.0.1:PORT` */
export function requireLoopback(url: string | undefined): string {
    if (!/^http:\/\/127\.0\.0\.1:\d{1,5}\/?$/.test(url ?? "")) {
        throw codedError("BadConfig", `endpoint ${quote(url)} is not on loopback, expected http://127.0.0.1:PORT`);
    }
    return url!;
}

function parseObject(line: string): Record<string, unknown> {
    try {
        const value: unknown = JSON.parse(line);
        if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
    } catch {
        // Not quoted: the line holds secrets.
    }
    throw codedError("BadConfig", "expected one line with a JSON object");
}
