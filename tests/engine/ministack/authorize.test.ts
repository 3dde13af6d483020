/**
 * The authorize endpoint, by requests that the AWS SDK signed. Proves what MiniStack's evaluator decides with the extension in
 * it; proves nothing about AWS, whose own evaluator nobody can run.
 */
import { CreatePolicyCommand, IAMClient, PutUserPermissionsBoundaryCommand } from "@aws-sdk/client-iam";
import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { policy, trust } from "../../support/documents";
import {
    ACCOUNT,
    type Credentials,
    type Decision,
    type Emulator,
    Principals,
    REGION,
    ROOT,
    SECOND,
    SECOND_ROOT,
    startEmulator,
} from "../../support/ministack";

const KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/11111111-2222-3333-4444-555555555555`;
const SIGNER = `arn:aws:iam::${ACCOUNT}:role/signing/signer`;
const ACCOUNT_ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const signingKeyPolicy = policy(
    {
        Sid: "RootRecovery",
        Effect: "Allow",
        Principal: { AWS: ACCOUNT_ROOT },
        Action: ["kms:PutKeyPolicy"],
        Resource: "*",
        Condition: { StringEquals: { "aws:PrincipalArn": ACCOUNT_ROOT } },
    },
    { Sid: "ReadKey", Effect: "Allow", Principal: { AWS: ACCOUNT_ROOT }, Action: "kms:GetPublicKey", Resource: "*" },
    {
        Sid: "Signer",
        Effect: "Allow",
        Principal: { AWS: SIGNER },
        Action: "kms:Sign",
        Resource: "*",
        Condition: { StringEquals: { "kms:MessageType": "DIGEST" } },
    },
    {
        Sid: "DenySignOthers",
        Effect: "Deny",
        Principal: "*",
        Action: "kms:Sign",
        Resource: "*",
        Condition: { StringNotEquals: { "aws:PrincipalArn": SIGNER } },
    },
);
const delegatingPolicy = policy({
    Sid: "All",
    Effect: "Allow",
    Principal: { AWS: ACCOUNT_ROOT },
    Action: "kms:*",
    Resource: "*",
});
const ALL_OF_KMS = { Sid: "AllOfKms", Effect: "Allow", Action: "kms:*", Resource: "*" };

let emulator: Emulator;
let callers: Record<"operator" | "signer" | "administrator" | "narrowed" | "bounded" | "outsider", Credentials>;

interface Answer extends Decision {
    readonly authenticated: boolean;
    readonly allowed: boolean;
    readonly message: string;
}

beforeAll(async () => {
    emulator = await startEmulator();
    const here = new Principals(emulator);
    const operator = await here.user("operator", { Effect: "Allow", Action: "sts:AssumeRole", Resource: "*" });
    const byOperator = trust({ AWS: `arn:aws:iam::${ACCOUNT}:user/operator` });
    await here.role("signing/signer", byOperator);
    await here.role("signer-twin/administrator", byOperator, ALL_OF_KMS);
    const administratorArn = `arn:aws:iam::${ACCOUNT}:role/signer-twin/administrator`;
    const onlyDescribe = policy({ Effect: "Allow", Action: "kms:DescribeKey", Resource: "*" });
    callers = {
        operator,
        signer: await here.assume(operator, SIGNER),
        administrator: await here.assume(operator, administratorArn),
        narrowed: await here.assume(operator, administratorArn, { Policy: onlyDescribe }),
        bounded: await here.user("bounded", ALL_OF_KMS),
        outsider: await new Principals(emulator, SECOND_ROOT, SECOND).user("outsider", ALL_OF_KMS),
    };
    const iam = emulator.client(IAMClient, ROOT);
    const { Policy } = await iam.send(
        new CreatePolicyCommand({ PolicyName: "boundary", PolicyDocument: onlyDescribe }),
    );
    await iam.send(new PutUserPermissionsBoundaryCommand({ UserName: "bounded", PermissionsBoundary: Policy!.Arn! }));
});

afterAll(() => emulator?.stop());

async function ask(caller: Credentials, action: string, more: object = {}): Promise<Answer> {
    const request = await emulator.signed(KMSClient, caller, (kms) => kms.send(new DescribeKeyCommand({ KeyId: KEY })));
    const question = { action, resource: KEY, resourcePolicy: signingKeyPolicy, context: {} };
    return (await emulator.control<Answer>("authorize", { ...request, ...question, ...more })).body;
}

const DIGEST = { context: { "kms:MessageType": "DIGEST" } };

describe("a signing key", () => {
    it("lets the signer sign, by the key policy's statement", async () => {
        const { decision, statement, caller } = await ask(callers.signer, "kms:Sign", DIGEST);
        expect({ decision, statement }).toEqual({
            decision: "allow",
            statement: { sid: "Signer", effect: "Allow", policy: "key policy" },
        });
        expect(caller).toMatchObject({
            type: "AssumedRole",
            arn: `arn:aws:sts::${ACCOUNT}:assumed-role/signer/test`,
            principalArn: SIGNER,
            sessionContext: { sessionIssuer: { type: "Role", arn: SIGNER, userName: "signer" } },
        });
    });

    it("does not let the signer sign another way than the policy allows", async () => {
        expect(await ask(callers.signer, "kms:Sign", { context: { "kms:MessageType": "RAW" } })).toMatchObject({
            decision: "implicitDeny",
        });
    });

    it.each(["administrator", "operator", "outsider"] as const)("denies %s by name", async (who) => {
        expect(await ask(callers[who], "kms:Sign", DIGEST)).toMatchObject({
            decision: "explicitDeny",
            statement: { sid: "DenySignOthers", effect: "Deny", policy: "key policy" },
            error: { code: "AccessDeniedException" },
        });
    });

    it("denies the root user too, and keeps its recovery", async () => {
        expect(await ask(ROOT, "kms:Sign", DIGEST)).toMatchObject({ decision: "explicitDeny" });
        expect(await ask(ROOT, "kms:PutKeyPolicy")).toMatchObject({
            decision: "allow",
            caller: { type: "Root", arn: ACCOUNT_ROOT },
        });
        expect(await ask(ROOT, "kms:EnableKey")).toMatchObject({ decision: "implicitDeny" });
    });

    it("does not give root's recovery to roles with kms:*", async () =>
        expect(await ask(callers.administrator, "kms:PutKeyPolicy")).toMatchObject({ decision: "implicitDeny" }));

    it("delegates reading to identity policies, and names them", async () => {
        expect(await ask(callers.administrator, "kms:GetPublicKey")).toMatchObject({
            decision: "allow",
            statement: { sid: "AllOfKms", policy: "identity policy own" },
        });
        expect(await ask(callers.signer, "kms:GetPublicKey")).toMatchObject({ decision: "implicitDeny" });
    });
});

describe("other policies", () => {
    it("let whoever has kms:* sign where kms:* is delegated: the run must be able to see that", async () =>
        expect(await ask(callers.administrator, "kms:Sign", { resourcePolicy: delegatingPolicy })).toMatchObject({
            decision: "allow",
        }));

    it.each(["narrowed", "bounded"] as const)("are limited by a session policy and a boundary: %s", async (who) => {
        const delegated = { resourcePolicy: delegatingPolicy };
        expect(await ask(callers[who], "kms:Sign", delegated)).toMatchObject({ decision: "implicitDeny" });
        expect(await ask(callers[who], "kms:DescribeKey", delegated)).toMatchObject({ decision: "allow" });
    });

    it("need both sides across accounts", async () => {
        expect(await ask(callers.outsider, "kms:Sign", { resourcePolicy: delegatingPolicy })).toMatchObject({
            decision: "implicitDeny",
        });
        const shared = policy({
            Sid: "Shared",
            Effect: "Allow",
            Principal: { AWS: SECOND },
            Action: "kms:Sign",
            Resource: "*",
        });
        expect(await ask(callers.outsider, "kms:Sign", { resourcePolicy: shared })).toMatchObject({
            decision: "allow",
        });
        expect(await ask(callers.administrator, "kms:Sign", { resourcePolicy: shared })).toMatchObject({
            decision: "implicitDeny",
        });
    });

    it("count from the identity side alone for what has no key yet", async () => {
        const create = { resource: "*", resourcePolicy: null };
        expect(await ask(callers.administrator, "kms:CreateKey", create)).toMatchObject({ decision: "allow" });
        expect(await ask(callers.operator, "kms:CreateKey", create)).toMatchObject({ decision: "implicitDeny" });
    });

    it("are missing for a key that nobody knows: denied", async () =>
        expect(await ask(callers.administrator, "kms:DescribeKey", { resourcePolicy: null })).toMatchObject({
            decision: "implicitDeny",
        }));
});

describe("a request that does not authenticate", () => {
    it.each([
        ["nobody's", { headers: { host: "127.0.0.1" } }, "MissingAuthenticationTokenException"],
        [
            "of another scheme",
            { headers: { host: "127.0.0.1", authorization: "Bearer x" } },
            "IncompleteSignatureException",
        ],
        ["whose body was swapped", { bodyBase64: Buffer.from("{}").toString("base64") }, "InvalidSignatureException"],
        ["whose method was swapped", { method: "PUT" }, "InvalidSignatureException"],
    ])("%s, is refused before any policy", async (_name, more, code) =>
        expect(await ask(callers.signer, "kms:Sign", { ...DIGEST, ...more })).toMatchObject({
            authenticated: false,
            allowed: false,
            error: { code },
        }),
    );

    it.each([
        [
            "an unknown key",
            () => ({ accessKeyId: "AKIANOBODYKNOWSTHIS0", secretAccessKey: "x" }),
            "UnrecognizedClientException",
        ],
        ["a wrong secret", () => ({ ...ROOT, secretAccessKey: "x" }), "InvalidSignatureException"],
        ["test", () => ({ accessKeyId: "test", secretAccessKey: "test" }), "UnrecognizedClientException"],
        [
            "an account id for a key",
            () => ({ accessKeyId: ACCOUNT, secretAccessKey: "test" }),
            "UnrecognizedClientException",
        ],
        ["a garbage token", () => ({ ...callers.signer, sessionToken: "garbage" }), "UnrecognizedClientException"],
        [
            "no token",
            () => ({ accessKeyId: callers.signer.accessKeyId, secretAccessKey: callers.signer.secretAccessKey }),
            "UnrecognizedClientException",
        ],
    ])("by %s, is refused", async (_name, credentials, code) =>
        expect(await ask(credentials(), "kms:Sign", DIGEST)).toMatchObject({ authenticated: false, error: { code } }),
    );

    it("and is signed for another service, is refused", async () => {
        const request = await emulator.signed(STSClient, callers.signer, (sts) =>
            sts.send(new GetCallerIdentityCommand({})),
        );
        const question = { action: "kms:Sign", resource: KEY, resourcePolicy: signingKeyPolicy, ...DIGEST };
        const { body } = await emulator.control("authorize", { ...request, ...question });
        expect(body).toMatchObject({ authenticated: false, error: { code: "InvalidSignatureException" } });
    });
});

it("answers 400 to a question that is not of the contract", async () =>
    expect(await emulator.control("authorize", { action: "kms:Sign" })).toMatchObject({ status: 400 }));
