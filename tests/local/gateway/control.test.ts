import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createControlClient } from "../../../local/control-client";
import { type Harness, startHarness } from "./fake-ministack";
import { authorization } from "./requests";

let harness: Harness;
beforeEach(async () => {
    harness = await startHarness();
});
afterEach(() => harness.close());

describe("control API", () => {
    it.each([undefined, "", "token", "token-of-the-control-apI", "token-of-the-control-api2"])(
        "is closed to the token %j",
        async (token) => {
            const headers: Record<string, string> = token === undefined ? {} : { "x-countersign-control": token };
            for (const path of ["health", "trail", "distributions", "decision/x"]) {
                const response = await fetch(`${harness.url}/_countersign/${path}`, { headers });
                expect(response.status).toBe(403);
                expect(await response.text()).not.toContain("token-of");
            }
        },
    );

    it("pages the trail", async () => {
        const control = createControlClient(harness.url, "token-of-the-control-api");
        const call = (key: string) =>
            fetch(`${harness.url}/b/${key}`, { headers: { authorization: authorization("s3") } }).then((r) =>
                r.arrayBuffer(),
            );
        await call("one");
        const first = await control.trail();
        expect(first.records).toMatchObject([
            { eventName: "GetObject", requestParameters: { bucketName: "b", key: "one" } },
        ]);
        expect(first.next).toBe(1);
        await call("two");
        expect(await control.trail(first.next)).toMatchObject({
            records: [{ requestParameters: { key: "two" } }],
            next: 2,
        });
        expect(await control.trail(2)).toEqual({ records: [], next: 2 });
        expect((await harness.control("GET", "trail?after=x")).status).toBe(400);
        expect((await harness.control("GET", "trail?after=-1")).status).toBe(400);
    });

    it("says what it does not know", async () => {
        const control = createControlClient(harness.url, "token-of-the-control-api");
        expect(await control.health()).toEqual({ ok: true, ministack: { ok: true } });
        expect(await control.decision("none")).toBeUndefined();
        expect(await control.distributions()).toEqual([]);
        expect((await harness.control("GET", "nothing")).status).toBe(404);
        await expect(
            control.addFault({ service: "s3", operation: "PutObject", mode: "never" as "lost" }),
        ).rejects.toMatchObject({ code: "BadConfig" });
        expect((await harness.control("POST", "faults", "no rule")).status).toBe(400);
    });
});
