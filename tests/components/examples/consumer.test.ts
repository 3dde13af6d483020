import { describe, expect, it } from "vitest";
import type * as Pulumi from "@pulumi/pulumi";
import { fetchReleased } from "../../../examples/consumer/documents";
import { mockAws } from "../../support/aws-mock";
import { capture, json, shape } from "../../support/graph";
import { loadNative } from "../../support/native";

/** Proves what the example registers over a stack's outputs. The engine tests run it over a real one. */

const outputs = {
    logVkey: "log.example.com/countersign+8f7c5a06+ARm",
    logUrl: "https://d111111abcdef8.cloudfront.net",
    resultsBucket: "countersign-dev-results-111122223333-eu-west-1",
    dataKeyArn: "arn:aws:kms:eu-west-1:111122223333:key/data",
    filesSpkiSha256: "ab".repeat(32),
};
const config = {
    countersignStack: "organization/countersign/dev",
    accountId: "111122223333",
    tenant: "acme",
    keyName: "files",
    releaseJob: "arn:aws:iam::111122223333:role/acme-release",
};

/** Answers reads of the other stack, as the engine does. */
function mock(stackOutputs: Record<string, string>): Pulumi.runtime.Mocks {
    const aws = mockAws();
    return {
        ...aws,
        newResource: (args) =>
            args.type === "pulumi:pulumi:StackReference"
                ? { id: args.name, state: { name: args.inputs.name, outputs: stackOutputs, secretOutputNames: [] } }
                : aws.newResource(args),
    };
}

function run(stackOutputs: Record<string, string> = outputs) {
    return capture(() => loadNative<() => unknown>("examples/consumer/index.ts")(), {
        project: "countersign-consumer",
        config,
        mock: mock(stackOutputs),
    });
}

describe("examples/consumer", () => {
    it("makes a role with its rights, and two public pins", async () => {
        const graph = await run();
        expect(shape(graph)).toEqual([
            "aws:iam/role:Role fetch < countersign-consumer-dev",
            "aws:iam/rolePolicy:RolePolicy fetch < countersign-consumer-dev",
            "aws:ssm/parameter:Parameter key-spki-sha256 < countersign-consumer-dev",
            "aws:ssm/parameter:Parameter log-vkey < countersign-consumer-dev",
            "pulumi:providers:aws aws < countersign-consumer-dev",
        ]);
        expect(graph.outputs).toEqual({
            fetchRoleArn: "arn:aws:iam::111122223333:role/countersign-consumer-dev-fetch",
            logVkeyParameter: "/countersign-consumer-dev/log-vkey",
            keyPinParameter: "/countersign-consumer-dev/key-spki-sha256",
        });
        expect(graph.one("aws:ssm/parameter:Parameter", "log-vkey").inputs).toMatchObject({
            name: "/countersign-consumer-dev/log-vkey",
            type: "String",
            // The SDK treats every parameter's value as secret.
            value: expect.objectContaining({ value: outputs.logVkey }),
        });
        expect(graph.one("aws:ssm/parameter:Parameter", "key-spki-sha256").inputs.value).toMatchObject({
            value: outputs.filesSpkiSha256,
        });
    });

    it("lets the release job, and nobody else, fetch what was released for its tenant", async () => {
        const graph = await run();
        expect(json(graph.one("aws:iam/role:Role", "fetch").inputs.assumeRolePolicy)).toEqual({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "ReleaseJob",
                    Effect: "Allow",
                    Principal: { AWS: "arn:aws:iam::111122223333:role/acme-release" },
                    Action: "sts:AssumeRole",
                },
            ],
        });
        expect(json(graph.one("aws:iam/rolePolicy:RolePolicy", "fetch").inputs.policy)).toEqual({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "Released",
                    Effect: "Allow",
                    Action: "s3:GetObject",
                    Resource: "arn:aws:s3:::countersign-dev-results-111122223333-eu-west-1/released/acme/*",
                },
                {
                    Sid: "DataKey",
                    Effect: "Allow",
                    Action: "kms:Decrypt",
                    Resource: "arn:aws:kms:eu-west-1:111122223333:key/data",
                    Condition: { StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" } },
                },
            ],
        });
    });

    it("keeps the partition of the stack it reads", () =>
        expect(
            JSON.stringify(
                fetchReleased({
                    tenant: "acme",
                    bucket: "b",
                    dataKeyArn: "arn:aws-us-gov:kms:us-gov-west-1:111122223333:key/data",
                    region: "us-gov-west-1",
                }),
            ),
        ).toContain("arn:aws-us-gov:s3:::b/released/acme/*"));
});
