import { describe, expect, it } from "vitest";
import type { PolicyDocument } from "../../../components/iam/document";
import * as functions from "../../../components/iam/functions";

/**
 * What each function may do, as a table of its own. Proves nothing about what the functions call: the conformance tests and
 * the local cloud, which enforces these documents, do.
 */

const scope = { partition: "aws", accountId: "111122223333", region: "eu-west-1", prefix: "pp" };

/** `ACTION on RESOURCE`, sorted; ARNs without the parts that are the same everywhere. */
function rights({ Statement }: PolicyDocument): string[] {
    return Statement.flatMap(({ Effect, Action, Resource = [] }) =>
        [Action]
            .flat()
            .flatMap((action) => [Resource].flat().map((resource) => `${Effect} ${action} on ${short(resource)}`)),
    )
        .map((line) => line.replace(/^Allow /, ""))
        .sort();
}

function short(arn: string): string {
    return arn
        .replace("eu-west-1:111122223333:", "")
        .replace("-111122223333-eu-west-1", "")
        .replace(/^arn:aws:/, "");
}

const logs = (name: string) => [
    `logs:CreateLogStream on logs:log-group:/aws/lambda/${name}:*`,
    `logs:PutLogEvents on logs:log-group:/aws/lambda/${name}:*`,
];
const upload = ["s3:GetObject on s3:::pp-uploads/*", "s3:GetObjectVersion on s3:::pp-uploads/*"];
const encrypted = ["kms:Decrypt on kms:key/*", "kms:GenerateDataKey on kms:key/*"];
const sorted = (...parts: (string | string[])[]) => parts.flat().sort();

describe("rights of the request and signing planes", () => {
    it("prepare reads uploads and makes requests", () =>
        expect(rights(functions.preparePolicy(scope))).toEqual(
            sorted(
                logs("pp-prepare"),
                upload,
                encrypted,
                "dynamodb:GetItem on dynamodb:table/pp-requests",
                "dynamodb:PutItem on dynamodb:table/pp-requests",
            ),
        ));

    it("recheck reads uploads and requests, and makes rechecks", () =>
        expect(rights(functions.recheckPolicy(scope))).toEqual(
            sorted(
                logs("pp-recheck"),
                upload,
                encrypted,
                "dynamodb:GetItem on dynamodb:table/pp-requests",
                "dynamodb:GetItem on dynamodb:table/pp-rechecks",
                "dynamodb:PutItem on dynamodb:table/pp-rechecks",
            ),
        ));

    it("a signer reads both, writes attempts, and calls the log's intake; Sign comes from the key's policy alone", () =>
        expect(rights(functions.signFunctionPolicy(scope, "pp-release-v1-sign"))).toEqual(
            sorted(
                logs("pp-release-v1-sign"),
                "Deny kms:Sign on *",
                "kms:Decrypt on kms:key/*",
                "dynamodb:GetItem on dynamodb:table/pp-requests",
                "dynamodb:GetItem on dynamodb:table/pp-rechecks",
                "dynamodb:GetItem on dynamodb:table/pp-attempts",
                "dynamodb:PutItem on dynamodb:table/pp-attempts",
                "dynamodb:UpdateItem on dynamodb:table/pp-attempts",
                "lambda:InvokeFunction on lambda:function:pp-intake",
            ),
        ));

    it("assemble writes only what it assembled", () =>
        expect(rights(functions.assemblePolicy(scope))).toEqual(
            sorted(
                logs("pp-assemble"),
                upload,
                encrypted,
                "dynamodb:GetItem on dynamodb:table/pp-requests",
                "dynamodb:GetItem on dynamodb:table/pp-attempts",
                "s3:PutObject on s3:::pp-results/assembled/*",
            ),
        ));

    it("verify writes nothing", () =>
        expect(rights(functions.verifyPolicy(scope))).toEqual(
            sorted(
                logs("pp-verify"),
                upload,
                encrypted,
                "dynamodb:GetItem on dynamodb:table/pp-requests",
                "dynamodb:GetItem on dynamodb:table/pp-attempts",
                "s3:GetObject on s3:::pp-results/assembled/*",
                "s3:GetObject on s3:::pp-log/checkpoint",
                "s3:GetObject on s3:::pp-log/tile/*",
                "s3:GetObject on s3:::pp-log/index/digest/*",
                "s3:ListBucket on s3:::pp-log",
                "s3:ListBucket on s3:::pp-results",
            ),
        ));

    it("publish writes only what is released", () =>
        expect(rights(functions.publishPolicy(scope))).toEqual(
            sorted(
                logs("pp-publish"),
                encrypted,
                "dynamodb:GetItem on dynamodb:table/pp-requests",
                "s3:GetObject on s3:::pp-results/assembled/*",
                "s3:GetObject on s3:::pp-results/released/*",
                "s3:PutObject on s3:::pp-results/released/*",
                "s3:ListBucket on s3:::pp-results",
            ),
        ));
});

describe("rights of the log plane", () => {
    it("intake writes its table, and that alone", () =>
        expect(rights(functions.intakePolicy(scope))).toEqual(
            sorted(
                logs("pp-intake"),
                "kms:Decrypt on kms:key/*",
                "dynamodb:ConditionCheckItem on dynamodb:table/pp-intake",
                "dynamodb:GetItem on dynamodb:table/pp-intake",
                "dynamodb:PutItem on dynamodb:table/pp-intake",
                "dynamodb:UpdateItem on dynamodb:table/pp-intake",
            ),
        ));

    it("the sequencer writes head and log, and marks what it logged; it makes no records", () => {
        const found = rights(functions.sequencerPolicy(scope));
        const logKeys = ["archive/*", "checkpoint", "index/*", "log.json", "records/*", "staging/*", "tile/*"];
        expect(found.filter((right) => right.startsWith("dynamodb:PutItem"))).toEqual([
            "dynamodb:PutItem on dynamodb:table/pp-head",
        ]);
        expect(found.filter((right) => right.startsWith("s3:"))).toEqual([
            ...logKeys.map((key) => `s3:GetObject on s3:::pp-log/${key}`),
            "s3:ListBucket on s3:::pp-log",
            ...logKeys.map((key) => `s3:PutObject on s3:::pp-log/${key}`),
        ]);
        expect(found.filter((right) => right.startsWith("kms:"))).toEqual(["kms:Decrypt on kms:key/*"]);
        expect(found.filter((right) => right.startsWith("dynamodb:Query"))).toEqual([
            "dynamodb:Query on dynamodb:table/pp-intake/index/pending",
            "dynamodb:Query on dynamodb:table/pp-reconciler/index/pending",
        ]);
        expect(found.filter((right) => right.startsWith("dynamodb:UpdateItem"))).toEqual([
            "dynamodb:UpdateItem on dynamodb:table/pp-head",
            "dynamodb:UpdateItem on dynamodb:table/pp-intake",
            "dynamodb:UpdateItem on dynamodb:table/pp-reconciler",
        ]);
    });

    it("the reconciler writes its own table only, and reads keys", () => {
        const found = rights(functions.reconcilerPolicy(scope));
        const writes = found.filter((right) => /dynamodb:(Put|Update|Delete)|s3:Put|lambda:/.test(right));
        expect(writes).toEqual([
            "dynamodb:PutItem on dynamodb:table/pp-reconciler",
            "dynamodb:UpdateItem on dynamodb:table/pp-reconciler",
        ]);
        expect(found.filter((right) => right.startsWith("kms:"))).toEqual([
            "kms:Decrypt on kms:key/*",
            "kms:GetPublicKey on kms:key/*",
            "kms:ListResourceTags on kms:key/*",
        ]);
    });
});

describe("every function's document", () => {
    const documents = {
        intake: functions.intakePolicy(scope),
        sequencer: functions.sequencerPolicy(scope),
        reconciler: functions.reconcilerPolicy(scope),
        prepare: functions.preparePolicy(scope),
        recheck: functions.recheckPolicy(scope),
        sign: functions.signFunctionPolicy(scope, "pp-release-v1-sign"),
        assemble: functions.assemblePolicy(scope),
        verify: functions.verifyPolicy(scope),
        publish: functions.publishPolicy(scope),
    };

    it.each(Object.entries(documents))(
        "of %s grants no Sign, no wildcard action, and use of keys through services only",
        (_name, document) => {
            for (const { Effect, Action, Condition, Sid } of document.Statement) {
                const actions = [Action].flat();
                if (Sid === "DenySignElsewhere") continue;
                expect(Effect).toBe("Allow");
                expect(actions.filter((action) => action.includes("*") || action === "kms:Sign")).toEqual([]);
                const uses = actions.filter((action) => /^kms:(Decrypt|GenerateDataKey|Encrypt)/.test(action));
                if (uses.length > 0)
                    expect({ Sid, keys: Object.keys(Condition?.StringEquals ?? {}) }).toEqual({
                        Sid,
                        keys: ["kms:ViaService"],
                    });
            }
        },
    );

    it.each(Object.entries(documents))(
        "of %s fits IAM's limit for inline policies with room to grow",
        (_name, document) => expect(JSON.stringify(document).length).toBeLessThan(5_000),
    );

    it("bounds metrics by namespace, since they know no resource", () =>
        expect(documents.sequencer.Statement.find(({ Sid }) => Sid === "Metrics")).toEqual({
            Sid: "Metrics",
            Effect: "Allow",
            Action: "cloudwatch:PutMetricData",
            Resource: "*",
            Condition: { StringEquals: { "cloudwatch:namespace": "countersign" } },
        }));
});
