import { beforeAll, describe, expect, it } from "vitest";
import type { SigningPipelineArgs } from "../../components/pipeline-args";
import type * as KeyModule from "../../components/signing-key";
import type * as Module from "../../components/signing-pipeline";
import { fingerprint, RSA_SPKI } from "../support/aws-mock";
import { certificate, pem as pemOf, rsaKey } from "../support/certificates";
import { capture, json, shape, type Graph } from "../support/graph";
import { loadNative } from "../support/native";

/** Proves what the component registers. Proves nothing about signing; its functions have tests of their own. */

const DATA_KEY = "arn:aws:kms:eu-west-1:111122223333:key/data";
const CI = "arn:aws:iam::111122223333:role/acme-ci";
const custody = {
    deployRole: "arn:aws:iam::111122223333:role/deployer",
    keyAdmins: ["arn:aws:iam::111122223333:role/admin"],
};

function program(overrides: (keys: KeyModule.SigningKey[]) => Partial<SigningPipelineArgs> = () => ({})) {
    return () => {
        const { SigningKey } = loadNative<typeof KeyModule>("components/signing-key.ts");
        const { SigningPipeline } = loadNative<typeof Module>("components/signing-pipeline.ts");
        const keys = [
            new SigningKey("modules-v1", { ...custody, keyName: "modules", version: 1, formats: ["kmod"] }),
            new SigningKey("files-v1", { ...custody, keyName: "files", version: 1, formats: ["raw"] }),
        ];
        const pipeline = new SigningPipeline("pipeline", {
            keys,
            tenants: [{ name: "acme", formats: ["kmod", "raw"], submitters: [CI] }],
            logOrigin: "log.example.com/countersign",
            logVkey: "VKEY",
            dataKeyArn: DATA_KEY,
            objectLock: { mode: "GOVERNANCE", days: 1 },
            ...overrides(keys),
        });
        const { uploadsBucket, resultsBucket, stateMachineArn } = pipeline;
        return { uploadsBucket, resultsBucket, stateMachineArn };
    };
}

describe("SigningPipeline", () => {
    let graph: Graph;
    beforeAll(async () => {
        graph = await capture(program());
    });
    const inputs = (type: string, name: string) => graph.one(type, name).inputs;

    it("registers these resources, and no others", () =>
        expect(shape(graph).filter((line) => line.endsWith("< pipeline"))).toEqual([
            "aws:cloudwatch/eventRule:EventRule pipeline-uploads < pipeline",
            "aws:cloudwatch/eventTarget:EventTarget pipeline-uploads < pipeline",
            ...[
                "assemble-logs",
                "machine-logs",
                "prepare-logs",
                "publish-logs",
                "recheck-logs",
                "sign-files-logs",
                "sign-modules-logs",
                "verify-logs",
            ].map((name) => `aws:cloudwatch/logGroup:LogGroup pipeline-${name} < pipeline`),
            ...["attempts", "rechecks", "requests"].map(
                (name) => `aws:dynamodb/table:Table pipeline-${name} < pipeline`,
            ),
            ...["assemble", "machine", "prepare", "publish", "recheck", "rule", "verify"].map(
                (name) => `aws:iam/role:Role pipeline-${name} < pipeline`,
            ),
            ...[
                "assemble",
                "machine",
                "prepare",
                "publish",
                "recheck",
                "rule",
                "sign-files",
                "sign-modules",
                "verify",
            ].map((name) => `aws:iam/rolePolicy:RolePolicy pipeline-${name} < pipeline`),
            ...["assemble", "prepare", "publish", "recheck", "sign-files", "sign-modules", "verify"].map(
                (name) => `aws:lambda/function:Function pipeline-${name} < pipeline`,
            ),
            "aws:s3/bucket:Bucket pipeline-results < pipeline",
            "aws:s3/bucket:Bucket pipeline-uploads < pipeline",
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration pipeline-uploads < pipeline",
            "aws:s3/bucketNotification:BucketNotification pipeline-uploads < pipeline",
            "aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration pipeline-results < pipeline",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls pipeline-results < pipeline",
            "aws:s3/bucketOwnershipControls:BucketOwnershipControls pipeline-uploads < pipeline",
            "aws:s3/bucketPolicy:BucketPolicy pipeline-results < pipeline",
            "aws:s3/bucketPolicy:BucketPolicy pipeline-uploads < pipeline",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock pipeline-results < pipeline",
            "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock pipeline-uploads < pipeline",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration pipeline-results < pipeline",
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration pipeline-uploads < pipeline",
            "aws:s3/bucketVersioning:BucketVersioning pipeline-results < pipeline",
            "aws:s3/bucketVersioning:BucketVersioning pipeline-uploads < pipeline",
            "aws:sfn/stateMachine:StateMachine pipeline-machine < pipeline",
        ]));

    it("gives each function a role of its name, and signers the role of their key", () => {
        const roles = Object.fromEntries(
            graph.ofType("aws:lambda/function:Function").map(({ inputs: { name, role } }) => [name, role]),
        );
        expect(roles).toEqual({
            "countersign-dev-prepare": "arn:aws:iam::111122223333:role/countersign-dev-prepare",
            "countersign-dev-recheck": "arn:aws:iam::111122223333:role/countersign-dev-recheck",
            "countersign-dev-assemble": "arn:aws:iam::111122223333:role/countersign-dev-assemble",
            "countersign-dev-verify": "arn:aws:iam::111122223333:role/countersign-dev-verify",
            "countersign-dev-publish": "arn:aws:iam::111122223333:role/countersign-dev-publish",
            "countersign-dev-modules-v1-sign":
                "arn:aws:iam::111122223333:role/signing/countersign-dev-modules-v1-signer",
            "countersign-dev-files-v1-sign": "arn:aws:iam::111122223333:role/signing/countersign-dev-files-v1-signer",
        });
    });

    it("gives functions these environments, and no more", () => {
        const variables = (name: string) =>
            (inputs("aws:lambda/function:Function", `pipeline-${name}`).environment as { variables: object }).variables;
        const UPLOADS_BUCKET = "countersign-dev-uploads-111122223333-eu-west-1";
        const RESULTS_BUCKET = "countersign-dev-results-111122223333-eu-west-1";
        const REQUESTS_TABLE = "countersign-dev-requests";
        const RECHECKS_TABLE = "countersign-dev-rechecks";
        const ATTEMPTS_TABLE = "countersign-dev-attempts";
        const arn = (name: string) => `arn:aws:kms:eu-west-1:111122223333:key/${idOf(graph, name)}`;
        const KEY_SPKIS = JSON.stringify({ modules: RSA_SPKI, files: RSA_SPKI });
        expect(variables("prepare")).toEqual({
            UPLOADS_BUCKET,
            REQUESTS_TABLE,
            KEY_ARNS: JSON.stringify({ modules: arn("modules-v1"), files: arn("files-v1") }),
            KEY_SPKIS,
        });
        expect(variables("recheck")).toEqual({ UPLOADS_BUCKET, REQUESTS_TABLE, RECHECKS_TABLE, KEY_SPKIS });
        expect(variables("assemble")).toEqual({ UPLOADS_BUCKET, RESULTS_BUCKET, REQUESTS_TABLE, ATTEMPTS_TABLE });
        expect(variables("verify")).toEqual({
            UPLOADS_BUCKET,
            RESULTS_BUCKET,
            REQUESTS_TABLE,
            ATTEMPTS_TABLE,
            LOG_BUCKET: "countersign-dev-log-111122223333-eu-west-1",
            LOG_VKEY: "VKEY",
            KEY_SPKIS,
        });
        expect(variables("publish")).toEqual({ RESULTS_BUCKET, REQUESTS_TABLE });
        expect(variables("sign-files")).toEqual({
            KEY_ARN: arn("files-v1"),
            KEY_SPKI_SHA256: fingerprint(RSA_SPKI),
            REQUESTS_TABLE,
            RECHECKS_TABLE,
            ATTEMPTS_TABLE,
            INTAKE_FUNCTION: "countersign-dev-intake",
        });
    });

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

    it("keeps results locked, and both buckets with all that guards them", () => {
        expect(
            inputs("aws:s3/bucketObjectLockConfiguration:BucketObjectLockConfiguration", "pipeline-results"),
        ).toEqual({
            bucket: "countersign-dev-results-111122223333-eu-west-1",
            rule: { defaultRetention: { mode: "GOVERNANCE", days: 1 } },
        });
        expect(inputs("aws:s3/bucket:Bucket", "pipeline-results").objectLockEnabled).toBe(true);
        expect(inputs("aws:s3/bucket:Bucket", "pipeline-uploads").objectLockEnabled).toBe(false);
        const s3 = graph.resources.filter(({ type }) => type.startsWith("aws:s3/"));
        expect(s3.length).toBe(15);
        expect(s3.filter(({ protect, retainOnDelete }) => !protect || !retainOnDelete)).toEqual([]);
        expect(
            inputs(
                "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
                "pipeline-uploads",
            ).rules,
        ).toEqual([
            {
                applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: DATA_KEY },
                bucketKeyEnabled: true,
            },
        ]);
    });

    it("tells the buckets and the machine", () =>
        expect(graph.outputs).toEqual({
            uploadsBucket: "countersign-dev-uploads-111122223333-eu-west-1",
            resultsBucket: "countersign-dev-results-111122223333-eu-west-1",
            stateMachineArn: "arn:aws:states:eu-west-1:111122223333:stateMachine:countersign-dev-signing",
        }));
});

describe("SigningPipeline's arguments, refused in the constructor", () => {
    const { resolvePipelineArgs, pipelineKeys } =
        loadNative<typeof import("../../components/pipeline-args")>("components/pipeline-args.ts");
    const key = (keyName: string, formats: string[]) =>
        ({
            keyName,
            formats,
            spec: "RSA_4096",
            algorithm: "RSASSA_PKCS1_V1_5_SHA_256",
            messageType: "DIGEST",
        }) as never;
    const tenant = { name: "acme", formats: ["raw"], submitters: [CI] };
    const good: SigningPipelineArgs = {
        keys: [key("modules", ["kmod"]), key("files", ["raw"])],
        tenants: [tenant],
        logOrigin: "log.example.com/x",
        logVkey: "VKEY",
        dataKeyArn: DATA_KEY,
        objectLock: { mode: "GOVERNANCE", days: 1 },
        namePrefix: "countersign-dev",
    };

    it("has defaults", () =>
        expect(resolvePipelineArgs(good)).toMatchObject({
            certificates: {},
            requestTtlSeconds: 3600,
            maxUploadBytes: 67_108_864,
            uploadDays: 90,
        }));

    it("compiles a certificate into the key it belongs to", () => {
        const pem = pemOf(certificate({ key: rsaKey() }));
        const keys = pipelineKeys(resolvePipelineArgs({ ...good, certificates: { modules: pem } }));
        expect(keys.map(({ name, certificatePem }) => [name, certificatePem])).toEqual([
            ["modules", pem],
            ["files", undefined],
        ]);
    });

    const refused: [string, Partial<SigningPipelineArgs>, string][] = [
        ["no keys", { keys: [] }, "BadConfig"],
        ["one key twice", { keys: [key("files", ["raw"]), key("files", ["kmod"])] }, "BadConfig"],
        ["two keys of one format", { keys: [key("a", ["raw"]), key("b", ["raw"])] }, "BadConfig"],
        ["a certificate for no key", { certificates: { other: "-" } }, "BadConfig"],
        ["a certificate over a raw key", { certificates: { files: "-" } }, "BadConfig"],
        ["a certificate that is none", { certificates: { modules: "-" } }, "BadCertificate"],
        ["a tenant with a slash", { tenants: [{ ...tenant, name: "a/b" }] }, "BadConfig"],
        ["a tenant twice", { tenants: [tenant, tenant] }, "BadConfig"],
        ["a format that does not exist", { tenants: [{ ...tenant, formats: ["rpm"] }] }, "FormatUnknown"],
        [
            "a format that no key signs",
            { keys: [key("files", ["raw"])], tenants: [{ ...tenant, formats: ["kmod"] }] },
            "BadConfig",
        ],
        ["a tenant whom nobody submits for", { tenants: [{ ...tenant, submitters: [] }] }, "BadConfig"],
        ["everybody as submitter", { tenants: [{ ...tenant, submitters: ["*"] }] }, "BadConfig"],
        [
            "a signer as submitter",
            { tenants: [{ ...tenant, submitters: ["arn:aws:iam::111122223333:role/signing/x"] }] },
            "BadConfig",
        ],
    ];
    it.each(refused)("refuses %s", (_what, overrides, code) =>
        expect(() => resolvePipelineArgs({ ...good, ...overrides })).toThrow(expect.objectContaining({ code })),
    );
});

function idOf(graph: Graph, name: string): unknown {
    const alias = graph.one("aws:kms/alias:Alias", name);
    return alias.inputs.targetKeyId;
}
