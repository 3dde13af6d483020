/** Who may do what in MiniStack with the extension, call by call. Proves nothing about the gateway in front of it, or AWS. */
import { request } from "node:http";

import { CreateRoleCommand, DeleteRoleCommand, IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import {
    CreateBucketCommand,
    GetObjectCommand,
    HeadObjectCommand,
    PutBucketPolicyCommand,
    PutObjectCommand,
    S3Client,
    type S3ServiceException,
} from "@aws-sdk/client-s3";
import { AssumeRoleCommand, GetCallerIdentityCommand, GetFederationTokenCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { policy, trust } from "../../support/documents";
import {
    ACCOUNT,
    type Credentials,
    type Decision,
    type Emulator,
    Principals,
    ROOT,
    SECOND,
    SECOND_ROOT,
    outcome,
    refusal,
    startEmulator,
} from "../../support/ministack";

const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const everything = { Sid: "Everything", Effect: "Allow", Action: "*", Resource: "*" };

let emulator: Emulator;
let here: Principals;
let operator: Credentials;
let administrator: Credentials;

beforeAll(async () => {
    emulator = await startEmulator();
    here = new Principals(emulator);
    operator = await here.user("operator", {
        Sid: "Assume",
        Effect: "Allow",
        Action: "sts:AssumeRole",
        Resource: role("admin*"),
    });
    await here.role("administrator", trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }), everything);
    administrator = await here.assume(operator, role("administrator"));
});

afterAll(() => emulator?.stop());

const assume = (as: Credentials, RoleArn: string): Promise<unknown> =>
    emulator.client(STSClient, as).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }));

describe("the root user", () => {
    it("acts by its own key, signed", async () => {
        expect(await outcome(emulator.client(IAMClient, ROOT).send(new ListRolesCommand({})))).toBe("allowed");
        const forged = emulator.client(IAMClient, { ...ROOT, secretAccessKey: "another" });
        expect(await outcome(forged.send(new ListRolesCommand({})))).toBe("SignatureDoesNotMatch");
    });

    it("assumes no role, whatever the role trusts", async () => {
        expect(await refusal(emulator, assume(ROOT, role("administrator")))).toMatchObject({
            decision: "explicitDeny",
            action: "sts:AssumeRole",
            statement: { sid: "RootMayNotAssumeRoles", effect: "Deny", policy: "root user" },
        });
        const federate = emulator.client(STSClient, ROOT).send(new GetFederationTokenCommand({ Name: "someone" }));
        expect(await outcome(federate)).toBe("AccessDenied");
    });

    it("is of its account alone", async () => {
        const { Account, Arn } = await emulator.client(STSClient, SECOND_ROOT).send(new GetCallerIdentityCommand({}));
        expect({ Account, Arn }).toEqual({ Account: SECOND, Arn: `arn:aws:iam::${SECOND}:root` });
        expect((await emulator.client(IAMClient, SECOND_ROOT).send(new ListRolesCommand({}))).Roles).toEqual([]);
    });
});

describe("roles", () => {
    it("of a service admit nobody else", async () => {
        await here.role("admin-of-lambda", trust({ Service: "lambda.amazonaws.com" }));
        expect(await outcome(assume(operator, role("admin-of-lambda")))).toBe("AccessDenied");
        expect(await outcome(assume(administrator, role("admin-of-lambda")))).toBe("AccessDenied");
        expect(await outcome(assume(ROOT, role("admin-of-lambda")))).toBe("AccessDenied");
    });

    it("that name a principal admit it without a policy of its own, and no other of the same name", async () => {
        const nobody = await here.user("nobody");
        await here.role("open", trust({ AWS: `arn:aws:iam::${ACCOUNT}:user/nobody` }));
        await here.role("elsewhere", trust({ AWS: `arn:aws:iam::${ACCOUNT}:user/path/nobody` }));
        expect(await outcome(assume(nobody, role("open")))).toBe("allowed");
        expect(await outcome(assume(nobody, role("elsewhere")))).toBe("AccessDenied");
        expect(await outcome(assume(operator, role("open")))).toBe("AccessDenied");
    });

    it("of another account need both sides", async () => {
        const outsider = await new Principals(emulator, SECOND_ROOT, SECOND).user("outsider", everything);
        await here.role("shared", trust({ AWS: `arn:aws:iam::${SECOND}:root` }));
        await here.role("own", trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }));
        expect(await outcome(assume(outsider, role("shared")))).toBe("allowed");
        expect(await outcome(assume(outsider, role("own")))).toBe("AccessDenied");
    });

    it("that are deleted and made again are not the old sessions' any more", async () => {
        const arn = await here.role("admin-reborn", trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }));
        const session = emulator.client(STSClient, await here.assume(operator, arn));
        const iam = emulator.client(IAMClient, ROOT);
        await iam.send(new DeleteRoleCommand({ RoleName: "admin-reborn" }));
        const again = {
            RoleName: "admin-reborn",
            AssumeRolePolicyDocument: trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }),
        };
        await iam.send(new CreateRoleCommand(again));
        await here.grant("admin-reborn", everything);
        expect(
            await outcome(
                session.send(new AssumeRoleCommand({ RoleArn: role("administrator"), RoleSessionName: "x" })),
            ),
        ).toBe("InvalidClientTokenId");
    });

    it("are judged with their path", async () => {
        const maker = await here.user("maker", {
            Effect: "Allow",
            Action: "iam:CreateRole",
            Resource: role("signing/*"),
        });
        const iam = emulator.client(IAMClient, maker);
        const AssumeRolePolicyDocument = trust({ Service: "lambda.amazonaws.com" });
        const create = (RoleName: string, Path: string): Promise<unknown> =>
            iam.send(new CreateRoleCommand({ RoleName, Path, AssumeRolePolicyDocument }));
        expect(await outcome(create("a", "/signing/"))).toBe("allowed");
        expect(await refusal(emulator, create("b", "/"))).toMatchObject({
            decision: "implicitDeny",
            resource: role("b"),
        });
    });
});

describe("bucket policies", () => {
    const objects = "arn:aws:s3:::countersign-test/*";
    let owner: S3Client;
    const put = (as: Credentials, Key: string, more: object = {}): Promise<unknown> =>
        emulator
            .client(S3Client, as)
            .send(new PutObjectCommand({ Bucket: "countersign-test", Key, Body: "x", ...more }));
    const set = (...statements: readonly object[]): Promise<unknown> =>
        owner.send(new PutBucketPolicyCommand({ Bucket: "countersign-test", Policy: policy(...statements) }));

    beforeAll(async () => {
        owner = emulator.client(S3Client, administrator);
        await owner.send(new CreateBucketCommand({ Bucket: "countersign-test", ObjectLockEnabledForBucket: true }));
    });

    it("admit a role that has no policy at all, by its ARN with path", async () => {
        await here.role("ci/admin-submitter", trust({ AWS: `arn:aws:iam::${ACCOUNT}:root` }));
        const submitter = await here.assume(
            await here.user("ci", { Effect: "Allow", Action: "sts:*", Resource: "*" }),
            role("ci/admin-submitter"),
        );
        const statement = { Effect: "Allow", Action: "s3:PutObject", Resource: objects };
        await set({ ...statement, Principal: { AWS: role("admin-submitter") } });
        expect(await outcome(put(submitter, "a"))).toBe("AccessDenied");
        await set({ ...statement, Principal: { AWS: role("ci/admin-submitter") } });
        expect(await outcome(put(submitter, "a"))).toBe("allowed");
    });

    it("demand conditional writes, of the root user as well", async () => {
        const Null = (key: string): object => ({ Null: { [key]: "true" } });
        const base = { Effect: "Deny", Principal: "*", Action: "s3:PutObject" };
        await set(
            {
                ...base,
                Sid: "New",
                Resource: "arn:aws:s3:::countersign-test/tile/*",
                Condition: Null("s3:if-none-match"),
            },
            {
                ...base,
                Sid: "Known",
                Resource: "arn:aws:s3:::countersign-test/checkpoint",
                Condition: Null("s3:if-match"),
            },
        );
        for (const who of [administrator, ROOT]) {
            expect(await refusal(emulator, put(who, "tile/0"))).toMatchObject({
                decision: "explicitDeny",
                statement: { sid: "New", effect: "Deny", policy: "bucket policy" },
            });
        }
        expect(await outcome(put(administrator, "tile/0", { IfNoneMatch: "*" }))).toBe("allowed");
        expect(await outcome(put(administrator, "tile/0", { IfNoneMatch: "*" }))).toBe("PreconditionFailed");
        expect(await outcome(put(administrator, "checkpoint", { IfNoneMatch: "*" }))).toBe("AccessDenied");
    });

    it("keep from who may not list a name whether there is an object of that name", async () => {
        await put(administrator, "names/there");
        const reader = await here.user("reader", {
            Effect: "Allow",
            Action: ["s3:GetObject", "s3:GetObjectVersion"],
            Resource: objects,
        });
        const lister = await here.user(
            "lister",
            { Effect: "Allow", Action: "s3:GetObject", Resource: objects },
            {
                Effect: "Allow",
                Action: "s3:ListBucket",
                Resource: "arn:aws:s3:::countersign-test",
                Condition: { StringLike: { "s3:prefix": "names/*" } },
            },
        );
        const read = (as: Credentials, Key: string, more: object = {}) =>
            outcome(
                emulator.client(S3Client, as).send(new GetObjectCommand({ Bucket: "countersign-test", Key, ...more })),
            );
        /** Status: an answer to HEAD has no body that could name the error. */
        const head = (as: Credentials, Key: string) =>
            emulator
                .client(S3Client, as)
                .send(new HeadObjectCommand({ Bucket: "countersign-test", Key }))
                .catch((error: S3ServiceException) => error)
                .then(({ $metadata }) => $metadata.httpStatusCode);
        expect(await read(reader, "names/there")).toBe("allowed");
        expect(await read(reader, "names/none")).toBe("AccessDenied");
        expect(await read(reader, "names/there", { VersionId: "00000000-0000-0000-0000-000000000000" })).toBe(
            "AccessDenied",
        );
        expect(await head(reader, "names/none")).toBe(403);
        expect(await read(lister, "names/none")).toBe("NoSuchKey");
        expect(await head(lister, "names/none")).toBe(404);
        expect(await read(lister, "other/none")).toBe("AccessDenied");
        expect(await read(administrator, "other/none")).toBe("NoSuchKey");
    });

    it("do not open to another account's administrator or to nobody", async () => {
        const outsider = await new Principals(emulator, SECOND_ROOT, SECOND).user("stranger", everything);
        const read = new GetObjectCommand({ Bucket: "countersign-test", Key: "tile/0" });
        expect(await outcome(emulator.client(S3Client, outsider).send(read))).toBe("AccessDenied");
        expect(await plain(emulator, "/countersign-test/tile/0")).toBe(403);
        expect(await plain(emulator, "/countersign-test/tile/0", { authorization: "Bearer x" })).toBe(403);
    });
});

describe("the front", () => {
    it("serves only who has the secret", async () => {
        const bare = new S3Client({
            endpoint: emulator.ministack.url,
            region: "eu-west-1",
            credentials: ROOT,
            maxAttempts: 1,
        });
        expect(await outcome(bare.send(new GetObjectCommand({ Bucket: "countersign-test", Key: "tile/0" })))).not.toBe(
            "allowed",
        );
        const health = await fetch(`${emulator.ministack.url}/_countersign/health`);
        expect([health.status, Object.keys((await health.json()) as object)]).toEqual([403, ["error"]]);
    });

    it.each(["/_ministack/config", "/_ministack/reset", "/_localstack/health", "/_aws/sqs/messages"])(
        "does not serve %s",
        async (path) => expect(await plain(emulator, path)).toBe(403),
    );

    it("tells the decision of every call by its request id", async () => {
        const id = (await emulator.client(IAMClient, administrator).send(new ListRolesCommand({}))).$metadata.requestId;
        expect((await emulator.control<Decision>(`decision/${id}`)).body).toMatchObject({
            decision: "allow",
            action: "iam:ListRoles",
            statement: { sid: "Everything", effect: "Allow", policy: "identity policy own" },
            caller: { principalArn: role("administrator") },
        });
        expect((await emulator.control("decision/nothing")).status).toBe(404);
    });

    it("tested every replacement at its start", async () => {
        const { body } = await emulator.control<{
            ok: boolean;
            replaced: string[];
            tests: { name: string; ok: boolean }[];
        }>("health");
        expect(body.ok).toBe(true);
        expect(body.replaced.length).toBeGreaterThan(40);
        expect(body.tests.filter(({ ok }) => !ok)).toEqual([]);
    });
});

/** Status of an unsigned GET. */
function plain(of: Emulator, path: string, headers: Record<string, string> = {}): Promise<number> {
    const { hostname, port } = new URL(of.ministack.url);
    const extension = { "x-countersign-extension": of.ministack.secret };
    return new Promise((done, fail) => {
        const outgoing = request({ hostname, port, path, headers: { ...extension, ...headers } }, (incoming) => {
            incoming.resume();
            done(incoming.statusCode ?? 0);
        });
        outgoing.on("error", fail).end();
    });
}
