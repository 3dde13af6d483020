import { type Json, type Mutant, withTrust } from "./program";
import { CI, GITHUB, oidc, SUBJECT, WORKFLOW } from "./trust";

const claims = { [`${GITHUB}:aud`]: "sts.amazonaws.com", [`${GITHUB}:sub`]: SUBJECT };

function trusts(threat: string, name: string, StringEquals: Json): Mutant {
    return {
        threat,
        rule: "iam-trust-notices",
        name,
        settings: CI as unknown as Mutant["settings"] & object,
        change: (program) => [withTrust(program, "pipeline-prepare", [oidc({ StringEquals })])],
    };
}

/** What is announced, and stops nothing. */
export const notices: readonly Mutant[] = [
    trusts("T44", "a wildcard under StringEquals", { ...claims, [`${GITHUB}:sub`]: "repo:acme@1001/*" }),
    trusts("T46", "a workflow at a tag", { ...claims, [`${GITHUB}:job_workflow_ref`]: WORKFLOW }),
    trusts("T46", "an environment", { ...claims, [`${GITHUB}:sub`]: "repo:acme@1001/release@2002:environment:prod" }),
];
