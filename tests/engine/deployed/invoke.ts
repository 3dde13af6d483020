import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";

export interface Invocation {
    /** Of the handler, or of the error it threw. */
    readonly answer: Record<string, unknown>;
    readonly failed: boolean;
}

/** Invokes a deployed function and waits for its answer. */
export async function invoke(lambda: LambdaClient, FunctionName: string, event: object = {}): Promise<Invocation> {
    const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }),
    );
    const text = Buffer.from(Payload!).toString("utf8");
    return { answer: JSON.parse(text) as Record<string, unknown>, failed: FunctionError !== undefined };
}
