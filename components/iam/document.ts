/** IAM JSON policy language, as far as this program uses it. One value or several, as AWS reads both. */
export interface PolicyDocument {
    readonly Version: "2012-10-17";
    readonly Statement: readonly Statement[];
}

export interface Statement {
    /** Names the reason, so that a refusal can say why. */
    readonly Sid: string;
    readonly Effect: "Allow" | "Deny";
    readonly Principal?: Principal;
    readonly Action: string | readonly string[];
    /** Absent in trust policies only. */
    readonly Resource?: string | readonly string[];
    readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

export type Principal =
    "*" | { readonly AWS: string | readonly string[] } | { readonly Service: string | readonly string[] };

export function document(...statements: readonly (Statement | undefined)[]): PolicyDocument {
    return { Version: "2012-10-17", Statement: statements.filter((statement) => statement !== undefined) };
}

/** Trust of a role that Lambda runs functions with. Nobody else: a state machine with a signer's role could call KMS itself. */
export function lambdaTrust(): PolicyDocument {
    return document({
        Sid: "Lambda",
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
        Action: "sts:AssumeRole",
    });
}
