import { expect, it } from "vitest";
import { type Graph, json, keyIdOf } from "../../support/graph";

/** The functions: as whom they run, what they are told, what wakes them. */
export function functionsSuite(graph: () => Graph): void {
    const inputs = (type: string, name: string) => graph().one(type, name).inputs;

    it("signs checkpoints with an Ed25519 key, in the sequencer alone", () => {
        const key = inputs("aws:kms/key:Key", "log-key");
        expect(key).toMatchObject({
            customerMasterKeySpec: "ECC_NIST_EDWARDS25519",
            tags: { "countersign:signer": "countersign-dev-log-v1-signer" },
        });
        const { Statement } = json(key.policy) as { Statement: { Sid: string; Condition: unknown }[] };
        expect(Statement.find(({ Sid }) => Sid === "Signer")!.Condition).toEqual({
            StringEquals: { "kms:SigningAlgorithm": ["ED25519_SHA_512"], "kms:MessageType": ["RAW"] },
        });
        expect(inputs("aws:lambda/function:Function", "log-sequencer")).toMatchObject({
            name: "countersign-dev-sequencer",
            role: "arn:aws:iam::111122223333:role/signing/countersign-dev-log-v1-signer",
        });
        expect(inputs("aws:iam/rolePolicy:RolePolicy", "log-sequencer")).toMatchObject({
            name: "countersign-dev-sequencer",
            role: "countersign-dev-log-v1-signer",
        });
        expect(json(inputs("aws:iam/rolePolicy:RolePolicy", "log-key-signer").policy)).toMatchObject({
            Statement: [
                {
                    Sid: "DenySignElsewhere",
                    Condition: {
                        ArnNotEquals: {
                            "lambda:SourceFunctionArn":
                                "arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-sequencer",
                        },
                    },
                },
                {},
            ],
        });
    });

    it("gives functions these environments", () => {
        const environment = (name: string) => inputs("aws:lambda/function:Function", name).environment;
        const keyArn = `arn:aws:kms:eu-west-1:111122223333:key/${keyIdOf(graph(), "log-key")}`;
        expect(environment("log-intake")).toEqual({ variables: { INTAKE_TABLE: "countersign-dev-intake" } });
        expect(environment("log-sequencer")).toEqual({
            variables: {
                HEAD_TABLE: "countersign-dev-head",
                INTAKE_TABLE: "countersign-dev-intake",
                RECONCILER_TABLE: "countersign-dev-reconciler",
                LOG_BUCKET: "countersign-dev-log-111122223333-eu-west-1",
                KEY_ARN: keyArn,
                KEY_ALIAS: "alias/countersign-dev-log-v1",
                METRIC_STACK: "countersign-dev",
            },
        });
        expect(environment("log-reconciler")).toEqual({
            variables: {
                INTAKE_TABLE: "countersign-dev-intake",
                RECONCILER_TABLE: "countersign-dev-reconciler",
                HEAD_TABLE: "countersign-dev-head",
                LOG_BUCKET: "countersign-dev-log-111122223333-eu-west-1",
                LOG_KEY_ARN: keyArn,
                METRIC_STACK: "countersign-dev",
            },
        });
    });

    it("wakes the sequencer by both streams and each minute", () => {
        for (const table of ["intake", "reconciler"]) {
            expect(inputs("aws:lambda/eventSourceMapping:EventSourceMapping", `log-${table}`)).toMatchObject({
                eventSourceArn: `arn:aws:dynamodb:eu-west-1:111122223333:table/countersign-dev-${table}/stream/2026-11-24T00:00:00.000`,
                functionName: "countersign-dev-sequencer",
                startingPosition: "TRIM_HORIZON",
                maximumRetryAttempts: 1,
                filterCriteria: { filters: [{ pattern: '{"eventName":["INSERT"]}' }] },
            });
        }
        expect(inputs("aws:cloudwatch/eventRule:EventRule", "log-minute").scheduleExpression).toBe("rate(1 minute)");
        expect(inputs("aws:cloudwatch/eventTarget:EventTarget", "log-minute")).toEqual({
            rule: "countersign-dev-sequencer-minute",
            targetId: "sequencer",
            arn: "arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-sequencer",
        });
        expect(inputs("aws:lambda/permission:Permission", "log-minute")).toEqual({
            statementId: "minute",
            action: "lambda:InvokeFunction",
            function: "countersign-dev-sequencer",
            principal: "events.amazonaws.com",
            sourceArn: "arn:aws:events:eu-west-1:111122223333:rule/countersign-dev-sequencer-minute",
            sourceAccount: "111122223333",
        });
    });
}
