/**
 * Proves that what the SDK sends is named as the SDK names it: the expected names are those of the SDK's command classes. Requests that no SDK
 * sends are operation/two-readings.test.ts.
 */
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ApiRequest, readApiRequest } from "../../../local/gateway/api-request";
import { client } from "./fake-ministack";
import { COMMANDS } from "./operation/commands";
import { named } from "./operation/named";

let server: Server;
let url: string;
let last: ApiRequest | undefined;

beforeAll(async () => {
    server = createServer((req, res) => {
        void readApiRequest(req, "id").then((request) => {
            last = request;
            res.writeHead(400);
            res.end();
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
    server.close();
    server.closeAllConnections();
});

describe.each(COMMANDS)("%s", (service, Client, commands) => {
    it.each(commands.map((command) => [command.constructor.name.replace(/Command$/, ""), command]))(
        "names %s",
        async (name, command) => {
            last = undefined;
            const made = new Client(client(url));
            await made.send(command).catch(() => undefined);
            made.destroy();
            expect(named(last!)).toBe(`${service}:${name}`);
        },
    );
});
