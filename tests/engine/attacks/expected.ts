/**
 * What the evaluator lets pass: each role's own work. Of a control table a role may do what `components/iam/functions.ts` gives it;
 * the machine calls signers with ids alone; a submitter uploads below its tenant's prefix.
 */
export const EXPECTED: Readonly<Record<string, readonly string[]>> = {
    "modules-v1-signer": ["dynamodb:PutItem attempts", "dynamodb:UpdateItem attempts"],
    "files-v1-signer": ["dynamodb:PutItem attempts", "dynamodb:UpdateItem attempts"],
    "log-v1-signer": [
        "s3:PutObject log/index/attack",
        "dynamodb:PutItem head",
        "dynamodb:UpdateItem head",
        "dynamodb:UpdateItem intake",
        "dynamodb:UpdateItem reconciler",
    ],
    intake: ["dynamodb:PutItem intake", "dynamodb:UpdateItem intake"],
    reconciler: ["dynamodb:PutItem reconciler", "dynamodb:UpdateItem reconciler"],
    prepare: ["dynamodb:PutItem requests"],
    recheck: ["dynamodb:PutItem rechecks"],
    assemble: ["s3:PutObject results/assembled/attack"],
    publish: ["s3:PutObject results/released/dev-team/attack"],
    signing: ["lambda:InvokeFunction modules-v1-sign", "lambda:InvokeFunction files-v1-sign"],
    submitter: ["s3:PutObject uploads/dev-team/exe/attack"],
};
