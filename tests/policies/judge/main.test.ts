/**
 * The command: what it exits with, and prints. Proves nothing about single rules: those have tests of their own.
 */
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { EXAMPLE_PROVIDER, EXAMPLE_SETTINGS } from "../../../policies/rules/example";
import { CANONICAL_KEY } from "../../../policies/rules/kms/example";
import { folder, policy } from "./command";

const SETTINGS = { ...EXAMPLE_SETTINGS, unpinnedCode: "" };
const PROVIDER = "urn:pulumi:dev::countersign::pulumi:providers:aws::aws";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function resource(type: string, name: string, inputs: Readonly<Record<string, unknown>>, more: object = {}): object {
    const urn = `urn:pulumi:dev::countersign::${type}::${name}`;
    return { urn, type, custom: true, id: name, inputs, outputs: inputs, provider: `${PROVIDER}::id`, ...more };
}

const provider = resource("pulumi:providers:aws", "aws", EXAMPLE_PROVIDER.props, { provider: "" });
const key = (inputs: object = {}) =>
    resource(
        "aws:kms/key:Key",
        "modules",
        {
            ...CANONICAL_KEY.props,
            tags: { ...(CANONICAL_KEY.props.tags as object), "data-class": "key" },
            ...inputs,
        },
        { protect: true },
    );
const exported = (...resources: readonly object[]): object => ({ version: 3, deployment: { resources } });

function judged(stack: unknown, ...args: readonly string[]) {
    const root = folder({ "stack.json": stack, "settings.json": SETTINGS });
    return policy(join(root, "stack.json"), "--settings", join(root, "settings.json"), ...args);
}

const POLICY = (Action: string, Resource = "*"): object => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource }],
});

describe("a stack export", () => {
    it("ends with 0 where nothing is wrong, and says how much was judged", async () => {
        // A key would want the trail as well: tests/policies/judge/program.test.ts.
        const table = resource("aws:dynamodb/table:Table", "sessions", {
            name: "sessions",
            tags: { "data-class": "internal" },
        });
        const { status, stdout } = await judged(exported(provider, table));
        expect({ status, stdout }).toEqual({ status: 0, stdout: "no violation (2 resources judged)\n" });
    });

    it("ends with 1 and prints who reaches the key, for machines", async () => {
        const open = JSON.parse(String(CANONICAL_KEY.props.policy)) as { Statement: { Sid: string }[] };
        const policyText = JSON.stringify({
            ...open,
            Statement: [
                ...open.Statement.filter(({ Sid }) => Sid !== "DenySignOthers"),
                {
                    Sid: "Guest",
                    Effect: "Allow",
                    Principal: { AWS: "arn:aws:iam::111122223333:role/guest" },
                    Action: "kms:Sign",
                    Resource: "*",
                },
            ],
        });
        const { status, stdout } = await judged(exported(provider, key({ policy: policyText })), "--json");
        expect(status).toBe(1);
        const { violations } = JSON.parse(stdout) as { violations: Record<string, string>[] };
        expect(violations).toContainEqual(
            expect.objectContaining({
                rule: "kms-sign-exclusive",
                principal: "arn:aws:iam::111122223333:role/guest",
                action: "kms:Sign",
                target: "the key",
                path: "arn:aws:iam::111122223333:role/guest -> kms:Sign -> the key",
            }),
        );
        for (const one of violations)
            for (const member of ["rule", "principal", "action", "target", "at", "path"])
                expect(typeof one[member]).toBe("string");
    });

    it("reads the stack halves on outputs: a second policy found by dependency", async () => {
        const second = resource(
            "aws:kms/keyPolicy:KeyPolicy",
            "second",
            { keyId: "1234", policy: CANONICAL_KEY.props.policy },
            { propertyDependencies: { keyId: ["urn:pulumi:dev::countersign::aws:kms/key:Key::modules"] } },
        );
        const { status, stdout } = await judged(exported(provider, key(), second), "--json");
        expect(status).toBe(1);
        expect(stdout).toContain("second is a second policy of this key");
    });

    it("reads what the state says the cloud holds: a policy that somebody changed there, and a refresh saw", async () => {
        const open = String(CANONICAL_KEY.props.policy).replaceAll("DenySignOthers", "DenyNothing");
        const drifted = open.replace(/"Effect":"Deny"/g, '"Effect":"Allow"');
        expect(drifted).not.toBe(CANONICAL_KEY.props.policy);
        const as = (policyText: unknown) =>
            judged(
                exported(provider, { ...key(), outputs: { ...CANONICAL_KEY.props, arn: "x", policy: policyText } }),
                "--json",
            );
        const before = JSON.parse((await as(CANONICAL_KEY.props.policy)).stdout) as { violations: { rule: string }[] };
        const after = JSON.parse((await as(drifted)).stdout) as { violations: { rule: string }[] };
        const rules = (all: { violations: { rule: string }[] }) => all.violations.map(({ rule }) => rule);
        expect(rules(before)).not.toContain("kms-sign-exclusive");
        expect(rules(after)).toEqual(expect.arrayContaining(["kms-sign-exclusive", "kms-sign-explicit-deny"]));
    });

    it("counts an encrypted document as unknown, never as absent or clean", async () => {
        const hidden = { "4dabf18193072939515e22adb298388d": SECRET, ciphertext: "v1:abc" };
        const { status, stdout } = await judged(exported(provider, key({ policy: hidden })), "--json");
        expect(status).toBe(1);
        expect(stdout).toContain("iam-policy-doc-known");
    });

    it("prints markdown that begins with the marker, and lets no name end a cell or start HTML", async () => {
        const name = "x|<img src=a>@team";
        const { status, stdout } = await judged(
            exported(provider, resource("aws:iam/user:User", name, { name: "u" })),
            "--format",
            "markdown",
        );
        expect(status).toBe(1);
        const lines = stdout.split("\n");
        expect(lines[0]).toBe("<!-- countersign policy pack -->");
        expect(lines).toContain("| rule | where | path to the key | fix |");
        const row = lines.find((line) => line.startsWith("| `iam-no-users-or-keys`"))!;
        expect(row.split(" | ")).toHaveLength(4);
        expect(row).toContain("`x\\u007c<img src=a>@team: ");
    });
});

describe("what cannot be decided ends with 3", () => {
    const cases: Record<string, unknown> = {
        "no JSON": "{",
        "no export": {},
        "another version": { version: 9, deployment: { resources: [provider, key()] } },
        "resources that are no list": { version: 3, deployment: { resources: {} } },
        "a resource without urn": { version: 3, deployment: { resources: [{ type: "aws:kms/key:Key" }] } },
        "inputs that are no object": exported(provider, { ...key(), inputs: "policy" }),
        "outputs that are a list": exported(provider, { ...key(), outputs: [] }),
        "dependencies that are no urns": exported(provider, { ...key(), propertyDependencies: { policy: [7] } }),
        "a provider that is no urn": exported(provider, { ...key(), provider: {} }),
        "an empty file": "",
        "nothing to judge": exported(),
        "pending operations": {
            version: 3,
            deployment: { resources: [provider, key()], pending_operations: [{ type: "creating" }] },
        },
    };
    it.each(Object.entries(cases))("%s", async (_name, stack) => {
        const { status, stdout, stderr } = await judged(stack);
        expect({ status, stdout }).toEqual({ status: 3, stdout: "" });
        expect(stderr).toMatch(/^cannot be decided: /);
    });

    it.each([
        ["a preview's JSON", { steps: [] }, /this is what `pulumi preview --json` prints, .*planned\.mjs/],
        ["settings", SETTINGS, /these are settings, expected the JSON of `pulumi stack export`/],
        ["something else", { a: 1 }, /no version, expected the JSON of `pulumi stack export`/],
    ])("says what it is that was given: %s", async (_name, stack, saw) =>
        expect((await judged(stack)).stderr).toMatch(saw),
    );

    it("a file that is not there", async () => {
        const root = folder({ "settings.json": SETTINGS });
        expect((await policy(join(root, "none.json"), "--settings", join(root, "settings.json"))).status).toBe(3);
    });
});

describe("a folder of IAM JSON", () => {
    const ROLE = "countersign-dev-prepare";
    const clean = {
        "settings.json": SETTINGS,
        "key-policies/modules.json": String(CANONICAL_KEY.props.policy),
        [`identity-policies/${ROLE}/read.json`]: POLICY("s3:GetObject", "arn:aws:s3:::uploads/*"),
        [`trust-policies/${ROLE}.json`]: {
            Version: "2012-10-17",
            Statement: [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }],
        },
    };

    it("ends with 0 where nothing is wrong, with the settings in it", async () => {
        const { status, stdout } = await policy(folder(clean));
        expect({ status, stdout }).toEqual({ status: 0, stdout: "no violation (3 documents judged)\n" });
    });

    it.each([
        ["an identity policy", { [`identity-policies/${ROLE}/sign.json`]: POLICY("kms:S*") }, "iam-sign-identity-docs"],
        ["a managed policy", { "managed-policies/any.json": POLICY("kms:*") }, "iam-sign-identity-docs"],
        ["a key's default policy", { "key-policies/modules.json": POLICY("kms:*") }, "kms-sign-exclusive"],
        ["text that is no JSON", { "key-policies/modules.json": "{" }, "iam-policy-doc-strict-json"],
        [
            "a key that no signer has",
            { "key-policies/other.json": String(CANONICAL_KEY.props.policy) },
            "kms-sign-exclusive",
        ],
        [
            "a trust",
            {
                [`trust-policies/${ROLE}.json`]: {
                    Version: "2012-10-17",
                    Statement: [{ Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" }],
                },
            },
            "iam-trust-no-wildcard",
        ],
    ])("finds %s", async (_name, files, rule) => {
        const { status, stdout } = await policy(folder({ ...clean, ...files }), "--json");
        const { violations } = JSON.parse(stdout) as { violations: { rule: string }[] };
        expect({ status, rules: violations.map((one) => one.rule) }).toEqual({
            status: 1,
            rules: expect.arrayContaining([rule]) as string[],
        });
    });

    it.each([
        ["another folder", { "policies/a.json": "{}" }],
        ["a file that is no .json", { "key-policies/modules.txt": "{}" }],
        ["a policy outside its role's folder", { "identity-policies/a.json": "{}" }],
        ["a folder among key policies", { "key-policies/deep/a.json": "{}" }],
    ])("ends with 3 for %s instead of passing it over", async (_name, files) =>
        expect((await policy(folder({ ...clean, ...files }))).status).toBe(3),
    );

    it("ends with 3 for a folder without documents", async () =>
        expect((await policy(folder({ "settings.json": SETTINGS }))).status).toBe(3));
});

describe("wrong usage ends with 2", () => {
    const file = join(folder({ "stack.json": exported(provider, key()) }), "stack.json");
    it.each([
        ["no file", []],
        ["an export without settings", [file]],
        ["an option that is none", [file, "--nothing"]],
        ["a command that is none", ["setings"]],
        ["a format that is none", [file, "--settings", "{}", "--format", "xml"]],
        ["a setting that is none", [file, "--settings", '{"keyAdmin":[]}']],
        ["a setting of another type", [file, "--settings", '{"keyAdmins":"me"}']],
    ])("%s", async (_name, args) => {
        const { status, stdout, stderr } = await policy(...args);
        expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
        expect(stderr).not.toBe("");
    });

    it("--help says what exits mean, and how a folder is laid out", async () => {
        expect((await policy("--help")).stdout).toContain("3 cannot be decided");
        const { status, stdout } = await policy("judge", "--help");
        expect({ status, hasLayout: stdout.includes("identity-policies/ROLE/POLICY.json") }).toEqual({
            status: 0,
            hasLayout: true,
        });
    });
});
