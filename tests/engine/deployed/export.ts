import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Deployed, PROJECT_FOLDER } from "./stage";

type Document = { readonly Version: string; readonly Statement: readonly Record<string, unknown>[] };

interface Exported {
    readonly urn: string;
    readonly type: string;
    readonly inputs: Record<string, unknown>;
    readonly outputs: Record<string, unknown>;
    readonly propertyDependencies?: Record<string, string[]>;
}

interface Violation {
    readonly rule: string;
    readonly resource: string;
}

const SETTINGS = join("policies", "settings.local.json");
/** How the engine writes a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const GUEST = "arn:aws:iam::111122223333:role/guest";

/** What is deployed, exported by the real engine and judged without it: clean as it is, and found once it is spoiled. */
export function exportSuite(stage: () => Deployed): void {
    describe("npm run policy on the export of the deployed stack", () => {
        let folder: string;
        let text: string;
        beforeAll(async () => {
            folder = mkdtempSync(join(tmpdir(), "countersign-export-"));
            text = JSON.stringify(await stage().stack.exportState());
        });
        afterAll(() => rmSync(folder, { recursive: true, force: true }));

        function judged(content: string, ...more: readonly string[]) {
            const file = join(folder, "stack.json");
            writeFileSync(file, content);
            return node(file, "--settings", SETTINGS, "--json", ...more);
        }

        it("says that it is clean, as a person calls it", () => {
            const file = join(folder, "clean.json");
            writeFileSync(file, text);
            const { status, stdout } = spawnSync(
                "npm",
                ["run", "--silent", "policy", "--", file, "--settings", SETTINGS, "--json"],
                { cwd: PROJECT_FOLDER, encoding: "utf8" },
            );
            expect({ status, found: JSON.parse(stdout) as unknown }).toEqual({
                status: 0,
                found: { violations: [], notices: [] },
            });
        });

        it.each(spoiled())("finds %s by %s", (_what, rule, type, name, change) => {
            const stack = JSON.parse(text) as { deployment: { resources: Exported[] } };
            const found = stack.deployment.resources.filter(
                (one) => one.type === type && one.urn.endsWith(`::${name}`),
            );
            expect(found).toHaveLength(1);
            change(found[0]!, stack.deployment.resources);
            const { status, stdout } = judged(JSON.stringify(stack));
            const { violations } = JSON.parse(stdout) as { violations: Violation[] };
            expect({ status, rules: violations.map((one) => one.rule) }).toEqual({
                status: 1,
                rules: expect.arrayContaining([rule]) as string[],
            });
        });

        const broken: [string, (whole: string) => string][] = [
            ["nothing", () => ""],
            ["half of it", (whole) => whole.slice(0, whole.length / 2)],
            ["another JSON", () => '{"a":1}'],
            ["no resource", () => JSON.stringify({ version: 3, deployment: { resources: [] } })],
            ["another version", (whole) => whole.replace(/^\{"version":\d+/, '{"version":99')],
            ["a resource without urn", (whole) => whole.replace('"urn":', '"urm":')],
            ["inputs that are a text", (whole) => whole.replace('"inputs":{', '"inputs":"x","other":{')],
        ];
        it.each(broken)("cannot decide %s", (_what, spoil) => {
            const content = spoil(text);
            expect(content).not.toBe(text);
            const { status, stdout, stderr } = judged(content);
            expect({ status, error: JSON.parse(stdout) as unknown }).toEqual({
                status: 3,
                error: { error: { status: 3, message: expect.any(String) as string } },
            });
            expect(stderr).toMatch(/^cannot be decided: /);
        });

        it.each([
            ["an option that is none", ["--nothing"]],
            ["settings that are not there", ["--settings", "none.json"]],
        ])("refuses %s", (_what, more) => expect(judged(text, ...more)).toMatchObject({ status: 2 }));
    });
}

function node(...args: readonly string[]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [join("dist", "policy.js"), ...args], {
        cwd: PROJECT_FOLDER,
        encoding: "utf8",
    });
    return { status, stdout, stderr };
}

type Change = (one: Exported, all: Exported[]) => void;

const KEY = "aws:kms/key:Key";
const ROLE = "aws:iam/role:Role";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const FUNCTION = "aws:lambda/function:Function";

/** What, by which rule, on which resource, how. */
function spoiled(): [string, string, string, string, Change][] {
    return [
        ["a key's policy opened", "kms-sign-exclusive", KEY, "modules-v1", inState(withGuest)],
        [
            "a key's policy opened in the cloud alone, as a refresh shows it",
            "kms-sign-exclusive",
            KEY,
            "files-v1",
            ({ outputs }) => void (outputs["policy"] = withGuest(String(outputs["policy"]))),
        ],
        [
            "the Deny gone from a key's policy",
            "kms-sign-explicit-deny",
            KEY,
            "files-v1",
            inState((policy) => edited(policy, (all) => all.filter(({ Sid }) => Sid !== "DenySignOthers"))),
        ],
        [
            "a step that may sign",
            "iam-sign-identity-docs",
            ROLE_POLICY,
            "pipeline-publish",
            inState((policy) =>
                edited(policy, (all) => [...all, { Effect: "Allow", Action: ["kms:S*"], Resource: "*" }]),
            ),
        ],
        [
            "a signer that another service becomes",
            "iam-signer-trust-exact",
            ROLE,
            "modules-v1-signer",
            inState(
                (trust) =>
                    edited(trust, (all) => [
                        ...all,
                        {
                            Effect: "Allow",
                            Principal: { Service: "states.amazonaws.com" },
                            Action: "sts:AssumeRole",
                        },
                    ]),
                "assumeRolePolicy",
            ),
        ],
        [
            "a variable of the signer that loads other code",
            "signer-runtime-pinned",
            FUNCTION,
            "pipeline-sign-modules",
            (one) => {
                for (const state of [one.inputs, one.outputs]) {
                    const { variables } = state["environment"] as { variables: Record<string, string> };
                    state["environment"] = { variables: { ...variables, NODE_OPTIONS: "--import=data:x" } };
                }
            },
        ],
        [
            "an alias that leads to another key",
            "kms-alias-target",
            "aws:kms/alias:Alias",
            "modules-v1",
            (one, all) => {
                const other = all.find(({ type, urn }) => type === KEY && urn.endsWith("::files-v1"))!;
                for (const state of [one.inputs, one.outputs]) state["targetKeyId"] = other.outputs["keyId"];
                one.propertyDependencies!["targetKeyId"] = [other.urn];
            },
        ],
        [
            "an encrypted secret where a policy is",
            "iam-policy-doc-known",
            ROLE_POLICY,
            "pipeline-prepare",
            ({ inputs, outputs }) => {
                const hidden = { [SIGNATURE]: SECRET, ciphertext: "v1:AAAA:BBBB" };
                inputs["policy"] = hidden;
                outputs["policy"] = hidden;
            },
        ],
        [
            "a key that is not protected",
            "kms-key-protect-and-window",
            KEY,
            "log-key",
            (one) => void ((one as { protect?: boolean }).protect = false),
        ],
        [
            "a provider of another account",
            "provider-pinned",
            "pulumi:providers:aws",
            "aws",
            ({ inputs }) => void (inputs["allowedAccountIds"] = '["444455556666"]'),
        ],
        [
            "a role that gives itself to anybody",
            "iam-trust-no-wildcard",
            ROLE,
            "pipeline-verify",
            inState(
                (trust) =>
                    edited(trust, (all) => [...all, { Effect: "Allow", Principal: "*", Action: "sts:AssumeRole" }]),
                "assumeRolePolicy",
            ),
        ],
        [
            "the same key with a second policy, half deleted",
            "kms-sign-exclusive",
            KEY,
            "modules-v1",
            (one, all) => {
                const old = structuredClone(one) as Exported & { delete?: boolean };
                old.inputs["policy"] = withGuest(String(old.inputs["policy"]));
                old.delete = true;
                all.push(old);
            },
        ],
    ];
}

function inState(change: (text: string) => string, member = "policy"): Change {
    return ({ inputs, outputs }) => {
        const text = change(String(inputs[member]));
        inputs[member] = text;
        outputs[member] = text;
    };
}

function edited(text: string, change: (statements: Document["Statement"]) => Document["Statement"]): string {
    const document = JSON.parse(text) as Document;
    return JSON.stringify({ ...document, Statement: change(document.Statement) });
}

function withGuest(text: string): string {
    return edited(text, (all) => [
        ...all,
        { Sid: "Guest", Effect: "Allow", Principal: { AWS: GUEST }, Action: "kms:Sign", Resource: "*" },
    ]);
}
