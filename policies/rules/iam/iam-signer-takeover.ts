import { takeoverPaths } from "../../../lib/iam/takeover";
import type { ParsedPolicy, Scope } from "../../../lib/iam/types";
import { documentsOf, IDENTITY_TYPES, identityDocuments, parseOnce } from "../../documents";
import { takeoverFinding } from "../../identity-powers";
import { nameOfRole, NO_SCOPE, roleArn, scopeOf } from "../../place";
import { read, valueOf } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule, type StackFinding } from "../../rule";
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
        "directMode",
        "oidcProviders",
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
        if (documents.length === 0 && resource.type !== ROLE) return [];
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return [
            ...documents.flatMap((document) =>
                takeoverPaths(worldOfDocument(document, settings, scope)).map((path) =>
                    takeoverFinding(path, document.at),
                ),
            ),
            ...(resource.type === ROLE ? roleFindings(resource, settings, scope) : []),
        ];
    },
    checkStack: (resources, settings) => stackFindings(resources, settings),
};

const ROLE = "aws:iam/role:Role";

/**
 * Roles whose holders the graph lets pass: exempt ones, which nobody judges, and stepping stones, whose work it is to call a signer or to
 * write its tables. Whoever the program lets into such a role does what it does.
 */
function roleFindings(resource: ResourceView, settings: Settings, scope: Scope): Finding[] {
    const name = valueOf(read<string>(() => resource.props.name));
    if (name === undefined) return []; // iam-signer-trust-exact
    const lower = name.toLowerCase(); // AWS keeps names unique whatever their case
    const exempt = [settings.deployRole, ...settings.keyAdmins, ...settings.breakGlass.map(({ arn }) => arn)].find(
        (arn) => arn.startsWith(roleArn(scope, "")) && nameOfRole(arn).toLowerCase() === lower,
    );
    if (exempt !== undefined)
        return [
            {
                at: "name",
                saw: `${exempt} is exempt in the settings, expected a role that others declare`,
                threat: "T51",
            },
        ];
    const writes = settings.controlTables.some(({ writers }) => writers.some((one) => one.toLowerCase() === lower));
    const calls = settings.signers.some(({ invokers }) => invokers.some((one) => one.toLowerCase() === lower));
    if ((!writes && !calls) || settings.signers.some(({ role }) => role === name)) return [];
    const services = writes ? WRITER_SERVICES : INVOKER_SERVICES;
    return documentsOf(resource)
        .filter(({ kind }) => kind === "trust")
        .flatMap(({ at, text }) =>
            text.kind === "known" ? strangers(parseOnce(text.value, "trust"), services, `${at} `) : [],
        )
        .map((finding) => ({
            ...finding,
            saw: `${finding.saw}, and the role ${writes ? "writes a control table" : "calls a signer"}: expected ${services.join(" or ")} alone`,
            threat: "T51",
        }));
}

/** A table is written by a function, whose code the program shows; signers are called by a machine or a function. */
const WRITER_SERVICES = ["lambda.amazonaws.com"];
const INVOKER_SERVICES = ["states.amazonaws.com", "lambda.amazonaws.com"];

function strangers({ document }: ParsedPolicy, services: readonly string[], at: string): Finding[] {
    return document.statements
        .filter(({ effect }) => effect === "Allow")
        .flatMap((statement): Finding[] => {
            const { principals, opaque } = statement;
            if (opaque || principals === undefined || principals.negated)
                return [{ at: `${at}${statement.at}`, saw: "trust in whoever" }];
            return principals.entries
                .filter(({ kind, text }) => kind !== "service" || !services.includes(text))
                .map((entry) => ({ at: `${at}${entry.at}`, saw: `trust in another ${entry.kind}` }));
        });
}

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
