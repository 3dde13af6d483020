import { getCallerIdentityOutput } from "@pulumi/aws/getCallerIdentity";
import { getPartitionOutput } from "@pulumi/aws/getPartition";
import { getRegionOutput } from "@pulumi/aws/getRegion";
import * as iam from "@pulumi/aws/iam";
import * as sqs from "@pulumi/aws/sqs";
import * as ssm from "@pulumi/aws/ssm";
import { describe, expect, it } from "vitest";
import { serviceTrust } from "../../support/documents";
import { ACCOUNT, REGION, type Declare, failureOf, type ProviderStage } from "./stage";

/** A stack from its plan to its end: changed, replaced, aborted on the way. */
export function lifeSuite(stage: () => ProviderStage): void {
    describe("a stack", () => {
        it("is planned, made, left alone, changed, read again and destroyed", async () => {
            const { aws, stackOf } = stage();
            const declare =
                (description: string): Declare =>
                (opts) => {
                    const role = new iam.Role(
                        "role",
                        { name: "life", description, assumeRolePolicy: serviceTrust("lambda.amazonaws.com") },
                        opts,
                    );
                    const queue = new sqs.Queue("queue", { tags: { a: "1" } }, opts);
                    const caller = getCallerIdentityOutput({}, opts);
                    return {
                        arn: role.arn,
                        queue: queue.name,
                        url: queue.url,
                        account: caller.accountId,
                        partition: getPartitionOutput({}, opts).partition,
                        region: getRegionOutput({}, opts).region,
                    };
                };
            const { stack, become } = await stackOf(declare("before"));
            expect((await stack.preview()).changes).toEqual({ create: 4 });
            await expect(aws.iam().then((client) => client.getRole({ RoleName: "life" }))).rejects.toThrow(/life/);

            const { outputs } = await stack.up();
            expect(outputs).toMatchObject({
                arn: `arn:aws:iam::${ACCOUNT}:role/life`,
                account: ACCOUNT,
                partition: "aws",
                region: REGION,
            });
            expect(outputs["queue"]).toMatch(/^queue-[0-9a-f]{7}$/);
            const { Tags } = await (await aws.sqs()).listQueueTags({ QueueUrl: String(outputs["url"]) });
            expect(Tags).toEqual({ a: "1", owner: "test" });

            expect((await stack.up({ expectNoChanges: true })).changes).toEqual({ same: 4 });
            expect((await stack.refresh({ expectNoChanges: true })).changes).toEqual({ same: 4 });
            become(declare("after"));
            expect((await stack.preview()).changes).toEqual({ same: 3, update: 1 });
            expect((await stack.up()).changes).toEqual({ same: 3, update: 1 });
            const { Role } = await (await aws.iam()).getRole({ RoleName: "life" });
            expect(Role?.Description).toBe("after");

            await stack.destroy();
            await expect(aws.iam().then((client) => client.getRole({ RoleName: "life" }))).rejects.toThrow(/life/);
            expect(await stack.outputs()).toEqual({});
        });

        it("shows in a refresh what somebody changed, and undoes it", async () => {
            const { aws, stackOf } = stage();
            const { stack } = await stackOf((opts) => {
                new ssm.Parameter("parameter", { name: "/drift", type: "String", value: "ours" }, opts);
            });
            await stack.up();
            const client = await aws.ssm();
            await client.putParameter({ Name: "/drift", Value: "theirs", Overwrite: true });
            expect((await stack.refresh()).changes).toMatchObject({ update: 1 });
            expect((await stack.up()).changes).toMatchObject({ update: 1 });
            expect((await client.getParameter({ Name: "/drift" })).Parameter?.Value).toBe("ours");
            await stack.destroy();
        });

        it("makes again what somebody deleted", async () => {
            const { aws, stackOf } = stage();
            const { stack } = await stackOf((opts) => {
                new ssm.Parameter("parameter", { name: "/gone", type: "String", value: "ours" }, opts);
            });
            await stack.up();
            await (await aws.ssm()).deleteParameter({ Name: "/gone" });
            expect((await stack.up({ refresh: true })).changes).toMatchObject({ create: 1 });
            await stack.destroy();
        });
    });

    describe("a replacement", () => {
        const role =
            (path: string, name?: string): Declare =>
            (opts) => ({
                arn: new iam.Role("role", { name, path, assumeRolePolicy: serviceTrust("lambda.amazonaws.com") }, opts)
                    .arn,
            });

        it("deletes first where the program keeps the name", async () => {
            const { stackOf } = stage();
            const { stack, become } = await stackOf(role("/", "kept"));
            await stack.up();
            become(role("/signing/", "kept"));
            const steps: string[] = [];
            const { outputs } = await stack.up({
                onEvent: (event) => event.kind === "done" && event.name === "role" && steps.push(event.operation),
            });
            expect(outputs["arn"]).toBe(`arn:aws:iam::${ACCOUNT}:role/signing/kept`);
            expect(steps.indexOf("delete-replaced")).toBeLessThan(steps.indexOf("create-replacement"));
            expect(steps).toContain("delete-replaced");
            await stack.destroy();
        });

        it("creates first, under another name, where the provider chose it", async () => {
            const { stackOf } = stage();
            const { stack, become } = await stackOf(role("/"));
            const before = (await stack.up()).outputs["arn"];
            become(role("/signing/"));
            const steps: string[] = [];
            const { outputs } = await stack.up({
                onEvent: (event) => event.kind === "done" && event.name === "role" && steps.push(event.operation),
            });
            expect(outputs["arn"]).not.toBe(before);
            expect(steps.indexOf("create-replacement")).toBeLessThan(steps.indexOf("delete-replaced"));
            await stack.destroy();
        });
    });

    it("ends early when it is aborted, and leaves a state that the next run takes up", async () => {
        const { aws, stackOf } = stage();
        const { stack } = await stackOf((opts) => {
            for (let i = 0; i < 5; i++) {
                new sqs.Queue(`queue-${i}`, { name: `aborted-${i}` }, { ...opts });
            }
        });
        const abort = new AbortController();
        await failureOf(
            stack.up({ signal: abort.signal, onEvent: (event) => event.kind === "started" && abort.abort() }),
        );
        await stack.up();
        const sqsClient = await aws.sqs();
        const made = async (): Promise<number> =>
            (await sqsClient.listQueues({ QueueNamePrefix: "aborted-" })).QueueUrls?.length ?? 0;
        expect(await made()).toBe(5);
        // Of which the state knows all.
        await stack.destroy();
        expect(await made()).toBe(0);
    });
}
