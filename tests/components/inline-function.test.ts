import { describe, expect, it } from "vitest";
import type * as Code from "../../components/inline-code";
import type * as Seam from "../../components/inline-function";
import { archiveOf } from "../support/conformance";
import { capture } from "../support/graph";
import { loadNative } from "../support/native";

/** Proves what the seam registers. Proves nothing about Lambda; the conformance tests run the code. */

function program(overrides: Partial<Seam.InlineFunctionArgs> = {}) {
    return () => {
        const { inlineFunction } = loadNative<typeof Seam>("components/inline-function.ts");
        const { lambdaHandler } = loadNative<typeof Code>("components/inline-code.ts");
        inlineFunction(
            "publish",
            {
                functionName: "acme-publish",
                description: "publishes",
                handler: lambdaHandler("publish", undefined),
                roleArn: "arn:aws:iam::111122223333:role/acme-publish",
                environment: { RESULTS_BUCKET: "results" },
                dataKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/1234",
                ...overrides,
            },
            {},
        );
    };
}

describe("inlineFunction", () => {
    it("registers a function and its log group, and no role or attachment", async () => {
        const graph = await capture(program());
        expect(graph.resources.map(({ type }) => type).sort()).toEqual([
            "aws:cloudwatch/logGroup:LogGroup",
            "aws:lambda/function:Function",
            "pulumi:pulumi:Stack",
        ]);
    });

    it("sets all that decides how the code runs", async () => {
        const graph = await capture(program({ timeoutSeconds: 7, memoryMb: 256 }));
        const { inputs, dependencies, ignoreChanges } = graph.one("aws:lambda/function:Function", "publish");
        const { code, ...rest } = inputs;
        expect(rest).toEqual({
            name: "acme-publish",
            description: "publishes",
            handler: "__index.handler",
            role: "arn:aws:iam::111122223333:role/acme-publish",
            runtime: "nodejs24.x",
            timeout: 7,
            memorySize: 256,
            environment: { variables: { RESULTS_BUCKET: "results" } },
            tags: { "data-class": "internal" },
        });
        expect(Object.keys(archiveOf(code))).toEqual(["__index.js"]);
        expect(dependencies).toEqual(["aws:cloudwatch/logGroup:LogGroup::publish-logs"]);
        expect(ignoreChanges).toEqual([]);
    });

    it("has half a minute and half a gigabyte where nothing else is said", async () => {
        const graph = await capture(program());
        expect(graph.one("aws:lambda/function:Function", "publish").inputs).toMatchObject({
            timeout: 30,
            memorySize: 512,
        });
    });

    it("keeps the log for a year, under the data key", async () => {
        const graph = await capture(program());
        expect(graph.one("aws:cloudwatch/logGroup:LogGroup", "publish-logs").inputs).toEqual({
            name: "/aws/lambda/acme-publish",
            retentionInDays: 365,
            kmsKeyId: "arn:aws:kms:eu-west-1:111122223333:key/1234",
            tags: { "data-class": "internal" },
        });
    });
});
