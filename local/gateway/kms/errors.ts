/**
 * Refusals by AWS's names, in AWS's words.
 * https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and the page of each operation.
 */
export interface KmsError extends Error {
    readonly code: string;
    readonly status: number;
}

const INTERNAL = ["KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException"];

export function kmsError(code: string, message: string): KmsError {
    return Object.assign(new Error(message), { name: code, code, status: INTERNAL.includes(code) ? 500 : 400 });
}

export function isKmsError(error: unknown): error is KmsError {
    return error instanceof Error && typeof (error as Partial<KmsError>).status === "number";
}

export const validation = (message: string): KmsError => kmsError("ValidationException", message);
export const noSuchKey = (arn: string): KmsError => kmsError("NotFoundException", `Key '${arn}' does not exist`);
export const noSuchAlias = (arn: string): KmsError => kmsError("NotFoundException", `Alias ${arn} is not found.`);
export const dryRun = (): KmsError =>
    kmsError("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
