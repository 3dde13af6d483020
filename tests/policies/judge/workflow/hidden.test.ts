/**
 * What hides behind other files, defaults and shells is found. Proves nothing about what a forge's runner does with a file, nor about scripts
 * beyond the commands that are written in them.
 */
import { describe } from "vitest";
import { eachIsFound, type Mutant } from "./mutants";

const hidden: Mutant[] = [
    [
        "Pulumi by an action",
        "github-deploy.yml",
        "            - run: npm ci",
        `            - uses: pulumi/actions@${"a".repeat(40)}\n            - run: npm ci`,
        /Pulumi by an action/,
    ],
    [
        "another script beside",
        "github-deploy.yml",
        "            - run: npm ci",
        "            - run: ./examples/pull-request/comment.sh\n            - run: npm ci",
        /an update without --policy-pack/,
    ],
    [
        "a script of a script",
        "deploy.sh",
        "umask 077",
        "sh examples/pull-request/comment.sh",
        /an update without --policy-pack/,
    ],
    [
        "a shell that goes on",
        "github-deploy.yml",
        "            - run: sh examples/pull-request/deploy.sh",
        "            - run: sh examples/pull-request/deploy.sh\n              shell: bash +e {0}",
        /a shell of its own/,
    ],
    [
        "a shell that goes on, for all",
        "github-deploy.yml",
        "\njobs:",
        "\ndefaults: { run: { shell: 'bash {0}' } }\njobs:",
        /a shell of its own/,
    ],
    ["set +e", "deploy.sh", "umask 077", "set +e", /set \+e/],
    [
        "an option by a script",
        "github-deploy.yml",
        "            - run: npm ci",
        '            - run: echo PULUMI_OPTION_SKIP_PREVIEW=true >> "$GITHUB_ENV"\n            - run: npm ci',
        /variable PULUMI_OPTION_SKIP_PREVIEW, which changes what the engine does/,
    ],
    [
        "a job by a merge key",
        "gitlab-deploy.yml",
        "deploy:\n    image",
        "other:\n    <<: &x { id_tokens: { T: { aud: x } }, script: [make] }\ndeploy:\n    image",
        /other: no preview under the pack/,
    ],
    [
        "a job by a default",
        "gitlab-deploy.yml",
        "stages:",
        "default: { before_script: [pulumi up --yes] }\nstages:",
        /deploy: an update without --policy-pack/,
    ],
    [
        "a child pipeline",
        "gitlab-deploy.yml",
        "    stage: deploy",
        "    stage: deploy\n    trigger: { include: x.yml }",
        /trigger, run or inherit/,
    ],
];

describe("what hides behind other files, defaults and shells is found", () => eachIsFound(hidden, 10));
