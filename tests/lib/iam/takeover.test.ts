import { describe, expect, it } from "vitest";
import { type DeclaredPrincipal, parsePolicy, takeoverPaths, type TakeoverWorld } from "../../../lib/iam";
import { steppingStones } from "../../../lib/iam/takeover";
import { ACCOUNT, ADMIN, canonicalStatements, DEPLOYER, documentOf, type Json, SCOPE, SIGNER } from "./canonical";

/** Proves which declared documents lead to the signer. Proves nothing about documents of other stacks, or about session policies. */

const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const RUNNER = role("runner");
const MACHINE = role("countersign-dev-signing");
const FUNCTION = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:countersign-dev-files-v1-sign`;
const TABLE = `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/countersign-dev-requests`;
const PREPARE = role("countersign-dev-prepare");

const allow = (action: string | string[], resource: string | string[] = "*", condition?: Json): Json => ({
    Effect: "Allow",
    Action: action,
    Resource: resource,
    ...(condition && { Condition: condition }),
});

const service = (...names: string[]): Json => ({
    Effect: "Allow",
    Principal: { Service: names },
    Action: "sts:AssumeRole",
});
const trusting = (arn: string): Json => ({ Effect: "Allow", Principal: { AWS: arn }, Action: "sts:AssumeRole" });
const federated: Json = {
    Effect: "Allow",
    Principal: { Federated: `arn:aws:iam::${ACCOUNT}:oidc-provider/git.example` },
    Action: "sts:AssumeRoleWithWebIdentity",
};

function principal(
    arn: string,
    statements: Json[],
    trust: Json = service("lambda.amazonaws.com"),
    more: Partial<DeclaredPrincipal> = {},
): DeclaredPrincipal {
    const policies =
        statements.length === 0
            ? []
            : [{ name: `policy of ${arn}`, policy: parsePolicy(documentOf(statements), "identity") }];
    return { arn, policies, complete: true, trust: parsePolicy(documentOf([trust]), "trust"), ...more };
}

function world(extra: readonly DeclaredPrincipal[], more: Partial<TakeoverWorld> = {}): TakeoverWorld {
    const key = {
        scope: SCOPE,
        keyPolicy: parsePolicy(documentOf(canonicalStatements()), "key"),
        principals: [],
        grants: [],
    };
    return {
        scope: SCOPE,
        principals: [
            principal(SIGNER, [allow("kms:GetPublicKey"), allow("dynamodb:GetItem", TABLE)]),
            principal(MACHINE, [allow("lambda:InvokeFunction", FUNCTION)], service("states.amazonaws.com")),
            principal(PREPARE, [allow("dynamodb:PutItem", TABLE), allow("s3:GetObject", "arn:aws:s3:::uploads/*")]),
            principal(DEPLOYER, [allow("*")], trusting(ADMIN)),
            ...extra,
        ],
        signers: [{ roleArn: SIGNER, keyName: "files", key, functionArns: [FUNCTION], invokers: [MACHINE] }],
        compute: [{ kind: "lambda", arn: FUNCTION, roleArn: SIGNER }],
        supplies: [],
        tables: [{ arn: TABLE, writers: [PREPARE] }],
        unattached: [],
        exempt: [{ arn: DEPLOYER, reason: "deploys" }],
        ...more,
    };
}

const threatsOf = (value: TakeoverWorld, from = RUNNER): string[] =>
    takeoverPaths(value)
        .filter((path) => path.from === from)
        .map(({ steps }) => steps.map(({ threat }) => threat).join(" "));
const runner = (statements: Json[], trust?: Json, more?: Partial<DeclaredPrincipal>): DeclaredPrincipal =>
    principal(RUNNER, statements, trust, more);

it("finds no path in a stack as it should be", () =>
    expect(takeoverPaths(world([runner([allow("s3:PutObject", "arn:aws:s3:::uploads/*")])]))).toEqual([]));

describe("one move", () => {
    it.each<[string, string, Json[]]>([
        ["another trust", "T60", [allow("iam:UpdateAssumeRolePolicy", role("signing/*"))]],
        ["another policy", "T60", [allow("iam:PutRolePolicy", SIGNER)]],
        ["a managed policy", "T60", [allow("iam:Attach*")]],
        ["a Deny taken away", "T60", [allow("iam:DeleteRolePolicy")]],
        ["a boundary taken away", "T60", [allow("iam:DeleteRolePermissionsBoundary")]],
        ["a tag", "T60", [allow("iam:TagRole")]],
        ["everything but", "T60", [{ Effect: "Allow", NotAction: "s3:*", Resource: "*" }]],
        ["delete and create", "T60", [allow(["iam:DeleteRole", "iam:CreateRole"])]],
        ["its own policies", "T60", [allow("iam:PutRolePolicy", RUNNER)]],
        ["pass and create a function", "T63", [allow("iam:PassRole", SIGNER), allow("lambda:CreateFunction")]],
        [
            "pass under a condition that is met",
            "T63",
            [
                allow("iam:PassRole", "*", { StringEquals: { "iam:PassedToService": "lambda.amazonaws.com" } }),
                allow("lambda:*"),
            ],
        ],
        [
            "the function's code",
            "T64",
            [allow("lambda:UpdateFunctionCode", `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:*`)],
        ],
        ["the function's environment", "T64", [allow("lambda:UpdateFunctionConfiguration", FUNCTION)]],
        ["an invocation", "T67", [allow("lambda:InvokeFunction", FUNCTION)]],
        ["a permission", "T67", [allow("lambda:AddPermission")]],
        ["a function URL", "T67", [allow("lambda:CreateFunctionUrlConfig")]],
        ["an event source", "T67", [allow("lambda:CreateEventSourceMapping")]],
        ["a table item", "T68", [allow("dynamodb:PutItem", TABLE)]],
        ["PartiQL", "T68", [allow("dynamodb:PartiQL*")]],
        ["a table's policy", "T68", [allow("dynamodb:PutResourcePolicy")]],
        ["root of the account", "T62", [allow("sts:AssumeRoot")]],
        ["what cannot be read", "T60", [{ ...allow("s3:GetObject"), Extra: 1 }]],
    ])("%s: %s", (_, threat, statements) => expect(threatsOf(world([runner(statements)]))).toEqual([threat]));

    it.each<[string, Json[]]>([
        [
            "another path",
            [
                allow(["iam:UpdateAssumeRolePolicy", "iam:PutRolePolicy", "iam:PassRole"], role("apps/*")),
                allow("lambda:CreateFunction"),
            ],
        ],
        ["pass without anything to start", [allow("iam:PassRole", SIGNER)]],
        ["something to start without pass", [allow("lambda:CreateFunction")]],
        [
            "pass to a service that the signer does not trust",
            [
                allow("iam:PassRole", SIGNER, { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } }),
                allow("*", "arn:aws:s3:::x"),
            ],
        ],
        [
            "pass and start another service",
            [
                allow("iam:PassRole", SIGNER),
                allow(["ec2:RunInstances", "states:CreateStateMachine", "scheduler:CreateSchedule"]),
            ],
        ],
        ["delete without create", [allow("iam:DeleteRole")]],
        [
            "another function",
            [
                allow(
                    ["lambda:InvokeFunction", "lambda:UpdateFunctionCode"],
                    `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:other`,
                ),
            ],
        ],
        ["another table", [allow("dynamodb:PutItem", `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/other`)]],
        ["reading", [allow(["iam:Get*", "kms:Get*", "lambda:Get*", "dynamodb:GetItem", "dynamodb:Query"])]],
        ["a Deny that beats it", [allow("iam:*"), { Effect: "Deny", Action: "iam:*", Resource: "*" }]],
    ])("none by %s", (_, statements) => expect(threatsOf(world([runner(statements)]))).toEqual([]));

    it("finds a boundary's end of it", () => {
        const boundary = { name: "edge", policy: parsePolicy(documentOf([allow("s3:*")]), "boundary") };
        expect(threatsOf(world([runner([allow("iam:*")], undefined, { boundary })]))).toEqual([]);
    });

    it("counts unknown attachments as everything", () =>
        expect(threatsOf(world([runner([], undefined, { complete: false })]))).toEqual(["T60"]));

    it("finds who may change the key's policy", () => {
        const admin = principal(ADMIN, [], trusting(role("people")));
        const key = world([]).signers[0]?.key;
        expect(key?.keyPolicy?.problems).toEqual([]);
        const value = world([admin, principal(role("people"), [])]);
        expect(threatsOf(value, ADMIN)).toEqual(["T66"]);
        expect(
            threatsOf({ ...value, principals: value.principals.filter(({ arn }) => arn !== DEPLOYER) }, ADMIN),
        ).toEqual(["T66"]);
        expect(
            threatsOf(
                { ...value, exempt: [...value.exempt, { arn: ADMIN, reason: "administers", threats: ["T66", "T62"] }] },
                ADMIN,
            ),
        ).toEqual([]);
    });

    it("asks for AssumeRole only where the trust admits the caller", () => {
        const open = (trust: Json): TakeoverWorld =>
            world([principal(SIGNER, [], trust), runner([allow("sts:AssumeRole")])].concat([]));
        const withTrust = (trust: Json): TakeoverWorld => {
            const value = open(trust);
            return { ...value, principals: value.principals.filter(({ arn }, i) => arn !== SIGNER || i > 0) };
        };
        expect(threatsOf(withTrust(service("lambda.amazonaws.com")))).toEqual([]);
        expect(threatsOf(withTrust(trusting(`arn:aws:iam::${ACCOUNT}:root`)))).toEqual(["T62"]);
        expect(threatsOf(withTrust(trusting(RUNNER)))).toEqual(["T62"]);
        expect(threatsOf(withTrust(trusting(role("other"))))).toEqual([]);
    });
});

describe("several moves", () => {
    it("prints the whole path", () => {
        const middle = principal(role("ops"), [allow("lambda:UpdateFunctionCode", FUNCTION)], trusting(RUNNER));
        const [path] = takeoverPaths(world([runner([]), middle])).filter(({ from }) => from === RUNNER);
        expect(path?.text).toBe(
            `${RUNNER} -> sts:AssumeRole -> ${role("ops")} -> lambda:UpdateFunctionCode on ${FUNCTION} -> ${SIGNER} -> key files`,
        );
        expect(path?.steps.map(({ threat, cause }) => [threat, cause.at])).toEqual([
            ["T62", "Statement[0].Principal.AWS"],
            ["T64", "Statement[0].Action"],
        ]);
    });

    it("takes the deploy role as a way, not as an end", () => {
        const value = world([runner([allow("iam:UpdateAssumeRolePolicy", DEPLOYER)])]);
        expect(threatsOf(value)).toEqual(["T60 T60"]);
    });

    it("goes through compute, supplies and providers of other roles", () => {
        const builder = principal(role("builder"), [allow("iam:PutRolePolicy")], service("codebuild.amazonaws.com"));
        const project = `arn:aws:codebuild:eu-west-1:${ACCOUNT}:project/p`;
        const compute = [{ kind: "codebuild", arn: project, roleArn: role("builder") } as const];
        expect(threatsOf(world([runner([allow("codebuild:StartBuild", project)]), builder], { compute }))).toEqual([
            "T64 T60",
        ]);
        const supplies = [
            { kind: "ecr", arn: `arn:aws:ecr:eu-west-1:${ACCOUNT}:repository/r`, roleArn: role("builder") } as const,
        ];
        expect(threatsOf(world([runner([allow("ecr:*")]), builder], { supplies }))).toEqual(["T65 T60"]);
        const submitter = principal(role("ci"), [allow("iam:AttachRolePolicy")], federated);
        expect(threatsOf(world([runner([allow("iam:UpdateOpenIDConnectProviderThumbprint")]), submitter]))).toEqual([
            "T61 T60",
        ]);
        expect(threatsOf(world([runner([allow("iam:PassRole"), allow("codebuild:CreateProject")]), builder]))).toEqual([
            "T63 T60",
        ]);
    });

    it("goes through users, whose keys can be made", () => {
        const user = principal(`arn:aws:iam::${ACCOUNT}:user/eve`, [
            allow("iam:PutUserPolicy", `arn:aws:iam::${ACCOUNT}:user/eve`),
        ]);
        const value = world([runner([allow("iam:CreateAccessKey")]), user]);
        expect(threatsOf(value, user.arn)).toEqual(["T60"]);
        expect(threatsOf(value)).toEqual(["T60 T60"]);
    });

    it("ends in circles", () => {
        const a = principal(role("a"), [], trusting(role("b")));
        const b = principal(role("b"), [], trusting(role("a")));
        expect(takeoverPaths(world([a, b]))).toEqual([]);
    });

    it("judges unattached policies as somebody", () => {
        const unattached = [{ name: "policy loose", policy: parsePolicy(documentOf([allow("iam:*")]), "managed") }];
        expect(takeoverPaths(world([], { unattached })).map(({ text }) => text)).toEqual([
            `policy loose -> iam:UpdateAssumeRolePolicy -> ${SIGNER} -> key files`,
        ]);
    });
});

describe("stepping stones: who calls the function or writes its tables as its work", () => {
    const prepare = `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:countersign-dev-prepare`;
    const machine = `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:countersign-dev-signing`;
    const compute = [
        { kind: "lambda", arn: prepare, roleArn: PREPARE },
        { kind: "states", arn: machine, roleArn: MACHINE },
    ] as const;

    it.each<[string, string, Json[]]>([
        ["a writer's code", "T64", [allow("lambda:UpdateFunctionCode", prepare)]],
        ["a machine's definition", "T64", [allow("states:UpdateStateMachine", machine)]],
        ["a writer's trust", "T60", [allow("iam:UpdateAssumeRolePolicy", PREPARE)]],
        ["a writer's role, passed", "T63", [allow("iam:PassRole", PREPARE), allow("lambda:CreateFunction")]],
        ["a state tried out", "T63", [allow("iam:PassRole", MACHINE), allow("states:TestState")]],
    ])("%s: %s", (_, threat, statements) =>
        expect(threatsOf(world([runner(statements)], { compute }))).toEqual([threat]),
    );

    it("prints the stone", () => {
        const value = world([runner([allow("lambda:UpdateFunctionCode", prepare)])], { compute });
        expect(takeoverPaths(value).map(({ text }) => text)).toEqual([
            `${RUNNER} -> lambda:UpdateFunctionCode on ${prepare} -> ${PREPARE} -> ${SIGNER} -> key files`,
        ]);
    });

    it("lets stones be what they are, and others start them", () => {
        const starter = runner([allow("states:StartExecution", machine), allow("lambda:InvokeFunction", prepare)]);
        expect(takeoverPaths(world([starter], { compute }))).toEqual([]);
    });

    it("are callers and writers, and no signer", () =>
        expect(steppingStones(world([]), { invokers: [MACHINE, SIGNER] })).toEqual([MACHINE, PREPARE]));
});
