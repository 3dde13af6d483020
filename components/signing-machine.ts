/**
 * The state machine of one signature, in Amazon States Language (https://states-language.net, JSONPath).
 *
 * prepare -> recheck -> sign (by key) -> assemble -> verify, waiting for the log -> publish. A step answers `{ ok: false, code,
 * reason }` or dies; either way a reason is published, and no step after it runs.
 *
 * EventBridge names the executions it starts, so a repeated event is a second execution: `prepare` is idempotent (its request
 * id is a hash over the pinned upload and the event's time), and so is each later step by that id.
 */

export interface SigningMachineArgs {
    /** ARNs. */
    readonly functions: Readonly<Record<Step, string>>;
    /** Function ARN by key name. */
    readonly signers: Readonly<Record<string, string>>;
}

type Step = "prepare" | "recheck" | "assemble" | "verify" | "publish";
type State = Readonly<Record<string, unknown>>;

/** The log publishes within seconds; after this many tries a record counts as not logged, and the file stays unreleased. */
const MAX_TRIES = 20;
/** Seconds; longer than any function's own timeout. */
const STEP_TIMEOUT = 180;

export function signingMachine(partition: string, { functions, signers }: SigningMachineArgs): State {
    const task = (arn: string, payload: object, state: State, retry = TRANSIENT): State => ({
        Type: "Task",
        Resource: `arn:${partition}:states:::lambda:invoke`,
        Parameters: { FunctionName: arn, ...payload },
        ResultSelector: { "answer.$": "$.Payload" },
        TimeoutSeconds: STEP_TIMEOUT,
        Retry: [retry],
        ...state,
    });
    const step = (arn: string, Next: string, retry = TRANSIENT): State =>
        task(arn, REQUEST, { ResultPath: "$.step", Catch: caught("Broken"), Next }, retry);

    return {
        StartAt: "Upload",
        TimeoutSeconds: 3600,
        States: {
            Upload: {
                Type: "Pass",
                Parameters: {
                    "event.$": "$",
                    upload: { "key.$": "$.detail.object.key", "versionId.$": "$.detail.object['version-id']" },
                    tries: { made: 0 },
                },
                Next: "Prepare",
            },
            Prepare: task(
                functions.prepare,
                { "Payload.$": "$.event" },
                {
                    ResultPath: "$.prepared",
                    Catch: caught("BrokenUpload"),
                    Next: "Prepared",
                },
            ),
            Prepared: choice([ok("$.prepared", "Recheck")], "RefuseUpload"),
            Recheck: step(functions.recheck, "Rechecked"),
            Rechecked: choice([ok("$.step", "Key")], "Refuse"),
            Key: choice(
                Object.keys(signers).map((name) => ({
                    Variable: "$.prepared.answer.keyName",
                    StringEquals: name,
                    Next: signState(name),
                })),
                "UnknownKey",
            ),
            ...Object.fromEntries(
                Object.entries(signers).map(([name, arn]) => [signState(name), step(arn, "Signed", THROTTLED)]),
            ),
            Signed: choice([ok("$.step", "Assemble")], "Refuse"),
            Assemble: step(functions.assemble, "Assembled"),
            Assembled: choice([ok("$.step", "Verify")], "Refuse"),
            Verify: step(functions.verify, "Verified"),
            Verified: choice(
                [
                    ok("$.step", "Publish"),
                    {
                        And: [
                            { Variable: "$.step.answer.pending", IsPresent: true },
                            { Variable: "$.step.answer.pending", BooleanEquals: true },
                            { Variable: "$.tries.made", NumericLessThan: MAX_TRIES },
                        ],
                        Next: "WaitForLog",
                    },
                ],
                "Refuse",
            ),
            WaitForLog: { Type: "Wait", Seconds: 1, Next: "CountTry" },
            CountTry: {
                Type: "Pass",
                Parameters: { "made.$": "States.MathAdd($.tries.made, 1)" },
                ResultPath: "$.tries",
                Next: "Verify",
            },
            Publish: task(
                functions.publish,
                {
                    Payload: {
                        "requestId.$": "$.prepared.answer.requestId",
                        "records.$": "$.step.answer.records",
                        "outputSha256.$": "$.step.answer.outputSha256",
                    },
                },
                { ResultPath: "$.published", Next: "Released" },
            ),
            Released: { Type: "Succeed" },

            UnknownKey: refusal("UnknownKey", "no signer is deployed for the key of this format", "$.step", "Refuse"),
            BrokenUpload: refusal("UnknownOutcome", BROKEN, "$.prepared", "RefuseUpload"),
            Broken: refusal("UnknownOutcome", BROKEN, "$.step", "Refuse"),
            RefuseUpload: task(
                functions.publish,
                { Payload: { refusal: reasonOf("$.prepared"), "upload.$": "$.upload" } },
                { ResultPath: "$.published", Next: "RefusedOrBroken" },
            ),
            Refuse: task(
                functions.publish,
                {
                    Payload: {
                        refusal: reasonOf("$.step"),
                        "upload.$": "$.upload",
                        "requestId.$": "$.prepared.answer.requestId",
                    },
                },
                { ResultPath: "$.published", Next: "RefusedOrBroken" },
            ),
            RefusedOrBroken: choice([{ Variable: "$.error", IsPresent: true, Next: "StepFailed" }], "Refused"),
            // A refusal is an answer; a step that died is for the operator.
            Refused: { Type: "Succeed" },
            StepFailed: { Type: "Fail", Error: "StepFailed", Cause: "a step ended without an answer" },
        },
    };
}

const REQUEST = { Payload: { "requestId.$": "$.prepared.answer.requestId" } };
/** For the submitter, who is told nothing of the inside; the execution's log has the error. */
const BROKEN = "a step of the signing pipeline ended without an answer, the operator has its log";

/**
 * https://docs.aws.amazon.com/step-functions/latest/dg/bp-lambda-serviceexception.html, and our own word for a step that cannot
 * tell what happened.
 */
const TRANSIENT = {
    ErrorEquals: [
        "UnknownOutcome",
        "Lambda.ClientExecutionTimeoutException",
        "Lambda.ServiceException",
        "Lambda.AWSLambdaException",
        "Lambda.SdkClientException",
        "Lambda.TooManyRequestsException",
    ],
    IntervalSeconds: 1,
    MaxAttempts: 4,
    BackoffRate: 2,
};

/** A signer that was not started may be asked again. After any other failure it may have signed, and a second use is not ours to make. */
const THROTTLED = { ...TRANSIENT, ErrorEquals: ["Lambda.TooManyRequestsException"] };

function signState(keyName: string): string {
    return `Sign ${keyName}`;
}

function choice(Choices: readonly State[], Default: string): State {
    return { Type: "Choice", Choices, Default };
}

function ok(step: string, Next: string): State {
    return { Variable: `${step}.answer.ok`, BooleanEquals: true, Next };
}

function caught(Next: string): readonly State[] {
    return [{ ErrorEquals: ["States.ALL"], ResultPath: "$.error", Next }];
}

function refusal(code: string, reason: string, ResultPath: string, Next: string): State {
    return { Type: "Pass", Result: { answer: { ok: false, code, reason } }, ResultPath, Next };
}

function reasonOf(step: string): State {
    return { "code.$": `${step}.answer.code`, "reason.$": `${step}.answer.reason` };
}
