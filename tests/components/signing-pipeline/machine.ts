import { expect, it } from "vitest";
import { type Graph, json } from "../../support/graph";

/** What starts the state machine, and what it may call. */
export function machineSuite(graph: () => Graph): void {
    const inputs = (type: string, name: string) => graph().one(type, name).inputs;

    it("starts the state machine for each object in the uploads bucket, as a role that can do nothing else", () => {
        expect(json(inputs("aws:cloudwatch/eventRule:EventRule", "pipeline-uploads").eventPattern)).toEqual({
            source: ["aws.s3"],
            "detail-type": ["Object Created"],
            detail: { bucket: { name: ["countersign-dev-uploads-111122223333-eu-west-1"] } },
        });
        const machine = "arn:aws:states:eu-west-1:111122223333:stateMachine:countersign-dev-signing";
        expect(inputs("aws:cloudwatch/eventTarget:EventTarget", "pipeline-uploads")).toEqual({
            rule: "countersign-dev-uploads",
            targetId: "signing",
            arn: machine,
            roleArn: "arn:aws:iam::111122223333:role/countersign-dev-uploads-rule",
        });
        expect(json(inputs("aws:iam/rolePolicy:RolePolicy", "pipeline-rule").policy)).toEqual({
            Version: "2012-10-17",
            Statement: [{ Sid: "Start", Effect: "Allow", Action: "states:StartExecution", Resource: machine }],
        });
        expect(json(inputs("aws:iam/role:Role", "pipeline-rule").assumeRolePolicy)).toEqual({
            Version: "2012-10-17",
            Statement: [
                {
                    Sid: "Rule",
                    Effect: "Allow",
                    Principal: { Service: "events.amazonaws.com" },
                    Action: "sts:AssumeRole",
                    Condition: {
                        StringEquals: { "aws:SourceAccount": "111122223333" },
                        ArnEquals: {
                            "aws:SourceArn": "arn:aws:events:eu-west-1:111122223333:rule/countersign-dev-uploads",
                        },
                    },
                },
            ],
        });
        expect(inputs("aws:s3/bucketNotification:BucketNotification", "pipeline-uploads")).toEqual({
            bucket: "countersign-dev-uploads-111122223333-eu-west-1",
            eventbridge: true,
        });
    });

    it("runs a standard machine, logged in full and traced, that may call its functions and nothing else", () => {
        const { definition, ...machine } = inputs("aws:sfn/stateMachine:StateMachine", "pipeline-machine");
        expect(machine).toEqual({
            name: "countersign-dev-signing",
            type: "STANDARD",
            roleArn: "arn:aws:iam::111122223333:role/countersign-dev-signing",
            loggingConfiguration: {
                level: "ALL",
                includeExecutionData: true,
                logDestination:
                    "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/vendedlogs/states/countersign-dev-signing:*",
            },
            tracingConfiguration: { enabled: true },
            tags: { "data-class": "internal" },
        });
        const called = new Set(String(definition).match(/arn:aws:lambda:[^"]+/g));
        const { Statement } = json(inputs("aws:iam/rolePolicy:RolePolicy", "pipeline-machine").policy) as {
            Statement: { Sid: string; Action: unknown; Resource: string[] }[];
        };
        const steps = Statement.find(({ Sid }) => Sid === "Steps")!;
        expect(steps.Action).toBe("lambda:InvokeFunction");
        expect(new Set(steps.Resource)).toEqual(called);
        expect([...called].sort()).toEqual(
            ["assemble", "files-v1-sign", "modules-v1-sign", "prepare", "publish", "recheck", "verify"].map(
                (name) => `arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-${name}`,
            ),
        );
        expect(String(definition)).not.toContain("aws-sdk");
    });
}
