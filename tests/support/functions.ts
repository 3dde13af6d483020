import { CreateFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";

/** The body of `exports.handler`, an async function of `event`. */
export async function createFunction(
    lambda: LambdaClient,
    FunctionName: string,
    Role: string,
    body: string,
): Promise<string> {
    const code = `exports.handler = async (event) => { ${body} };`;
    const { FunctionArn } = await lambda.send(
        new CreateFunctionCommand({
            FunctionName,
            Role,
            Runtime: "nodejs24.x",
            Handler: "index.handler",
            Timeout: 10,
            Code: { ZipFile: zipSync({ "index.js": strToU8(code) }) },
        }),
    );
    return FunctionArn!;
}

export async function invoke(lambda: LambdaClient, FunctionName: string, event: unknown = {}): Promise<unknown> {
    const { Payload } = await lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }));
    return JSON.parse(Buffer.from(Payload!).toString("utf8")) as unknown;
}

/** Polls until `look` gives something, at most `ms`; undefined if it never does. */
export async function until<T>(
    look: () => Promise<T | undefined | false> | T | undefined | false,
    ms = 10_000,
): Promise<T | undefined> {
    for (const end = Date.now() + ms; Date.now() < end; await new Promise((done) => setTimeout(done, 20))) {
        const found = await look();
        if (found) return found;
    }
    return undefined;
}
