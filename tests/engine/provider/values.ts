import { readFile } from "node:fs/promises";
import * as iam from "@pulumi/aws/iam";
import * as sns from "@pulumi/aws/sns";
import * as ssm from "@pulumi/aws/ssm";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { serviceTrust } from "../../support/documents";
import { ACCOUNT, type ProviderStage } from "./stage";

/** What a program says and hears: unknowns, secrets, configuration, other stacks, things that were there before. */
export function valuesSuite(stage: () => ProviderStage): void {
    describe("what is unknown in a plan", () => {
        it("makes a whole document unknown, and known in the deployment", async () => {
            const known: string[] = [];
            const { stackOf } = stage();
            const { stack } = await stackOf((opts) => {
                const topic = new sns.Topic("topic", {}, opts);
                const policy = {
                    Version: "2012-10-17" as const,
                    Statement: [{ Effect: "Allow" as const, Action: "sns:Publish", Resource: topic.arn }],
                };
                const made = new iam.Role("role", { assumeRolePolicy: serviceTrust("lambda.amazonaws.com") }, opts);
                const { policy: text } = new iam.RolePolicy("policy", { role: made.name, policy }, opts);
                // Runs only once the whole document is known.
                text.apply((document) => known.push(document));
                return { text, arn: topic.arn };
            });
            expect((await stack.preview()).changes).toEqual({ create: 5 });
            expect(known).toEqual([]);
            const { text, arn } = (await stack.up()).outputs;
            expect(known).toEqual([text]);
            expect(JSON.parse(String(text))).toMatchObject({ Statement: [{ Resource: arn }] });
            await stack.destroy();
        });
    });

    describe("secrets", () => {
        it("stay secret in the state, and reach the cloud in the clear", async () => {
            const { aws, stackOf } = stage();
            const { stack, stateFile } = await stackOf((opts) => {
                new ssm.Parameter(
                    "parameter",
                    { name: "/secret", type: "SecureString", value: pulumi.secret("canary") },
                    opts,
                );
                new ssm.Parameter(
                    "other",
                    { name: "/described", type: "String", value: "x", description: pulumi.secret("canary") },
                    opts,
                );
            });
            await stack.up();
            const state = await readFile(stateFile, "utf8");
            expect(state).toContain("/described");
            expect(state).not.toContain("canary");
            const { Parameter } = await (await aws.ssm()).getParameter({ Name: "/secret", WithDecryption: true });
            expect(Parameter?.Value).toBe("canary");
            await stack.destroy();
        });
    });

    it("gives configuration to the program, text and structures, and takes another for the next run", async () => {
        const { stackOf } = stage();
        const { stack } = await stackOf(
            () => {
                const config = new pulumi.Config();
                return {
                    origin: config.require("origin"),
                    tenants: config.requireObject("tenants"),
                    days: config.getNumber("days"),
                };
            },
            { config: { origin: "example.org/log", tenants: [{ name: "dev", formats: ["raw"] }], days: 3 } },
        );
        expect((await stack.up()).outputs).toEqual({
            origin: "example.org/log",
            tenants: [{ name: "dev", formats: ["raw"] }],
            days: 3,
        });
        await stack.configure({ origin: "example.org/log", tenants: [] });
        expect((await stack.up()).outputs).toEqual({ origin: "example.org/log", tenants: [], days: undefined });
    });

    describe("references and imports", () => {
        it("reads another stack of the same folder", async () => {
            const { stackOf } = stage();
            const first = await stackOf(() => ({ value: "shared", hidden: pulumi.secret("hush") }));
            await first.stack.up();
            const name = `organization/${first.project}/dev`;
            const second = await stackOf(() => {
                const other = new pulumi.StackReference(name);
                return { seen: other.requireOutput("value"), hidden: other.requireOutput("hidden") };
            });
            expect((await second.stack.up()).outputs).toEqual({ seen: "shared", hidden: "hush" });
        });

        it("imports what is there", async () => {
            const { aws, stackOf } = stage();
            const client = await aws.ssm();
            await client.putParameter({ Name: "/imported", Type: "String", Value: "there" });
            const { stack } = await stackOf((opts) => {
                const args = { name: "/imported", type: "String", value: "there" };
                new ssm.Parameter("parameter", args, { ...opts, import: "/imported" });
            });
            expect((await stack.up()).changes).toMatchObject({ import: 1 });
            await stack.destroy();
            await expect(client.getParameter({ Name: "/imported" })).rejects.toThrow();
        });

        it("reads without owning: Role.get", async () => {
            const { aws, stackOf } = stage();
            await (
                await aws.iam()
            ).createRole({ RoleName: "read", AssumeRolePolicyDocument: serviceTrust("lambda.amazonaws.com") });
            const { stack } = await stackOf((opts) => ({ arn: iam.Role.get("read", "read", undefined, opts).arn }));
            expect((await stack.up()).outputs).toEqual({ arn: `arn:aws:iam::${ACCOUNT}:role/read` });
            await stack.destroy();
            await expect((await aws.iam()).getRole({ RoleName: "read" })).resolves.toBeDefined();
        });
    });
}
