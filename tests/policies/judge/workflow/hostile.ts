/** A deploy workflow that is clean, in one file, for each forge; what spoils it is written beside each test. */

export const CONFIG = "npm run -s policy -- config --settings policies/settings.dev.json > pack.json";
export const CHECK = "npm run -s policy -- check-config pack.json";
export const PACK = "--policy-pack policies --policy-pack-config pack.json";
export const PREVIEW = `npx --no-install pulumi preview --refresh ${PACK}`;
export const UP = `npx --no-install pulumi up --yes --refresh ${PACK}`;
export const SCRIPT = [CONFIG, CHECK, PREVIEW, UP];

/** @param more members of the job, lines with their own indentation */
export function github(lines: readonly string[] = SCRIPT, more = "", head = ""): string {
    return `on:
    push:
        branches: [main]
permissions:
    contents: read
${head}
jobs:
    deploy:
        runs-on: ubuntu-24.04
        permissions:
            contents: read
            id-token: write
${more}
        steps:
            - run: |
${lines
    .flatMap((line) => line.split("\n"))
    .map((line) => `                  ${line}`)
    .join("\n")}
`;
}

/** The same with a step for each script, and members of the last one. */
export function steps(...texts: readonly string[]): string {
    const base = github();
    return base.slice(0, base.indexOf("            - run: |")) + texts.join("\n") + "\n";
}

export function gitlab(lines: readonly unknown[] = SCRIPT, more: object = {}, file: object = {}): string {
    return JSON.stringify({
        ...file,
        deploy: {
            image: "node:24-bookworm",
            rules: [{ if: '$CI_COMMIT_BRANCH == "main" && $CI_COMMIT_REF_PROTECTED == "true"' }],
            id_tokens: { ID_TOKEN: { aud: "sts.amazonaws.com" } },
            script: lines,
            ...more,
        },
    });
}
