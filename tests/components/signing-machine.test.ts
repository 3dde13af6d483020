import { describe, expect, it } from "vitest";
import { signingMachine } from "../../components/signing-machine";

/**
 * Walks the state machine as Step Functions would, with answers of our own. Proves the paths through it, with an interpreter
 * of as much of the language as it uses. Proves nothing about AWS's interpreter; the local cloud runs it in another.
 */

const machine = signingMachine("aws", {
    functions: { prepare: "prepare", recheck: "recheck", assemble: "assemble", verify: "verify", publish: "publish" },
    signers: { modules: "sign-modules", files: "sign-files" },
}) as unknown as { StartAt: string; States: Record<string, State> };

interface State {
    Type: string;
    Next?: string;
    Default?: string;
    Resource?: string;
    Choices?: Rule[];
    Parameters?: Record<string, unknown>;
    ResultSelector?: Record<string, unknown>;
    ResultPath?: string;
    Result?: unknown;
    Catch?: { ErrorEquals: string[]; ResultPath: string; Next: string }[];
    Retry?: { ErrorEquals: string[]; MaxAttempts: number }[];
    Seconds?: number;
}
interface Rule {
    Variable?: string;
    BooleanEquals?: boolean;
    StringEquals?: string;
    NumericLessThan?: number;
    IsPresent?: boolean;
    And?: Rule[];
    Next?: string;
}
type Answers = Record<string, (input: never) => unknown>;

const event = {
    time: "2026-11-24T00:00:00Z",
    detail: { bucket: { name: "uploads" }, object: { key: "acme/raw/tool", "version-id": "v1" } },
};
const prepared = { ok: true, requestId: "r1", keyName: "files", format: "raw" };
const records = [{ recordHash: "h", logIndex: 4 }];
const verified = { ok: true, requestId: "r1", logIndex: 4, records, outputSha256: "s" };
const works: Answers = {
    prepare: () => prepared,
    recheck: () => ({ ok: true, requestId: "r1", keyName: "files" }),
    "sign-files": () => ({ ok: true, requestId: "r1", recordHashes: ["h"] }),
    assemble: () => ({ ok: true, requestId: "r1" }),
    verify: () => verified,
    publish: () => ({ ok: true }),
};

describe("the state machine", () => {
    it("signs: each step by request id, the last with what was verified", () => {
        const { calls, end } = walk(works);
        expect(calls).toEqual([
            ["prepare", event],
            ["recheck", { requestId: "r1" }],
            ["sign-files", { requestId: "r1" }],
            ["assemble", { requestId: "r1" }],
            ["verify", { requestId: "r1" }],
            ["publish", { requestId: "r1", records, outputSha256: "s" }],
        ]);
        expect(end).toBe("Released");
    });

    it("calls the signer of the request's key", () => {
        const { calls } = walk({
            ...works,
            prepare: () => ({ ...prepared, keyName: "modules" }),
            "sign-modules": () => ({ ok: true, requestId: "r1", recordHashes: ["h"] }),
        });
        expect(calls.map(([name]) => name)).toContain("sign-modules");
        expect(calls.map(([name]) => name)).not.toContain("sign-files");
    });

    const no = { ok: false, code: "RecheckMismatch", reason: "they differ" };
    it.each(["recheck", "sign-files", "assemble", "verify"])(
        "publishes why %s refused, and goes no further",
        (step) => {
            const { calls, end } = walk({ ...works, [step]: () => no });
            const after = calls.slice(calls.findIndex(([name]) => name === step) + 1);
            expect(after).toEqual([
                [
                    "publish",
                    {
                        refusal: { code: "RecheckMismatch", reason: "they differ" },
                        upload: { key: "acme/raw/tool", versionId: "v1" },
                        requestId: "r1",
                    },
                ],
            ]);
            expect(end).toBe("Refused");
        },
    );

    it("publishes why prepare refused, when there is no request yet", () => {
        const { calls, end } = walk({ ...works, prepare: () => ({ ...no, code: "OutsideTenant" }) });
        expect(calls.slice(1)).toEqual([
            [
                "publish",
                {
                    refusal: { code: "OutsideTenant", reason: "they differ" },
                    upload: { key: "acme/raw/tool", versionId: "v1" },
                },
            ],
        ]);
        expect(end).toBe("Refused");
    });

    it.each(["prepare", "recheck", "sign-files", "assemble", "verify"])(
        "tells the operator, and the submitter in few words, when %s dies",
        (step) => {
            const { calls, end } = walk({
                ...works,
                [step]: () => {
                    throw new Error("stack trace with secrets");
                },
            });
            const [name, input] = calls.at(-1)!;
            expect(name).toBe("publish");
            expect(input).toMatchObject({ refusal: { code: "UnknownOutcome" } });
            expect(JSON.stringify(input)).not.toContain("secrets");
            expect(end).toBe("StepFailed");
        },
    );

    it("refuses a key without signer", () => {
        const { calls, end } = walk({ ...works, prepare: () => ({ ...prepared, keyName: "gone" }) });
        expect(calls.at(-1)).toMatchObject(["publish", { refusal: { code: "UnknownKey" } }]);
        expect(end).toBe("Refused");
    });

    it("waits for the log, a second at a time", () => {
        let asked = 0;
        const verify = () =>
            ++asked < 4 ? { ok: false, code: "NotLogged", reason: "not yet", pending: true } : verified;
        const { end, waited } = walk({ ...works, verify });
        expect([end, asked, waited]).toEqual(["Released", 4, 3]);
    });

    it("gives up on the log after twenty tries more", () => {
        let asked = 0;
        const verify = () => ({ ok: false, code: "NotLogged", reason: `not yet ${++asked}`, pending: true });
        const { calls, end, waited } = walk({ ...works, verify });
        expect([end, asked, waited]).toEqual(["Refused", 21, 20]);
        expect(calls.at(-1)).toMatchObject(["publish", { refusal: { code: "NotLogged" } }]);
    });

    it("repeats what failed in transit, but a signer only where it was not started", () => {
        const retried = Object.entries(machine.States).flatMap(([name, state]) =>
            (state.Retry ?? []).map(({ ErrorEquals, MaxAttempts }) => [name, ErrorEquals.join(" "), MaxAttempts]),
        );
        const transient =
            "UnknownOutcome Lambda.ClientExecutionTimeoutException Lambda.ServiceException Lambda.AWSLambdaException Lambda.SdkClientException Lambda.TooManyRequestsException";
        expect(retried.filter(([name]) => String(name).startsWith("Sign "))).toEqual([
            ["Sign modules", "Lambda.TooManyRequestsException", 4],
            ["Sign files", "Lambda.TooManyRequestsException", 4],
        ]);
        expect(
            retried.filter(([name]) => !String(name).startsWith("Sign ")).map(([name, errors]) => [name, errors]),
        ).toEqual(
            ["Prepare", "Recheck", "Assemble", "Verify", "Publish", "RefuseUpload", "Refuse"].map((name) => [
                name,
                transient,
            ]),
        );
    });

    it("leads everywhere to a state that exists, and reaches each", () => {
        const next = (state: State): string[] =>
            [
                state.Next,
                state.Default,
                ...(state.Choices ?? []).map((rule) => rule.Next),
                ...(state.Catch ?? []).map((c) => c.Next),
            ].filter((name) => name !== undefined);
        const reached = new Set([machine.StartAt, ...Object.values(machine.States).flatMap(next)]);
        expect([...reached].sort()).toEqual(Object.keys(machine.States).sort());
    });

    it("invokes Lambda, and no service by an SDK integration", () => {
        const resources = Object.values(machine.States).flatMap(({ Resource }) =>
            Resource === undefined ? [] : [Resource],
        );
        expect(new Set(resources)).toEqual(new Set(["arn:aws:states:::lambda:invoke"]));
    });
});

function walk(answers: Answers): { calls: [string, unknown][]; end: string; waited: number } {
    const calls: [string, unknown][] = [];
    let data: Record<string, unknown> = event;
    let name = machine.StartAt;
    let waited = 0;
    for (let steps = 0; steps < 200; steps++) {
        const state = machine.States[name]!;
        switch (state.Type) {
            case "Succeed":
            case "Fail":
                return { calls, end: name, waited };
            case "Wait":
                waited += state.Seconds!;
                name = state.Next!;
                break;
            case "Choice":
                name = state.Choices!.find((rule) => holds(rule, data))?.Next ?? state.Default!;
                break;
            case "Pass": {
                const result = state.Result ?? (state.Parameters ? fill(state.Parameters, data) : data);
                data = put(data, state.ResultPath ?? "$", result);
                name = state.Next!;
                break;
            }
            case "Task": {
                const { FunctionName, Payload } = fill(state.Parameters!, data) as {
                    FunctionName: string;
                    Payload: never;
                };
                calls.push([FunctionName, structuredClone(Payload)]);
                try {
                    const result = fill(state.ResultSelector!, { Payload: answers[FunctionName]!(Payload) });
                    data = put(data, state.ResultPath!, result);
                    name = state.Next!;
                } catch (error) {
                    const handler = state.Catch?.find(({ ErrorEquals }) => ErrorEquals.includes("States.ALL"));
                    if (!handler) throw error;
                    data = put(data, handler.ResultPath, { Error: "Error", Cause: String(error) });
                    name = handler.Next;
                }
                break;
            }
            default:
                throw new Error(`state ${name} has type ${state.Type}`);
        }
    }
    throw new Error("the machine does not end");
}

function holds(rule: Rule, data: unknown): boolean {
    if (rule.And) return rule.And.every((part) => holds(part, data));
    const value = read(data, rule.Variable!);
    if (rule.IsPresent !== undefined) return (value !== undefined) === rule.IsPresent;
    // Step Functions fails an execution that compares what is not there.
    if (value === undefined) throw new Error(`${rule.Variable} is not there`);
    if (rule.BooleanEquals !== undefined) return value === rule.BooleanEquals;
    if (rule.StringEquals !== undefined) return value === rule.StringEquals;
    return typeof value === "number" && value < rule.NumericLessThan!;
}

function fill(template: unknown, data: unknown): unknown {
    if (typeof template !== "object" || template === null) return template;
    return Object.fromEntries(
        Object.entries(template).map(([name, value]) => {
            if (!name.endsWith(".$")) return [name, fill(value, data)];
            const math = /^States\.MathAdd\((\$[\w.]+), (\d+)\)$/.exec(value as string);
            const filled = math ? (read(data, math[1]!) as number) + Number(math[2]) : read(data, value as string);
            if (filled === undefined) throw new Error(`${String(value)} is not there`);
            return [name.slice(0, -2), filled];
        }),
    );
}

function read(data: unknown, path: string): unknown {
    const parts = [...path.slice(1).matchAll(/\.([\w-]+)|\['([^']+)'\]/g)].map((match) => match[1] ?? match[2]!);
    return parts.reduce((at, part) => (at as Record<string, unknown> | undefined)?.[part], data);
}

function put(data: Record<string, unknown>, path: string, value: unknown): Record<string, unknown> {
    return path === "$" ? (value as Record<string, unknown>) : { ...data, [path.slice(2)]: value };
}
