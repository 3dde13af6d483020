import { takeoverPaths } from "../../../lib/iam/takeover";
import { IDENTITY_TYPES, identityDocuments } from "../../documents";
import { takeoverFinding } from "../../identity-powers";
import { NO_SCOPE, scopeOf } from "../../place";
import { NIST_LEAST_PRIVILEGE, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { worldOfDocument, worldOfStack } from "../../takeover-world";
import { policyExample } from "../example";

export const iamSignerTakeover: Rule = {
    id: "iam-signer-takeover",
    description:
        "nobody in the stack can become a signer, change its code, pass its role, call its function or write its tables",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T51", "T60", "T61", "T62", "T63", "T64", "T65", "T66", "T67", "T68"],
    types: IDENTITY_TYPES,
    fix: "take the action out, narrow its resource, or list the principal in the settings with a reason",
    reads: [
        "accountId",
        "orgId",
        "regions",
        "signers",
        "controlTables",
        "deployRole",
        "breakGlass",
        "keyAdmins",
        "outsidePolicies",
        "stackPolicies",
        "boundaryPolicies",
    ],
    good: policyExample({
        Action: "lambda:InvokeFunction",
        Resource: "arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-intake",
    }),
    bad: policyExample({
        Action: "lambda:UpdateFunctionCode",
        Resource: "arn:aws:lambda:eu-west-1:111122223333:function:countersign-dev-*",
    }),
    check: (resource, settings) => {
        const documents = identityDocuments(resource, settings.boundaryPolicies);
        if (documents.length === 0) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return documents.flatMap((document) =>
            takeoverPaths(worldOfDocument(document, settings, scope)).map((path) => takeoverFinding(path, document.at)),
        );
    },
    checkStack: (resources, settings) => stackFindings(resources, settings),
};

/** The whole graph: who reaches a signer over other roles. What one document does alone, the resource half has said. */
function stackFindings(resources: readonly ResourceView[], settings: Settings): StackFinding[] {
    const [first] = resources.filter(({ type }) => type === "aws:iam/role:Role");
    if (first === undefined) return [];
    const scope = scopeOf(first, settings);
    if (scope === undefined) return [{ ...NO_SCOPE, resource: first }];
    return takeoverPaths(worldOfStack(resources, settings, scope)).map((path) => ({
        ...takeoverFinding(path, "policies"),
        resource:
            resources.find(({ name, type }) => type === "aws:iam/role:Role" && path.from.endsWith(`/${name}`)) ?? first,
    }));
}
