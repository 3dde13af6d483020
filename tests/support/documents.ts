/** IAM documents of tests that need some, and judge something else. JSON text. */

export function policy(...Statement: readonly object[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement });
}

export function trust(Principal: unknown, more: object = {}): string {
    return policy({ Effect: "Allow", Principal, Action: "sts:AssumeRole", ...more });
}

/** Of a role that an AWS service takes on, e.g. `lambda.amazonaws.com`. */
export function serviceTrust(Service: string | readonly string[]): string {
    return trust({ Service });
}
