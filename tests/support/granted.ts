import type { PolicyDocument } from "../../components/iam/document";

/**
 * Which of these requests no document grants. A reading of Allow, Action and Resource alone, without conditions: enough to
 * find a right that was forgotten. Evaluators that decide are lib/iam and the local cloud's.
 *
 * @param asked `ACTION RESOURCE`, as LoopbackAws notes them
 */
export function notGranted(documents: readonly PolicyDocument[], asked: readonly string[]): string[] {
    return asked.filter((line) => {
        const [action = "", resource = ""] = line.split(/ (.*)/);
        return !documents.some((document) => grants(document, action, arnOf(action, resource)));
    });
}

function grants(document: PolicyDocument, action: string, arn: string): boolean {
    return document.Statement.some(
        (statement) =>
            statement.Effect === "Allow" &&
            [statement.Action].flat().includes(action) &&
            [statement.Resource ?? []].flat().some((pattern) => matches(pattern, arn)),
    );
}

function matches(pattern: string, text: string): boolean {
    const parts = pattern.split("*").map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"));
    return new RegExp(`^${parts.join(".*")}$`).test(text);
}

function arnOf(action: string, resource: string): string {
    if (action === "dynamodb:Query") return `arn:aws:dynamodb:eu-west-1:111122223333:table/${resource}/index/pending`;
    const [service] = action.split(":");
    switch (service) {
        case "dynamodb":
            return `arn:aws:dynamodb:eu-west-1:111122223333:table/${resource}`;
        case "lambda":
            return `arn:aws:lambda:eu-west-1:111122223333:function:${resource}`;
        case "s3":
            return `arn:aws:s3:::${resource}`;
        default:
            return resource;
    }
}
