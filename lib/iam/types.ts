import type { Glob } from "./glob";
import type { Operator } from "./operators";

/** Shapes of the policy evaluator: documents as parsed, principals as judged, worlds as asked about. */

/**
 * What a document is, since grammar and size limits differ. `managed` and `boundary` are customer managed policies, `aws` those that AWS
 * manages, for which it keeps no limit of its own.
 */
export type PolicyKind =
    | "key"
    | "identity"
    | "user"
    | "group"
    | "managed"
    | "boundary"
    | "aws"
    | "session"
    | "trust"
    | "resource"
    | "endpoint";

export type ProblemCode =
    | "BadAction"
    | "BadCondition"
    | "BadEffect"
    | "BadPrincipal"
    | "BadResource"
    | "BothOrNeither"
    | "DuplicateKey"
    | "DuplicateSid"
    | "Empty"
    | "Misplaced"
    | "NotAString"
    | "NotJson"
    | "PrincipalWildcard"
    | "PrototypeKey"
    | "TooDeep"
    | "TooLong"
    | "TooMany"
    | "UnknownElement"
    | "UnknownOperator"
    | "Version"
    | "WrongCase";

/** `at` is a pointer such as `Statement[2].Action[0]`; both texts are safe to print. */
export interface Problem {
    readonly at: string;
    readonly code: ProblemCode;
    readonly saw: string;
}

/** A glob or literal, with the place where it stands. Compiled once, when the document is read. */
export interface Pattern {
    readonly text: string;
    readonly at: string;
    readonly glob: Glob;
}

export type PrincipalEntryKind = "everyone" | "account" | "arn" | "unique-id" | "service" | "federated" | "canonical";

/** One entry of a Principal element. `text` of an account is its twelve digits, whichever way it was written. */
export interface PrincipalEntry {
    readonly kind: PrincipalEntryKind;
    readonly text: string;
    readonly at: string;
    readonly glob: Glob;
    /** Of the ARN of a role's session, which drops the role's path. */
    readonly session: SessionName | undefined;
}

export interface SessionName {
    readonly accountId: string;
    readonly role: string;
    readonly session: string;
}

export interface Condition {
    /** Undefined for a name that IAM does not have. */
    readonly operator: Operator | undefined;
    /** Lower case, since key names ignore case. */
    readonly key: string;
    readonly values: readonly Pattern[];
    /** `${...}` in values are variables. */
    readonly variables: boolean;
    readonly at: string;
}

export interface Negatable<T> {
    readonly negated: boolean;
    readonly entries: readonly T[];
    readonly at: string;
}

export interface Statement {
    /** `Statement[2]`, or `Statement` if the element is a single object. */
    readonly at: string;
    readonly sid?: string | undefined;
    readonly effect: "Allow" | "Deny";
    /** Absent in identity documents: then it speaks of whoever the document is attached to. */
    readonly principals?: Negatable<PrincipalEntry> | undefined;
    readonly actions: Negatable<Pattern>;
    /** Absent in trust policies. */
    readonly resources?: Negatable<Pattern> | undefined;
    readonly conditions: readonly Condition[];
    /** Not understood, so it stands here as an Allow of everything to everyone. */
    readonly opaque: boolean;
    /** False under another Version than 2012-10-17, where `${...}` is literal. */
    readonly variables: boolean;
}

export interface PolicyDocument {
    readonly statements: readonly Statement[];
}

/** Problems are violations; what caused one already counts as Allow everything in `document`. */
export interface ParsedPolicy {
    readonly kind: PolicyKind;
    readonly document: PolicyDocument;
    readonly problems: readonly Problem[];
}

/** Kleene's three values. */
export type Tri = "true" | "false" | "unknown";

/**
 * What is known of one condition key.
 * `like`: present, some string that matches `glob` and is none of `except`. `unknown`: perhaps absent, too.
 */
export type ContextValue =
    | { readonly kind: "known"; readonly values: readonly string[] }
    | { readonly kind: "absent" }
    | { readonly kind: "like"; readonly glob: string; readonly except: readonly string[] }
    | { readonly kind: "unknown" };

/** Looked up by lower-case key. */
export type Context = (key: string) => ContextValue;

export type PrincipalKind =
    "role" | "user" | "root" | "service" | "federated" | "federated-user" | "unique-id" | "canonical" | "anonymous";

/** A member of the panel over which "everyone" is decided: one caller, or a class of callers that no document tells apart. */
export interface Principal {
    readonly kind: PrincipalKind;
    /** For messages: an ARN, a service name, or an ARN pattern for a class. */
    readonly name: string;
    /** What `aws:PrincipalArn` holds: for a role session the role's ARN, path included. Literal, or a glob for a class. */
    readonly arn?: string;
    /** True if `arn` is a glob: this member stands for all who match it and are named nowhere. */
    readonly isClass: boolean;
    /** Of a class: ARNs and account ids that are members of their own, so that no one in the class is called that. */
    readonly except: readonly string[];
    /** Twelve digits, or a glob for a class of accounts. Absent for services and anonymous. */
    readonly accountId?: string;
    /** What `aws:PrincipalOrgID` holds. */
    readonly org: ContextValue;
    readonly uniqueId?: string;
    /** A concrete caller of the class, to be printed. */
    readonly witness?: string;
    /** Of a class that is named by its sessions only: their ARNs hold the role's name without its path. */
    readonly roleName?: string;
    /** Known for a concrete session (exact mode). */
    readonly sessionName?: string;
    /** Of a federated user: ARN of the user who asked for its token, and whose permissions it shares. Empty for the root user. */
    readonly issuer?: string;
}

/** One identity document that is attached to a principal. `name` is printed. */
export interface AttachedPolicy {
    readonly name: string;
    /** Of a customer managed policy, which others may rewrite. */
    readonly arn?: string;
    readonly policy: ParsedPolicy;
}

/** A role or user that the stack declares. */
export interface DeclaredPrincipal {
    readonly arn: string;
    readonly policies: readonly AttachedPolicy[];
    /** False if some attached document could not be had: it then counts as holding Allow everything. */
    readonly complete: boolean;
    readonly boundary?: AttachedPolicy;
    readonly trust?: ParsedPolicy;
}

export interface Scope {
    readonly partition: string;
    readonly region: string;
    /** Twelve digits. */
    readonly accountId: string;
    readonly orgId?: string;
}

export interface Grant {
    readonly name: string;
    /** Key ARN or id; undefined if unknown, then it may be on any key. */
    readonly key?: string;
    /** Undefined if unknown: then every operation. */
    readonly operations?: readonly string[];
    /** ARN or service; undefined if unknown. */
    readonly grantee?: string;
}

/** All that decides who may do what with one key. */
export interface KeyWorld {
    readonly scope: Scope;
    /** Known ARN; else every key id of the account and region is meant. */
    readonly keyArn?: string;
    /** Undefined is AWS's default policy: the account may do everything. */
    readonly keyPolicy?: ParsedPolicy;
    readonly principals: readonly DeclaredPrincipal[];
    readonly grants: readonly Grant[];
}

/** The statement that decides, by name of the document and pointer. */
export interface Cause {
    /** `key policy`, or the name of the identity document, or `grant NAME`. */
    readonly policy: string;
    /** Pointer such as `Statement[2].Action[0]`; empty if the document as a whole decides (default policy, grant). */
    readonly at: string;
    readonly sid?: string;
    readonly effect: "Allow" | "Deny";
    /** Conditions are Unknown, or the statement was not understood: it only may decide so. */
    readonly certain: boolean;
}

export type Route = "direct" | "delegated" | "cross-account" | "grant" | "undecided";

/** One way in which a principal may be granted an action. */
export interface Way {
    readonly principal: Principal;
    readonly action: string;
    readonly target: string;
    readonly route: Route;
    /** First the key policy's (or the only) statement, then the identity document's on a delegated route. */
    readonly causes: readonly Cause[];
}
