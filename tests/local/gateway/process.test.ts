/** Proves that the gateway's process starts, refuses and ends as it should. Loopback only. */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startGatewayProcess } from "../../../local/gateway-process";
import { parseGatewayConfig, parseUpstreamConfig, requireLoopback } from "../../../local/gateway/config";
import { refuseRealCredentials } from "../../../local/real-credentials";

const config = { accountId: "111122223333", region: "eu-west-1", controlToken: "0123456789abcdef", keyPool: {} };
let folder: string;
beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "countersign-gateway-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function isUp(url: string): Promise<boolean> {
    return fetch(`${url}/_countersign/health`).then(
        ({ status }) => status === 403,
        () => false,
    );
}

describe("the process", () => {
    it("serves until it is stopped, twice if need be", async () => {
        const gateway = await startGatewayProcess(folder, config);
        expect(gateway.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
        expect(await isUp(gateway.url)).toBe(true);
        await gateway.stop();
        await gateway.stop();
        expect(await isUp(gateway.url)).toBe(false);
    });

    it("says why it does not start, and leaves nothing running", async () => {
        await expect(startGatewayProcess(folder, { ...config, accountId: "1" })).rejects.toThrow(
            /accountId "1" is not twelve digits/,
        );
    });

    it("refuses an emulator off loopback", async () => {
        const gateway = await startGatewayProcess(folder, config);
        try {
            await expect(gateway.connect({ url: "http://192.0.2.1:80", secret: "0123456789abcdef" })).rejects.toThrow(
                /not on loopback/,
            );
        } finally {
            await gateway.stop();
        }
    });

    it.each<NodeJS.Signals>(["SIGKILL", "SIGINT"])("ends when whoever started it is gone by %s", async (signal) => {
        await startGatewayProcess(folder, config).then((gateway) => gateway.stop()); // bundles
        const starter = spawn(
            process.execPath,
            [
                "-e",
                `const child = require("node:child_process").spawn(process.execPath, [${JSON.stringify(join(folder, "gateway", "gateway.js"))}], { stdio: ["pipe", "inherit", "inherit"] });
                 child.stdin.write(${JSON.stringify(`${JSON.stringify(config)}\n`)});`,
            ],
            { stdio: ["ignore", "pipe", "inherit"] },
        );
        const url = await new Promise<string>((resolve) => {
            starter.stdout.once("data", (line: Buffer) =>
                resolve((JSON.parse(line.toString("utf8")) as { url: string }).url),
            );
        });
        expect(await isUp(url)).toBe(true);
        starter.kill(signal);
        await expect.poll(() => isUp(url), { timeout: 5000 }).toBe(false);
    });
});

describe("its configuration", () => {
    it("is one line of JSON", () => {
        expect(parseGatewayConfig(JSON.stringify({ ...config, port: 8080 }))).toEqual({ ...config, port: 8080 });
        expect(parseUpstreamConfig('{"url":"http://127.0.0.1:80","secret":"0123456789abcdef"}')).toEqual({
            url: "http://127.0.0.1:80",
            secret: "0123456789abcdef",
        });
    });

    it.each<[string, () => unknown]>([
        ["no JSON", () => parseGatewayConfig("{")],
        ["no object", () => parseGatewayConfig("1")],
        ["a bad account", () => parseGatewayConfig(JSON.stringify({ ...config, accountId: "12" }))],
        ["a bad region", () => parseGatewayConfig(JSON.stringify({ ...config, region: "EU" }))],
        ["a short token", () => parseGatewayConfig(JSON.stringify({ ...config, controlToken: "short" }))],
        ["a bad port", () => parseGatewayConfig(JSON.stringify({ ...config, port: 70_000 }))],
        ["a short secret", () => parseUpstreamConfig('{"url":"http://127.0.0.1:80","secret":"short"}')],
        [
            "an upstream off loopback",
            () => parseUpstreamConfig('{"url":"http://10.0.0.1:80","secret":"0123456789abcdef"}'),
        ],
    ])("refuses %s", (_name, parse) => {
        expect(parse).toThrow(expect.objectContaining({ code: "BadConfig" }) as Error);
    });

    it("does not repeat a line that holds secrets", () => {
        expect(() => parseGatewayConfig('{"controlToken":"hidden"')).toThrow(/^(?!.*hidden)/);
    });

    it.each([
        undefined,
        "",
        "https://127.0.0.1:1",
        "http://localhost:1",
        "http://127.0.0.1",
        "http://127.0.0.1:1/x",
        "http://127.0.0.1:1@example.com",
        "http://kms.eu-west-1.amazonaws.com",
    ])("takes no endpoint such as %j", (url) => {
        expect(() => requireLoopback(url)).toThrow(/not on loopback/);
    });
});

describe("real credentials", () => {
    it.each([
        { AWS_PROFILE: "default" },
        { AWS_DEFAULT_PROFILE: "x" },
        { AWS_ROLE_ARN: "arn" },
        { AWS_WEB_IDENTITY_TOKEN_FILE: "/token" },
        { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2" },
        { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.2" },
        { AWS_ACCESS_KEY_ID: "AKIAIOSFODNN7EXAMPLE" },
        { AWS_ACCESS_KEY_ID: "ASIAIOSFODNN7EXAMPLE" },
        { AWS_ENDPOINT_URL: "https://kms.eu-west-1.amazonaws.com" },
        { AWS_ENDPOINT_URL_KMS: "http://localhost:4566" },
    ])("refuse %j", (env) => {
        expect(() => refuseRealCredentials(env)).toThrow(expect.objectContaining({ code: "RealCredentials" }) as Error);
        expect(() => refuseRealCredentials(env)).not.toThrow(/IOSFODNN7|\/token|169\.254/);
    });

    it.each([
        {},
        { AWS_PROFILE: "" },
        { AWS_ACCESS_KEY_ID: "test" },
        { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" },
        { AWS_REGION: "eu-west-1" },
    ])("let %j pass", (env) => {
        expect(() => refuseRealCredentials(env)).not.toThrow();
    });

    it("let a local cloud's own key pass", () => {
        expect(() => refuseRealCredentials({ AWS_ACCESS_KEY_ID: "AKIAOURS" }, ["AKIAOURS"])).not.toThrow();
    });
});
