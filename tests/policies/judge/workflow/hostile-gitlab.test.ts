/**
 * Pipelines of GitLab that say one thing by structure and do another. Proves nothing about what a runner does with a file.
 */
import { describe, expect, it } from "vitest";
import { gitlab, SCRIPT } from "./hostile";
import { FOLDER, problemsIn, read } from "./mutants";

const PROTECTED = '$CI_COMMIT_REF_PROTECTED == "true"';
const REQUEST = read(`${FOLDER}/gitlab-ci.yml`);
const BARE = "pulumi up --yes";

it("the bases are clean", () => {
    for (const text of [gitlab(), gitlab([SCRIPT]), REQUEST]) expect(problemsIn(text)).toEqual([]);
});

describe("found are", () => {
    it.each<[string, string, RegExp]>([
        ["lists in lists", gitlab([...SCRIPT, [["echo x", BARE]]]), /an update without/],
        [
            "what comes after, which fails nothing",
            gitlab(SCRIPT.slice(0, 3), { after_script: SCRIPT.slice(3) }),
            /swallowed/,
        ],
        ["a preview that comes after", gitlab(["make"], { after_script: SCRIPT }), /no preview under the pack/],
        ["a global script", gitlab(SCRIPT, {}, { before_script: [BARE] }), /an update without/],
        ["hooks", gitlab(SCRIPT, { hooks: { pre_get_sources_script: [BARE] } }), /hooks, whose scripts/],
        ["an entrypoint", gitlab(SCRIPT, { image: { name: "x", entrypoint: ["true"] } }), /an entrypoint/],
        [
            "files of another project",
            gitlab(SCRIPT, { needs: [{ project: "a/b", job: "x", ref: "main", artifacts: true }] }),
            /files of another project/,
        ],
        [
            "files of another pipeline",
            gitlab(SCRIPT, { needs: [{ pipeline: "$UPSTREAM", job: "x" }] }),
            /files of another project or pipeline/,
        ],
        ["a failure allowed by status", gitlab(SCRIPT, { allow_failure: { exit_codes: [1] } }), /allow_failure/],
        [
            "a failure allowed in a rule, by status",
            gitlab(SCRIPT, { rules: [{ if: PROTECTED, allow_failure: { exit_codes: 1 } }] }),
            /allow_failure/,
        ],
        ["a rule without condition", gitlab(SCRIPT, { rules: [{ when: "always" }] }), /a rule admits/],
        ["a rule by changes alone", gitlab(SCRIPT, { rules: [{ changes: ["**"] }] }), /a rule admits/],
        ["a rule with an or", gitlab(SCRIPT, { rules: [{ if: `${PROTECTED} || $X` }] }), /a rule admits/],
        [
            "a rule with the words in a text",
            gitlab(SCRIPT, { rules: [{ if: `$X == '&& ${PROTECTED} &&'` }] }),
            /a rule admits/,
        ],
        ["only and except", gitlab(SCRIPT, { rules: undefined, only: ["main"] }), /a rule admits/],
        ["a trace", gitlab(SCRIPT, { variables: { CI_DEBUG_TRACE: "true" } }), /prints tokens/],
        [
            "a variable in a matrix",
            gitlab(SCRIPT, { parallel: { matrix: [{ PULUMI_SKIP_PREVIEW: ["1"] }] } }),
            /PULUMI_SKIP_PREVIEW/,
        ],
        [
            "a variable in a rule",
            gitlab(SCRIPT, { rules: [{ if: PROTECTED, variables: { NODE_OPTIONS: "x" } }] }),
            /NODE_OPTIONS/,
        ],
        [
            "a base that is extended",
            gitlab(SCRIPT, { extends: ".x", script: undefined }, { ".x": { script: [BARE] } }).replace(
                '"script":null,',
                "",
            ),
            /an update without/,
        ],
        ["an include of the project", gitlab(SCRIPT, {}, { include: { local: "x.yml" } }), /another file is included/],
        ["a cache of all jobs", gitlab(SCRIPT, {}, { cache: { paths: ["node_modules"] } }), /a cache/],
        [
            "a request's job with a secret",
            REQUEST.replace("    timeout: 20 minutes", "    timeout: 20 minutes\n    secrets: { X: { vault: a/b } }"),
            /a secret in a request's job/,
        ],
        [
            "the request's own comment.mjs beside the token",
            REQUEST.replace("node /tmp/comment.mjs", "node examples/pull-request/comment.mjs"),
            /the request's own files run beside/,
        ],
        [
            "the request's packages beside the token",
            REQUEST.replace("        - node /tmp", "        - npm ci\n        - node /tmp"),
            /the request's own files run beside/,
        ],
    ])("%s", (_name, text, found) => expect(problemsIn(text).join("\n")).toMatch(found));
});

describe("refused are", () => {
    it.each<[string, string, RegExp]>([
        [
            "jobs that extend themselves",
            gitlab(SCRIPT, { extends: ["a"] }, { a: { extends: ["b"] }, b: { extends: ["a"] } }),
            /extends itself/,
        ],
        [
            "jobs that extend more than a person would write",
            gitlab(
                SCRIPT,
                { extends: Array.from({ length: 9 }, () => ".0") },
                Object.fromEntries(
                    Array.from({ length: 10 }, (_, i) => [
                        `.${i}`,
                        { extends: Array.from({ length: 9 }, () => `.${i + 1}`) },
                    ]),
                ),
            ),
            /too many jobs/,
        ],
        ["two documents", `spec: {}\n---\n${gitlab()}`, /document/i],
        ["tabs", "deploy:\n\tscript: [pulumi up]\n", /./],
        ["a tag", "a: { script: !reference [.b, script] }", /tag/],
    ])("%s", (_name, text, found) => expect(() => problemsIn(text)).toThrow(found));
});
