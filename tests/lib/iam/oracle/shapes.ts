/** Raw JSON and concrete requests: what the oracle reads and decides. Nothing of lib/ takes part. */

export type OneOrMany = string | readonly string[];

export interface RawStatement {
    Effect: "Allow" | "Deny";
    Principal?: "*" | Record<string, OneOrMany>;
    NotPrincipal?: "*" | Record<string, OneOrMany>;
    Action?: OneOrMany;
    NotAction?: OneOrMany;
    Resource?: OneOrMany;
    NotResource?: OneOrMany;
    Condition?: Record<string, Record<string, OneOrMany>>;
}

export interface RawPolicy {
    /** Under any other, `${...}` is text. */
    Version?: "2012-10-17" | "2008-10-17";
    Statement: RawStatement[];
}

/** Somebody, as AWS knows them while they call. */
export interface Person {
    type: "AssumedRole" | "User" | "FederatedUser" | "Account" | "Service" | "Anonymous";
    /** Role (not session), user, federated user or root ARN; the name of a service. */
    arn: string;
    account?: string;
    session?: string;
    userId?: string;
    /** Of a federated user: the user who asked for its token. */
    issuer?: string;
}

export interface Request {
    who: Person;
    action: string;
    resource: string;
    context: Record<string, OneOrMany>;
}

/** What AWS's documentation leaves open, settled in one way. */
export interface Reading {
    /** A wildcard in Principal, which AWS refuses: as a glob, or (the default) as the text that it is. */
    wildcards?: "glob" | "text";
    /**
     * In NotPrincipal is who is listed by some of its names, or by all of them. Without it a Deny spares by some and an Allow leaves out by all:
     * the narrowest Deny, the widest Allow.
     */
    listed?: "some" | "all";
    /** What a condition gives of which nothing is said; without it the plain comparison does. */
    open?: boolean;
}

export interface Documents {
    keyPolicy: RawPolicy;
    keyAccount: string;
    identity: RawPolicy[];
    boundary?: RawPolicy;
    session?: RawPolicy;
    /** Without operations: of every kind that there is. */
    grants?: { grantee: string; operations?: string[] }[];
}

export const many = (value: OneOrMany | undefined): readonly string[] =>
    value === undefined ? [] : typeof value === "string" ? [value] : value;

/** Of ASCII letters alone. */
export const lower = (text: string): string => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
