import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";

const FOLDER = join(__dirname, "../../../examples/pull-request");

interface Step {
    readonly uses?: string;
    readonly run?: string;
    readonly with?: Record<string, unknown>;
    readonly env?: Record<string, string>;
}

interface Job {
    readonly if: string;
    readonly permissions: Record<string, string>;
    readonly env?: Record<string, string>;
    readonly steps: readonly Step[];
    readonly "timeout-minutes": number;
    readonly "enable-openid-connect"?: boolean;
}

interface Workflow {
    readonly on: Record<string, unknown>;
    readonly permissions: Record<string, string>;
    readonly "enable-openid-connect"?: boolean;
    readonly jobs: { readonly preview: Job; readonly comment: Job };
}

const textOf = (file: string): string => readFileSync(join(FOLDER, file), "utf8");

describe.each(["github.yml", "forgejo.yml"])("%s", (file) => {
    const text = textOf(file);
    const { on, jobs, ...workflow } = parse(text, { strict: true, uniqueKeys: true }) as Workflow;
    const scripts = (job: Job): string => job.steps.map(({ run = "" }) => run).join("\n");

    test("runs on pull_request alone, which has a subject of its own", () =>
        expect(Object.keys(on)).toEqual(["pull_request"]));

    test("each job has the least rights, and none of them both the role and the comment", () => {
        expect(Object.keys(jobs)).toEqual(["preview", "comment"]);
        expect(workflow.permissions).toEqual({ contents: "read" });
        expect(jobs.preview.permissions).toEqual({ contents: "read", "id-token": "write" });
        expect(jobs.comment.permissions).toEqual({ contents: "read", "pull-requests": "write" });
        expect(workflow["enable-openid-connect"]).toBeUndefined();
        expect(jobs.comment["enable-openid-connect"]).toBeUndefined();
        expect(jobs.preview["enable-openid-connect"]).toBe(file === "forgejo.yml" ? true : undefined);
        for (const job of Object.values(jobs)) expect(job["timeout-minutes"]).toBeLessThanOrEqual(20);
    });

    test("both jobs are off for forks, and no secret is named", () => {
        const guard = "github.event.pull_request.head.repo.full_name == github.repository";
        expect(jobs.preview.if).toBe(guard);
        expect(jobs.comment.if).toMatch(new RegExp(`&& ${guard.replaceAll(".", "\\.")} }}$`));
        expect(text).not.toMatch(/\bsecrets\b/);
    });

    test("actions are pinned by a commit and leave no credentials", () => {
        const used = Object.values(jobs).flatMap(({ steps }) => steps.filter(({ uses }) => uses !== undefined));
        expect(used).toHaveLength(file === "github.yml" ? 2 : 0);
        for (const step of used) {
            expect(step.uses).toMatch(/^actions\/checkout@[0-9a-f]{40}$/);
            expect(step.with?.["persist-credentials"]).toBe(false);
        }
        expect(text).not.toMatch(/git (config|remote add)/);
    });

    test("the request's job installs, builds, previews; it never sees a token in a step that runs the request's code", () => {
        const all = scripts(jobs.preview);
        const order = ["npm ci", "npm run build", "sh examples/pull-request/preview.sh"].map((part) =>
            all.indexOf(part),
        );
        expect(order.every((at) => at >= 0)).toBe(true);
        expect([...order].sort((a, b) => a - b)).toEqual(order);
        for (const { run = "", env = {} } of jobs.preview.steps)
            if (/npm|preview\.sh/.test(run)) expect(env).toEqual({});
        expect(JSON.stringify(jobs.preview.env)).not.toContain("token");
        expect(jobs.preview.env).toMatchObject({ PULUMI_CONFIG_PASSPHRASE: "" });
    });

    test("the commenting job runs the target branch's script and nothing of the request", () => {
        const all = scripts(jobs.comment);
        expect(all).toContain("node examples/pull-request/comment.mjs");
        expect(all).not.toMatch(/npm|npx|preview\.sh/);
        expect(JSON.stringify(jobs.comment.steps[0])).toContain("pull_request.base.sha");
        expect(JSON.stringify(jobs.comment)).not.toContain("head.sha");
    });

    test("nothing that a request chose is put into a script's text", () => {
        for (const job of Object.values(jobs)) expect(scripts(job)).not.toContain("${{");
    });
});

describe("gitlab-ci.yml", () => {
    const text = textOf("gitlab-ci.yml");
    interface GitlabJob {
        readonly extends: string;
        readonly rules?: readonly { if: string; when?: string }[];
        readonly id_tokens?: Record<string, { aud: string }>;
        readonly environment?: { name: string };
        readonly variables: Record<string, string>;
        readonly script: readonly string[];
        readonly cache?: unknown;
    }
    const {
        ".request": base,
        preview,
        comment,
        ...others
    } = parse(text, { strict: true }) as Record<string, GitlabJob>;
    const guard =
        '$CI_PIPELINE_SOURCE == "merge_request_event" && $CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID';

    test("both jobs run for merge requests of the project's own branches alone", () => {
        expect(others).toEqual({ stages: ["preview", "comment"] });
        expect(base?.rules).toEqual([{ if: guard }]);
        expect(preview).toMatchObject({ extends: ".request" });
        expect(preview?.rules).toBeUndefined();
        expect(comment?.rules).toEqual([{ if: guard, when: "always" }]);
    });

    test("the request's job alone has an identity token, the other alone the environment with the comment's token", () => {
        expect(preview?.id_tokens).toEqual({ ID_TOKEN: { aud: "sts.amazonaws.com" } });
        expect([base?.id_tokens, comment?.id_tokens]).toEqual([undefined, undefined]);
        expect(comment?.environment?.name).toBe("pull-request-comment");
        expect([base?.environment, preview?.environment]).toEqual([undefined, undefined]);
        expect(JSON.stringify(preview)).not.toContain("COMMENT_TOKEN");
        expect(text).not.toMatch(/CI_JOB_TOKEN|include:|^ *cache:/m);
    });

    test("the request's job installs, builds, previews; the other runs the target branch's script", () => {
        expect(preview?.script.slice(0, 2)).toEqual(["npm ci", "npm run build"]);
        expect(preview?.script[2]).toContain("sh examples/pull-request/preview.sh verdict.md");
        expect(comment?.script.join("\n")).toContain("git show FETCH_HEAD:examples/pull-request/comment.mjs");
        expect(comment?.script.join("\n")).not.toMatch(/npm|npx|node examples/);
    });
});
