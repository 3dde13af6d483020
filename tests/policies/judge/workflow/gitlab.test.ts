/**
 * A weakened pipeline of GitLab is found. Proves nothing about what a forge's runner does with a file, nor about scripts
 * beyond the commands that are written in them.
 */
import { describe } from "vitest";
import { eachIsFound, type Mutant } from "./mutants";

const gitlab: Mutant[] = [
    [
        "forks",
        "gitlab-ci.yml",
        / && \$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == \$CI_PROJECT_ID/,
        "",
        /preview: a rule admits forks/,
    ],
    [
        "forks by an or",
        "gitlab-ci.yml",
        '"merge_request_event" &&',
        '"merge_request_event" ||',
        /preview: a rule admits forks/,
    ],
    ["no rules", "gitlab-ci.yml", /^ {4}rules:\n.*\n.*\n/m, "", /preview: a rule admits forks/],
    [
        "any branch",
        "gitlab-ci.yml",
        /^( {8}- if: .*)$/m,
        "$1\n        - if: $CI_COMMIT_BRANCH",
        /preview: a rule admits forks/,
    ],
    [
        "a failure allowed",
        "gitlab-ci.yml",
        "    timeout: 20 minutes",
        "    timeout: 20 minutes\n    allow_failure: true",
        /allow_failure/,
    ],
    [
        "a cache",
        "gitlab-ci.yml",
        "    timeout: 20 minutes",
        "    timeout: 20 minutes\n    cache: { paths: [node_modules] }",
        /a cache/,
    ],
    [
        "an included file",
        "gitlab-ci.yml",
        "stages:",
        "include: https://x.example/ci.yml\nstages:",
        /another file is included/,
    ],
    [
        "the comment's token in the preview",
        "gitlab-ci.yml",
        "        STACK: dev",
        "        STACK: dev\n        T: $COMMENT_TOKEN",
        /an identity token and a token that writes/,
    ],
    [
        "the role in the comment's job",
        "gitlab-ci.yml",
        "    timeout: 5 minutes",
        "    timeout: 5 minutes\n    id_tokens: { T: { aud: x } }\n    tags: [$COMMENT_TOKEN]",
        /comment: .*an identity token and|comment: no preview/,
    ],
    [
        "a branch that is not protected",
        "gitlab-deploy.yml",
        ' && $CI_COMMIT_REF_PROTECTED == "true"',
        "",
        /branches that are not protected/,
    ],
    [
        "an update that is cut off",
        "gitlab-deploy.yml",
        "interruptible: false",
        "interruptible: true",
        /cuts an update off/,
    ],
    [
        "a variable of the engine's",
        "gitlab-deploy.yml",
        "        STACK: dev",
        "        STACK: dev\n        PULUMI_SKIP_PREVIEW: '1'",
        /PULUMI_SKIP_PREVIEW/,
    ],
    [
        "other commands",
        "gitlab-deploy.yml",
        "sh examples/pull-request/deploy.sh",
        "pulumi up --yes",
        /without --policy-pack/,
    ],
    [
        "identity tokens for all",
        "gitlab-deploy.yml",
        "stages:",
        "default: { id_tokens: { T: { aud: x } } }\nstages:",
        /every job gets/,
    ],
];

describe("a weakened pipeline of gitlab is found", () => eachIsFound(gitlab, 14));
