import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readExport } from "../../../policies/judge/stack-export";

const FOLDER = join(__dirname, "../../../examples/pull-request");
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const KEY = "urn:pulumi:dev::countersign::aws:kms/key:Key::files-v1";
const PROVIDER = "urn:pulumi:dev::countersign::pulumi:providers:aws::aws";

/** A step as `pulumi preview --json` writes it (3.259.0). */
const step = (op: string, urn: string, inputs: object = {}, provider?: string) => ({
    op,
    urn,
    ...(provider && { provider }),
    newState: { urn, custom: true, type: urn.split("::")[2], inputs, propertyDependencies: {} },
    detailedDiff: null,
});
const STEPS = [
    step("create", PROVIDER, { region: "eu-west-1" }),
    step("update", KEY, { description: "files", policy: UNKNOWN }, `${PROVIDER}::${UNKNOWN}`),
];

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "preview-"))));
afterEach(() => rmSync(folder, { recursive: true }));

describe("planned.mjs", () => {
    function planned(preview: unknown): { status: number | null; out: string; err: string } {
        const file = join(folder, "preview.json");
        writeFileSync(file, typeof preview === "string" ? preview : JSON.stringify(preview));
        const { status, stdout, stderr } = spawnSync(process.execPath, [join(FOLDER, "planned.mjs"), file], {
            encoding: "utf8",
        });
        return { status, out: stdout, err: stderr };
    }

    test("what is planned is what the judge reads, with its provider, and unknown where `up` will know", () => {
        const deleted = { op: "delete", urn: `${KEY}-old`, oldState: {} };
        const replaced = step("delete-replaced", KEY, { description: "old" });
        const judged = readExport(JSON.parse(planned({ steps: [...STEPS, deleted, replaced] }).out));
        expect(judged.map(({ view }) => view.name)).toEqual(["aws", "files-v1"]);
        expect(judged[1]?.view).toMatchObject({
            type: "aws:kms/key:Key",
            props: { description: "files", policy: UNKNOWN },
            provider: { name: "aws", props: { region: "eu-west-1" } },
        });
    });

    test("what AWS gave a resource that stays is kept, and nothing that the program sets, or did", () => {
        const oldState = {
            inputs: { description: "old", policy: "old" },
            outputs: { description: "old", policy: "old", isEnabled: true, arn: "arn:1", keyId: "1" },
        };
        const update = { ...step("update", KEY, { description: "new", isEnabled: false }), oldState };
        expect(readExport(JSON.parse(planned({ steps: [update] }).out))[0]).toMatchObject({
            view: { props: { description: "new", isEnabled: false } },
        });
        expect(readExport(JSON.parse(planned({ steps: [update] }).out))[0]?.outputs).toEqual({
            arn: "arn:1",
            keyId: "1",
        });
        const [judged] = readExport(JSON.parse(planned({ steps: [{ ...update, op: "replace" }] }).out));
        expect(judged?.outputs).toEqual({});
    });

    test("a secret, which a preview shows as a text, is unknown and not that text", () => {
        const hidden = step("create", KEY, { policy: "[secret]", tags: { a: ["[secret]", "[secret] b"] } });
        const [judged] = readExport(JSON.parse(planned({ steps: [hidden] }).out));
        expect(judged?.view.props).toEqual({ policy: UNKNOWN, tags: { a: [UNKNOWN, "[secret] b"] } });
    });

    test.each<[string, unknown, RegExp]>([
        ["no JSON", "Previewing update", /JSON/],
        ["no step", { steps: [] }, /no steps/],
        ["an unknown operation", { steps: [step("conjure", KEY)] }, /"conjure" of a step is not known/],
        ["a step without its state", { steps: [{ op: "create", urn: KEY }] }, /no new state/],
        ["a failed preview", { steps: STEPS, diagnostics: [{ severity: "error", message: "x" }] }, /not whole/],
    ])("%s is not judged", (_, preview, text) => {
        expect(planned(preview)).toMatchObject({ status: 3, out: "", err: expect.stringMatching(text) });
    });
});

describe("preview.sh", () => {
    interface Given {
        /** How the preview under the pack, and the policy, end. */
        readonly pack?: number;
        readonly policy?: number;
        /** How check-config ends. */
        readonly check?: number;
        readonly plan?: string;
        readonly env?: Record<string, string>;
    }

    /** The script with npm, npx and curl of ours, each writing down what it saw. */
    function preview({ pack = 0, policy = 0, check = 0, plan = JSON.stringify({ steps: STEPS }), env = {} }: Given) {
        const bin = join(folder, "bin");
        mkdirSync(bin);
        writeFileSync(join(folder, "plan.json"), plan);
        const put = (name: string, body: string) => {
            writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`);
            chmodSync(join(bin, name), 0o755);
        };
        put(
            "npx",
            `env > "${folder}/environment"; cp "$AWS_WEB_IDENTITY_TOKEN_FILE" "${folder}/token"; echo "$*" >> "${folder}/previews"
case "$*" in *--json*) cat "${folder}/plan.json";; *) exit ${pack};; esac`,
        );
        put(
            "npm",
            `case "$*" in *" config "*) echo '{}';; *check-config*) exit ${check};; *) echo '<!-- verdict -->'; exit ${policy};; esac`,
        );
        put("curl", `cat > "${folder}/header"; echo "$*" > "${folder}/asked"; echo '{"value":"asked.for.token"}'`);
        const verdict = join(folder, "verdict.md");
        const { status, stderr } = spawnSync("sh", [join(FOLDER, "preview.sh"), verdict], {
            cwd: join(FOLDER, "../.."),
            encoding: "utf8",
            env: {
                PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`,
                TMPDIR: folder,
                STACK: "dev",
                PREVIEW_ROLE_ARN: "arn:aws:iam::111122223333:role/preview",
                ...env,
            },
        });
        const seen = (name: string): string =>
            existsSync(join(folder, name)) ? readFileSync(join(folder, name), "utf8") : "";
        return { status, stderr, seen };
    }

    const GITLAB = { ID_TOKEN: "given.token" };
    const GITHUB = {
        ACTIONS_ID_TOKEN_REQUEST_URL: "https://forge.example/token?x=1",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: "s3cret",
    };

    test.each([0, 1, 2, 3])("ends with the policy's status %i", (policy) => {
        const { status, seen } = preview({ policy, pack: policy === 0 ? 0 : 255, env: GITLAB });
        expect(status).toBe(policy);
        expect(seen("verdict.md")).toBe("<!-- verdict -->\n");
    });

    test("previews twice, without refresh: under the pack, and for the plan", () => {
        const [under, plan, ...more] = preview({ env: GITLAB }).seen("previews").trimEnd().split("\n");
        expect(under).toMatch(
            /^--no-install pulumi preview .*--refresh=false .*--policy-pack policies --policy-pack-config/,
        );
        expect(plan).toMatch(/--refresh=false --json --show-sames$/);
        expect(more).toEqual([]);
    });

    test("a plan that looks clean though the pack stopped it is undecided, without a verdict", () => {
        const { status, stderr, seen } = preview({ pack: 255, env: GITLAB });
        expect(status).toBe(3);
        expect(stderr).toMatch(/the pack stopped it/);
        expect(seen("verdict.md")).toBe("");
    });

    test("a configuration of the pack that is weakened stops before anything runs", () => {
        const { status, seen } = preview({ check: 1, env: GITLAB });
        expect(status).toBe(3);
        expect(seen("previews")).toBe("");
    });

    test("a preview that gives no plan is undecided", () => {
        expect(preview({ plan: "", env: GITLAB }).status).toBe(3);
    });

    test("asks for the token with the audience, by no argument, and hands the request's own token on to nobody", () => {
        const { status, seen } = preview({ env: GITHUB });
        expect(status).toBe(0);
        expect(seen("asked")).toContain("https://forge.example/token?x=1&audience=sts.amazonaws.com");
        expect(seen("asked")).not.toContain("s3cret");
        expect(seen("header")).toBe("authorization: bearer s3cret\n");
        expect(seen("token")).toBe("asked.for.token");
        expect(seen("environment")).not.toMatch(/s3cret|ACTIONS_ID_TOKEN/);
        expect(seen("environment")).toContain("AWS_ROLE_ARN=arn:aws:iam::111122223333:role/preview");
    });

    test("GitLab's token comes by the environment, and goes no further than its file", () => {
        const { seen } = preview({ env: GITLAB });
        expect(seen("token")).toBe("given.token");
        expect(seen("environment")).not.toContain("given.token");
    });

    test("without a token nothing is previewed", () => {
        const { status, stderr, seen } = preview({});
        expect(status).toBe(3);
        expect(stderr).toMatch(/fork's request/);
        expect(seen("previews")).toBe("");
    });

    test("leaves no token behind", () => {
        preview({ env: GITLAB });
        rmSync(join(folder, "token"));
        expect(execFileSync("find", [folder, "-name", "token"], { encoding: "utf8" })).toBe("");
    });
});
