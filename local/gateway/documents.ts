import { parsePolicy } from "../../lib/iam";
import type { Condition, PolicyKind } from "../../lib/iam/types";
import type { ApiRequest } from "./api-request";
import { parseJsonObject } from "./json-body";
import type { Call } from "./operation";
import { type Refusal, refusal } from "./refusal";

/** Where calls carry policy documents, and how each service names a bad one. */
interface Place {
    readonly kind: PolicyKind;
    readonly code: string;
    readonly status?: number;
    /** Absent where the whole body is the document. */
    readonly parameter?: string;
}

const IAM = { code: "MalformedPolicyDocument", status: 400 };
const PLACES: Readonly<Record<string, readonly Place[]>> = {
    "iam:CreateRole": [{ ...IAM, kind: "trust", parameter: "AssumeRolePolicyDocument" }],
    "iam:UpdateAssumeRolePolicy": [{ ...IAM, kind: "trust", parameter: "PolicyDocument" }],
    "iam:PutRolePolicy": [{ ...IAM, kind: "identity", parameter: "PolicyDocument" }],
    "iam:PutUserPolicy": [{ ...IAM, kind: "user", parameter: "PolicyDocument" }],
    "iam:PutGroupPolicy": [{ ...IAM, kind: "group", parameter: "PolicyDocument" }],
    "iam:CreatePolicy": [{ ...IAM, kind: "managed", parameter: "PolicyDocument" }],
    "iam:CreatePolicyVersion": [{ ...IAM, kind: "managed", parameter: "PolicyDocument" }],
    "sts:AssumeRole": [{ ...IAM, kind: "session", parameter: "Policy" }],
    "s3:PutBucketPolicy": [{ kind: "resource", code: "MalformedPolicy", status: 400 }],
    "sqs:CreateQueue": [
        { kind: "resource", code: "InvalidAttributeValue", status: 400, parameter: "Attributes.Policy" },
    ],
    "sqs:SetQueueAttributes": [
        { kind: "resource", code: "InvalidAttributeValue", status: 400, parameter: "Attributes.Policy" },
    ],
    "sns:SetTopicAttributes": [
        { kind: "resource", code: "InvalidParameter", status: 400, parameter: "AttributeValue" },
    ],
    "logs:PutResourcePolicy": [
        { kind: "resource", code: "InvalidParameterException", status: 400, parameter: "policyDocument" },
    ],
};

/**
 * Refuses a policy document before MiniStack stores it, as AWS would refuse it: MiniStack stores anything, and reads
 * what it does not understand in its own way.
 *
 * Only the parser of lib/iam is used here. What a document allows is decided by MiniStack's evaluator alone.
 */
export function checkDocuments(call: Call, request: ApiRequest): Refusal | undefined {
    for (const place of PLACES[`${call.service}:${call.operation}`] ?? []) {
        const text = documentText(call, request, place);
        const fault = text === undefined || text === "" ? undefined : documentFault(text, place.kind);
        if (fault !== undefined) return refusal(place.code, fault, place.status);
    }
    return undefined;
}

/** What is wrong with a document, undefined if nothing is. */
export function documentFault(text: string, kind: PolicyKind): string | undefined {
    const { problems, document } = parsePolicy(text, kind);
    const problem = problems.find(({ code, saw }) => {
        // AWS takes a key policy's statement without action or resource, and it does nothing.
        if (kind === "key" && code === "BothOrNeither") return !/^no (Action|Resource)$/.test(saw);
        // AWS writes its own default policies of topics and queues in the old language.
        return !(code === "Version" && /"Version"\s*:\s*"2008-10-17"/.test(text));
    });
    if (problem) return `${problem.at || "document"}: ${problem.code}, ${problem.saw}`;
    // Not emulated: MiniStack never substitutes a variable, so such a document would mean something else here.
    if (/\$\{(?![*?$]\})/.test(text)) return "policy variables are not emulated here";
    for (const statement of document.statements) {
        if (statement.principals?.negated) return `${statement.at}.NotPrincipal: not emulated here`;
        const condition = statement.conditions.find(({ key }) => key === "dynamodb:leadingkeys");
        if (condition) return `${condition.at}: dynamodb:LeadingKeys is not emulated here`;
        const bare = statement.conditions.find(isAmbiguous);
        if (bare)
            return `${bare.at}: the key has several values, expected ForAllValues or ForAnyValue before the operator`;
    }
    return undefined;
}

/** Multivalued keys of the services here. */
const MULTIVALUED = [
    "aws:calledvia",
    "aws:principalorgpaths",
    "aws:principalservicenameslist",
    "aws:tagkeys",
    "dynamodb:attributes",
    "kms:encryptioncontextkeys",
    "kms:grantconstrainttype",
    "kms:grantoperations",
    "kms:resourcealiases",
];

/**
 * AWS takes such a condition and documents no meaning for it: "Single-valued vs. multivalued context keys" of the IAM User
 * Guide asks for a set operator.
 */
function isAmbiguous({ key, operator }: Condition): boolean {
    return operator?.base !== "Null" && operator?.quantifier === undefined && MULTIVALUED.includes(key);
}

function documentText(call: Call, request: ApiRequest, { parameter }: Place): string | undefined {
    const body = request.body.toString("utf8");
    if (parameter === undefined) return body;
    if (call.protocol === "json") return jsonMember(request.body, parameter.split("."));
    const form = request.method === "POST" ? new URLSearchParams(body) : request.query;
    if (call.service === "sns")
        return form.get("AttributeName") === "Policy" ? (form.get(parameter) ?? undefined) : undefined;
    if (parameter === "Attributes.Policy") return queryAttribute(form, "Policy");
    return form.get(parameter) ?? undefined;
}

function jsonMember(body: Buffer, path: readonly string[]): string | undefined {
    let value: unknown = parseJsonObject(body);
    for (const name of path)
        value = typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
    return typeof value === "string" ? value : undefined;
}

/** `Attribute.1.Name=Policy&Attribute.1.Value=...` */
function queryAttribute(form: URLSearchParams, name: string): string | undefined {
    const entry = [...form].find(([key, value]) => /^Attribute\.\d+\.Name$/.test(key) && value === name);
    return entry ? (form.get(entry[0].replace(/Name$/, "Value")) ?? undefined) : undefined;
}
