/** IAM documents of tests that need some, and judge something else. JSON text. */

export function policy(...statements: object[]): string {
    return JSON.stringify({ Version: "2012-10-17", Statement: statements });
}

export function trust(service: string): string {
    return policy({ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" });
}
