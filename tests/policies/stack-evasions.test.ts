/**
 * Ways around the rules of stack, compute, data and audit that name no signer in plain sight, or look like what the program does itself.
 * Proves nothing about the engine: the SDK's own analysis in this process judges them.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { AWS_VERSION } from "../../policies/aws-types";
import { readExport } from "../../policies/judge/stack-export";
import { judge as judgeExport } from "../../policies/judge/violations";
import type { Example } from "../../policies/rule";
import { RULES } from "../../policies/rules";
import { EXAMPLE_PROVIDER, EXAMPLE_SETTINGS } from "../../policies/rules/example";
import { settingsOf } from "../../policies/settings";
import { type Registered, urnOf } from "../support/pack-process";
import { inProcess } from "../support/recorded";
import { UNKNOWN, violations } from "../support/rules";

const ACCOUNT = "111122223333";
const ADMIN = `arn:aws:iam::${ACCOUNT}:role/OrganizationAccountAccessRole`;
const SIGN = "countersign-dev-modules-v1-sign";
const INVOKER = EXAMPLE_SETTINGS.signers![0]!.invokers[0]!;

function ruleOf(id: string): (typeof RULES)[number] {
    const rule = RULES.find((one) => one.id === id);
    if (rule === undefined) throw new Error(`no rule ${id}`);
    return rule;
}

function judge(id: string, type: string, props: Example["props"], name = "mutant"): Promise<string[]> {
    return violations(ruleOf(id), { type, name, provider: EXAMPLE_PROVIDER, props });
}

async function judgeStack(id: string, ...resources: readonly Registered[]): Promise<string[]> {
    const found = await inProcess([ruleOf(id)], EXAMPLE_SETTINGS).analyzeStack(resources);
    expect(found.filter(({ level }) => level !== 1)).toEqual([]);
    return found.map(({ message }) => message);
}

function resource(
    type: string,
    name: string,
    properties: Record<string, unknown>,
    propertyDependencies: Registered["propertyDependencies"] = {},
): Registered {
    return { type, name, properties, propertyDependencies };
}

const MACHINE = "aws:sfn/stateMachine:StateMachine";
const TARGET = "aws:cloudwatch/eventTarget:EventTarget";

describe("signer-referrers-allowlist", () => {
    const rule = "signer-referrers-allowlist";

    it.each([
        ["its ARN", `arn:aws:iam::${ACCOUNT}:role/${INVOKER}`],
        ["a session of it", `arn:aws:sts::${ACCOUNT}:assumed-role/${INVOKER}/s`],
        ["its name", INVOKER],
    ])(
        "refuses a machine that runs as a signer's invoker, by %s, and takes the function from its input",
        async (_, roleArn) => {
            const definition = '{"States":{"Any":{"Type":"Task","Parameters":{"FunctionName.$":"$.f"}}}}';
            expect((await judge(rule, MACHINE, { name: "any", definition, roleArn })).length).toBeGreaterThan(0);
        },
    );

    it("lets others name what is merely called like the invoker", async () => {
        const arn = `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:${INVOKER}`;
        expect(await judge(rule, TARGET, { rule: "r", arn })).toEqual([]);
    });

    it.each([
        ["arn%3Aaws%3Alambda%3Aeu-west-1%3A111122223333%3Afunction%3A"],
        ["https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/"],
        ["functions%2f"],
    ])("reads a URL's escapes: %s", async (before) =>
        expect(
            await judge(rule, MACHINE, { definition: JSON.stringify({ Url: `${before}${SIGN}/invocations` }) }),
        ).toHaveLength(1),
    );

    it.each([
        ["aws:lambda/permission:Permission", { function: UNKNOWN }],
        ["aws:lambda/eventSourceMapping:EventSourceMapping", { functionName: UNKNOWN }],
        ["aws:s3/bucketNotification:BucketNotification", { lambdaFunctions: [{ lambdaFunctionArn: UNKNOWN }] }],
    ])("refuses %s in front of an unknown function", async (type, props) =>
        expect(await judge(rule, type, props)).toHaveLength(1),
    );

    it("refuses a target that comes from nowhere, and takes one that a resource of the stack gives", async () => {
        const topic = resource("aws:sns/topic:Topic", "topic", {});
        const target = resource(TARGET, "t", { rule: "r", arn: UNKNOWN });
        expect(await judgeStack(rule, topic, target)).toHaveLength(1);
        const known = { ...target, propertyDependencies: { arn: [urnOf(topic.type, topic.name)] } };
        expect(await judgeStack(rule, topic, known)).toEqual([]);
    });
});

describe("outside-roles", () => {
    it.each([
        ["a bucket's replication", "aws:s3/bucket:Bucket", { replicationConfiguration: { role: ADMIN, rules: [] } }],
        ["a topic's feedback", "aws:sns/topic:Topic", { lambdaSuccessFeedbackRoleArn: ADMIN }],
        ["a topic's feedback, unknown", "aws:sns/topic:Topic", { lambdaSuccessFeedbackRoleArn: UNKNOWN }],
    ])("refuses an outside role in %s, whose type also has a document", async (_, type, props) =>
        expect(await judge("outside-roles", type, props)).toHaveLength(1),
    );

    it("leaves the document itself to the rules of documents", async () => {
        const policy = JSON.stringify({ Statement: [{ Principal: { AWS: ADMIN } }] });
        expect(await judge("outside-roles", "aws:s3/bucketPolicy:BucketPolicy", { bucket: "b", policy })).toEqual([]);
    });
});

describe("stack-type-allowlist", () => {
    it("refuses another package's resource that is called like a component or an aws type", async () => {
        const provider = { type: "pulumi:providers:countersign", name: "p", props: {} };
        for (const type of ["countersign:index:Evil", "aws:kms/key:Key"])
            expect(await violations(ruleOf("stack-type-allowlist"), { type, provider, props: {} })).toHaveLength(1);
        const component = { type: "countersign:index:RunnerFleet", props: {} };
        expect(await violations(ruleOf("stack-type-allowlist"), component)).toEqual([]);
    });
});

describe("lambda-hardening", () => {
    const props = { name: "other", runtime: "nodejs24.x" };
    it.each([
        ["another function's", `arn:aws:iam::${ACCOUNT}:role/countersign-dev-prepare`],
        ["a signer's", `arn:aws:iam::${ACCOUNT}:role/signing/countersign-dev-modules-v1-signer`],
    ])("refuses a second function under %s role: it could write what only the first may", async (_, role) =>
        expect(await judge("lambda-hardening", "aws:lambda/function:Function", { ...props, role })).toHaveLength(1),
    );
});

describe("sfn-no-kms-sdk", () => {
    const machine = (Credentials: unknown) => ({
        ...ruleOf("sfn-no-kms-sdk").good.props,
        definition: JSON.stringify({ States: { Any: { Type: "Task", Credentials } } }),
    });

    it.each([
        [{ "RoleArn.$": "$.role" }],
        [{ RoleArn: "{% $states.input.role %}" }],
        ["{% $states.input.credentials %}"],
    ])("refuses a state whose role comes from its input: %j", async (credentials) =>
        expect((await judge("sfn-no-kms-sdk", MACHINE, machine(credentials))).length).toBeGreaterThan(0),
    );

    it("takes a role that is written down", async () =>
        expect(await judge("sfn-no-kms-sdk", MACHINE, machine({ RoleArn: ADMIN }))).toEqual([]));
});

describe("cloudtrail-complete", () => {
    const state = "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS";
    const names = ["Sign", "PutKeyPolicy", "CreateGrant", "ScheduleKeyDeletion", "UpdateAssumeRolePolicy"];
    const key = resource("aws:kms/key:Key", "modules", { keyUsage: "SIGN_VERIFY" });
    const bucket = resource("aws:s3/bucket:Bucket", "trail", { bucket: "trail" });
    const trail = resource("aws:cloudtrail/trail:Trail", "trail", { s3BucketName: "trail" });
    const target = resource(TARGET, "t", { rule: "uses", arn: "arn:aws:sns:eu-west-1:111122223333:t" });
    const rule = (pattern: object, props: object = {}) =>
        resource("aws:cloudwatch/eventRule:EventRule", "uses", {
            name: "uses",
            state,
            eventPattern: JSON.stringify({
                source: ["aws.kms", "aws.iam"],
                "detail-type": ["AWS API Call via CloudTrail"],
                detail: { eventName: names },
                ...pattern,
            }),
            ...props,
        });
    const missing = async (...rest: readonly Registered[]) =>
        (await judgeStack("cloudtrail-complete", key, bucket, trail, ...rest))
            .map((line) => /tells of every (\w+)/.exec(line)?.[1])
            .sort();

    it("is content with one rule that tells somebody of all", async () =>
        expect(await missing(rule({}), target)).toEqual([]));

    it("wants a target", async () => expect(await missing(rule({}))).toEqual([...names].sort()));

    it("wants the rule on", async () =>
        expect(await missing(rule({}, { state: "DISABLED" }), target)).toEqual([...names].sort()));

    it("counts no rule that looks at some callers only", async () =>
        expect(await missing(rule({ detail: { eventName: names, userIdentity: { type: ["Root"] } } }), target)).toEqual(
            [...names].sort(),
        ));

    it("wants changes of trust from IAM, which KMS never tells", async () =>
        expect(await missing(rule({ source: ["aws.kms"], detail: {} }), target)).toEqual(["UpdateAssumeRolePolicy"]));

    it("refuses a pattern that is not known", async () =>
        expect(
            await judge("cloudtrail-complete", "aws:cloudwatch/eventRule:EventRule", { state, eventPattern: UNKNOWN }),
        ).toHaveLength(1));
});

describe("ec2-imdsv2", () => {
    const template = {
        metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
        networkInterfaces: [{ associatePublicIpAddress: "false" }],
        blockDeviceMappings: [{ ebs: { encrypted: "true" } }],
    };
    it.each([
        ["a public address", { networkInterfaces: [{ associatePublicIpAddress: "true" }] }],
        ["an unknown address", { networkInterfaces: [{ associatePublicIpAddress: UNKNOWN }] }],
        ["a plain disk", { blockDeviceMappings: [{ ebs: { volumeSize: 8 } }] }],
        ["unknown user data", { userData: UNKNOWN }],
        ["a password in base64", { userDataBase64: Buffer.from("password=x").toString("base64") }],
    ])("refuses a launch template with %s", async (_, props) =>
        expect(
            await judge("ec2-imdsv2", "aws:ec2/launchTemplate:LaunchTemplate", { ...template, ...props }),
        ).toHaveLength(1),
    );

    it("takes a private, encrypted one", async () =>
        expect(await judge("ec2-imdsv2", "aws:ec2/launchTemplate:LaunchTemplate", template)).toEqual([]));
});

describe("sg-no-world-ingress", () => {
    it.each([
        ["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", { prefixListId: "pl-1" }],
        ["aws:ec2/securityGroup:SecurityGroup", { ingress: [{ prefixListIds: ["pl-1"] }] }],
        ["aws:ec2/securityGroupRule:SecurityGroupRule", { type: "ingress", prefixListIds: ["pl-1"] }],
    ])("refuses a prefix list in %s", async (type, props) =>
        expect(await judge("sg-no-world-ingress", type, props)).toHaveLength(1),
    );
});

describe("vpce-kms-policy", () => {
    const type = "aws:ec2/vpcEndpointPolicy:VpcEndpointPolicy";
    const policy = (Action: string, Resource: string) => ({
        vpcEndpointId: UNKNOWN,
        policy: JSON.stringify({
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: "*", Action, Resource }],
        }),
    });

    it("refuses a separate policy that lets everyone sign, whichever endpoint it is for", async () =>
        expect(await judge("vpce-kms-policy", type, policy("*", "*"))).toHaveLength(1));

    it("takes one for objects", async () =>
        expect(await judge("vpce-kms-policy", type, policy("s3:GetObject", "*"))).toEqual([]));
});

describe("s3-artifact-bucket", () => {
    it("wants a KMS key unless CloudFront reads the bucket for everyone", async () => {
        const bucket = resource("aws:s3/bucket:Bucket", "b", { bucket: "b" });
        const encryption = resource(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            "b",
            { bucket: "b", rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
        );
        const policyFor = (Service: string) =>
            resource("aws:s3/bucketPolicy:BucketPolicy", "b", {
                bucket: "b",
                policy: JSON.stringify({
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Principal: { Service }, Action: "s3:GetObject", Resource: "*" }],
                }),
            });
        const saw = async (service: string) =>
            (await judgeStack("s3-artifact-bucket", bucket, encryption, policyFor(service))).filter((line) =>
                line.includes("AES256"),
            );
        expect(await saw("cloudtrail.amazonaws.com")).toHaveLength(1);
        expect(await saw("cloudfront.amazonaws.com")).toEqual([]);
    });
});

describe("a stack export", () => {
    const PROVIDER = "urn:pulumi:dev::countersign::pulumi:providers:aws::aws";
    const provider = (inputs: object = {}) => ({
        urn: PROVIDER,
        type: "pulumi:providers:aws",
        custom: true,
        inputs: { ...EXAMPLE_PROVIDER.props, __internal: {}, ...inputs },
    });
    const saw = async (...resources: readonly object[]) => {
        const judged = readExport({ version: 3, deployment: { resources } });
        return (await judgeExport(judged, settingsOf(EXAMPLE_SETTINGS))).map(({ rule, at }) => `${rule} ${at}`);
    };

    it.each([
        ["pluginDownloadURL", { __internal: { pluginDownloadURL: "https://plugins.example.net" } }],
        ["parameterization", { __internal: { parameterization: { name: "aws" } } }],
        ["version", { version: "7.47.0" }],
    ])("shows a provider's %s, where a preview needs a remediation to see it", async (at, inputs) => {
        expect(await saw(provider())).toEqual([]);
        expect(await saw(provider(inputs))).toEqual([`provider-pinned ${at}`]);
    });

    it("has what the program only read, which no preview lists", async () => {
        const read = (policy: string) => ({
            urn: "urn:pulumi:dev::countersign::aws:iam/policy:Policy::read",
            type: "aws:iam/policy:Policy",
            custom: true,
            external: true,
            provider: `${PROVIDER}::id`,
            inputs: { name: "read", policy },
            outputs: { name: "read", policy },
        });
        const allows = (Action: string) =>
            JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action, Resource: "*" }] });
        expect((await saw(provider(), read(allows("kms:Sign")))).join("\n")).toContain("iam-sign-identity-docs policy");
        expect((await saw(provider(), read(allows("s3:GetObject")))).join("\n")).not.toContain("iam-sign");
    });
});

it("AWS_VERSION is the version that is installed", () => {
    const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
        dependencies: Record<string, string>;
    };
    expect(dependencies["@pulumi/aws"]).toBe(AWS_VERSION);
});
