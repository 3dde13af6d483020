import { parseConditions } from "./condition-parser";
import { type Draft, readStrings, unknownElement } from "./elements";
import { compileGlob } from "./glob";
import type { JsonNode } from "./json";
import { parsePrincipals } from "./principal-parser";
import { show } from "./show";
import type { Negatable, Pattern, PolicyKind, Statement } from "./types";

const ELEMENTS = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
] as const;
type Element = (typeof ELEMENTS)[number];

/** @returns undefined if anything in it was not understood: the caller puts Allow everything in its place */
export function parseStatement(node: JsonNode, draft: Draft): Statement | undefined {
    if (node.kind !== "object") {
        draft.report(draft.at, "UnknownElement", `${node.kind}, expected an object`);
        return undefined;
    }
    const elements = readElements(node, draft);
    if (elements === undefined) return undefined;

    const effect = elements.Effect?.kind === "string" ? elements.Effect.text : undefined;
    const sid = elements.Sid?.kind === "string" ? elements.Sid.text : undefined;
    if (effect !== "Allow" && effect !== "Deny") {
        draft.report(`${draft.at}.Effect`, "BadEffect", effect === undefined ? "no string" : show(effect));
    }
    if (elements.Sid !== undefined && sid === undefined)
        draft.report(`${draft.at}.Sid`, "NotAString", elements.Sid.kind);

    // Every part is read even after a fault, so that one run names all of them.
    const principals = parsePrincipalElement(elements, draft);
    const actions = parsePatterns("Action", elements.Action, elements.NotAction, draft);
    const resources = parseResourceElement(elements, draft);
    const conditions = elements.Condition === undefined ? [] : parseConditions(elements.Condition, draft);

    if (effect !== "Allow" && effect !== "Deny") return undefined;
    if (principals === "bad" || actions === undefined || resources === "bad" || conditions === undefined)
        return undefined;
    if (elements.Sid !== undefined && sid === undefined) return undefined;
    const { at, variables } = draft;
    return { at, sid, effect, principals, actions, resources, conditions, opaque: false, variables };
}

type Elements = Record<Element, JsonNode | undefined>;

const SPEAKS_OF_PRINCIPALS: readonly PolicyKind[] = ["key", "trust", "resource", "endpoint"];

function readElements(node: JsonNode & { kind: "object" }, { at, report }: Draft): Elements | undefined {
    // All members from the start, so that every statement has one shape.
    const elements: Elements = {
        Sid: undefined,
        Effect: undefined,
        Principal: undefined,
        NotPrincipal: undefined,
        Action: undefined,
        NotAction: undefined,
        Resource: undefined,
        NotResource: undefined,
        Condition: undefined,
    };
    let clear = true;
    for (const { key, value } of node.members) {
        if (!isElement(key)) {
            report(at, ...unknownElement(key, ELEMENTS));
            clear = false;
        } else if (elements[key] !== undefined) {
            report(at, "DuplicateKey", `${key} twice`);
            clear = false;
        } else {
            elements[key] = value;
        }
    }
    return clear ? elements : undefined;
}

function isElement(key: string): key is Element {
    return (ELEMENTS as readonly string[]).includes(key);
}

function parsePrincipalElement(
    { Principal, NotPrincipal }: Elements,
    { kind, at, report }: Draft,
): Statement["principals"] | "bad" {
    const node = Principal ?? NotPrincipal;
    if (!SPEAKS_OF_PRINCIPALS.includes(kind)) {
        if (node === undefined) return undefined;
        report(
            at,
            "Misplaced",
            `${present("Principal", Principal, NotPrincipal)} in a document that is attached to its principal`,
        );
        return "bad";
    }
    if (node === undefined || (Principal !== undefined && NotPrincipal !== undefined)) {
        report(at, "BothOrNeither", present("Principal", Principal, NotPrincipal));
        return "bad";
    }
    const negated = Principal === undefined;
    return parsePrincipals(node, negated, `${at}.${negated ? "NotPrincipal" : "Principal"}`, report) ?? "bad";
}

function parseResourceElement({ Resource, NotResource }: Elements, draft: Draft): Statement["resources"] | "bad" {
    if (draft.kind !== "trust") return parsePatterns("Resource", Resource, NotResource, draft) ?? "bad";
    if (Resource === undefined && NotResource === undefined) return undefined;
    draft.report(draft.at, "Misplaced", `${present("Resource", Resource, NotResource)} in a trust policy`);
    return "bad";
}

/** Which of an element and its negation are there, for messages. */
function present(name: string, plain: JsonNode | undefined, negated: JsonNode | undefined): string {
    if (plain === undefined) return negated === undefined ? `no ${name}` : `Not${name}`;
    return negated === undefined ? name : `${name} and Not${name}`;
}

/** `bad`: cannot be read; `odd`: AWS refuses it, but its meaning as a glob is plain. */
type Judgement = "good" | "odd" | "bad";

function parsePatterns(
    name: "Action" | "Resource",
    plain: JsonNode | undefined,
    opposite: JsonNode | undefined,
    { at, report, variables }: Draft,
): Negatable<Pattern> | undefined {
    const node = plain ?? opposite;
    if (node === undefined || (plain !== undefined && opposite !== undefined)) {
        report(at, "BothOrNeither", present(name, plain, opposite));
        return undefined;
    }
    const negated = plain === undefined;
    const place = `${at}.${negated ? "Not" : ""}${name}`;
    const texts = readStrings(node, place, report);
    if (texts === undefined) return undefined;
    const options = name === "Action" ? FOLDED : variables ? WITH_VARIABLES : LITERAL_DOLLARS;
    const entries: Pattern[] = [];
    for (const { text, at: where } of texts) {
        const judgement = name === "Action" ? isAction(text) : isResource(text);
        if (judgement !== "good") report(where, name === "Action" ? "BadAction" : "BadResource", show(text));
        if (judgement !== "bad") entries.push({ text, at: where, glob: compileGlob(text, options) });
    }
    if (entries.length < texts.length) return undefined;
    return { negated, entries, at: place };
}

const FOLDED = { fold: true, variables: false };
const WITH_VARIABLES = { fold: false, variables: true };
const LITERAL_DOLLARS = { fold: false, variables: false };

/** `*`, `*:*` or `service:Action`; AWS refuses wildcards in the service, whose meaning is plain nevertheless. */
function isAction(text: string): Judgement {
    if (text === "*" || text === "*:*") return "good";
    if (text.length > 192) return "bad";
    if (/^[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+$/.test(text)) return "good";
    return /^[A-Za-z0-9*?-]+:[A-Za-z0-9*?_-]+$/.test(text) || /^[A-Za-z0-9*?:-]*\*[A-Za-z0-9*?:-]*$/.test(text)
        ? "odd"
        : "bad";
}

/** `*`, or something in the shape of an ARN; wildcards may stand for any part. */
function isResource(text: string): Judgement {
    if (text === "*") return "good";
    if (text.length > 2_048) return "bad";
    if (/^arn:[^:]*:[^:]*:[^:]*:[^:]*:[^]*$/.test(text)) return "good";
    return text.includes("*") || text.includes("${") ? "odd" : "bad";
}
