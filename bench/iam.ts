import {
    decideExactly,
    keyPanel,
    keyQuestion,
    type KeyQuestion,
    mayKey,
    type ParsedPolicy,
    parsePolicy,
    type Principal,
    principalOfArn,
    waysToKey,
} from "../lib/iam";
import { HOSTILE } from "../tests/lib/iam/hostile";
import { compare, timed, type Comparison, type Missing } from "./measure";
import { loadSimulator, SIMULATOR, type Simulator } from "./simulator";

/**
 * The evaluator beside `@cloud-copilot/iam-simulate` (simulator.ts), on the same questions: may a role sign with a key under this key
 * policy and this identity policy. Both start from JSON text where documents are read. Their answers are compared before their times.
 */

const REPEATS = 20;
const ACCOUNT = "111122223333";
const KEY = `arn:aws:kms:eu-west-1:${ACCOUNT}:key/1f0e8a3c-0000-4000-8000-000000000001`;
const SCOPE = { partition: "aws", region: "eu-west-1", accountId: ACCOUNT };

interface Question {
    readonly caller: string;
    readonly action: string;
    /** JSON. */
    readonly keyPolicy: string;
    readonly identity: string;
}

export async function benchEvaluator(progress: (line: string) => void): Promise<(Comparison | Missing)[]> {
    const what = "decide who may use a key, a question";
    const hostile = await benchHostile();
    const loaded = await loadSimulator(progress);
    if ("missing" in loaded) return [{ what, missing: loaded.missing }, hostile];
    const { simulator } = loaded;
    const questions = corpus();
    await assertAgreement(simulator, questions);
    const asked = (ask: (question: Question) => unknown) => () =>
        timed(questions.length * REPEATS, (i) => ask(questions[i % questions.length]!));
    const read = new Map(questions.map((question) => [question, packQuestion(question)]));
    const simulate = asked((question) => theirs(simulator, question));
    return [
        await compare(
            what,
            asked((question) => mayKey(read.get(question)!.question, read.get(question)!.caller)),
            `${SIMULATOR}, which reads each time`,
            simulate,
        ),
        await compare(`${what}, documents read too`, asked(ours), SIMULATOR, simulate),
        hostile,
    ];
}

/** Who may sign under each hostile key policy, the slowest of them, beside the key policy of everyday. Read, and one question asked. */
async function benchHostile(): Promise<Comparison> {
    const judgeText = (text: string): void => {
        const world = { scope: SCOPE, keyPolicy: parsePolicy(text, "key"), principals: [], grants: [] };
        waysToKey(world, "kms:Sign", keyPanel(world));
    };
    const judged = (text: string, times: number) => () => timed(times, () => judgeText(text));
    const everyday = corpus()[0]!.keyPolicy;
    let [worst, slowest] = [HOSTILE[0]!, 0];
    for (const hostile of HOSTILE.filter(({ kind }) => kind === "key")) {
        await judged(hostile.text, 2)();
        const time = await judged(hostile.text, 3)();
        if (time > slowest) [worst, slowest] = [hostile, time];
    }
    const tool = `an everyday key policy; worst: ${worst.name}`;
    return compare("judge the worst hostile key policy", judged(worst.text, 20), tool, judged(everyday, 200));
}

/** A comparison of speed means something only where both give the same answer. */
async function assertAgreement(simulator: Simulator, questions: readonly Question[]): Promise<void> {
    const answers = questions.map(ours);
    const inPack = questions.map(packQuestion).map(({ question, caller }) => mayKey(question, caller) !== undefined);
    if (inPack.some((may, i) => may !== (answers[i] === "allow"))) throw new Error("our own two modes differ");
    const others = await Promise.all(questions.map((question) => theirs(simulator, question)));
    const different = answers.filter((answer, i) => (answer === "allow") !== (others[i] === "Allowed")).length;
    const allowed = answers.filter((answer) => answer === "allow").length;
    if (different > 0) throw new Error(`the evaluators differ on ${different} of ${questions.length} questions`);
    if (allowed === 0 || allowed === questions.length)
        throw new Error(`all ${questions.length} questions have one answer`);
}

function ours(question: Question): string {
    return decide(question, readDocuments(question));
}

interface Documents {
    readonly key: ParsedPolicy;
    readonly identity: ParsedPolicy;
}

/** The pack reads each document once a run, and asks many questions of it. */
function readDocuments({ keyPolicy, identity }: Question): Documents {
    return {
        key: parsePolicy(keyPolicy, "key"),
        identity: parsePolicy(identity, "identity"),
    };
}

/** As the pack asks: one world and action, read once, then one caller after the other. */
function packQuestion(question: Question): { question: KeyQuestion; caller: Principal } {
    const { key, identity } = readDocuments(question);
    const policies = [{ name: "identity", policy: identity }];
    const world = {
        scope: SCOPE,
        keyArn: KEY,
        keyPolicy: key,
        principals: [{ arn: question.caller, policies, complete: true }],
        grants: [],
    };
    return { question: keyQuestion(world, question.action), caller: principalOfArn(question.caller, SCOPE) };
}

function decide({ caller, action }: Question, { key, identity }: Documents): string {
    return decideExactly({
        caller: principalOfArn(caller, SCOPE),
        action,
        resource: KEY,
        resourceAccount: ACCOUNT,
        resourcePolicy: key,
        identity: [{ name: "identity", policy: identity }],
        context: { "aws:PrincipalArn": caller, "aws:PrincipalAccount": ACCOUNT },
        requiresDelegation: true,
    }).decision;
}

async function theirs(simulator: Simulator, { caller, action, keyPolicy, identity }: Question): Promise<string> {
    const simulation = {
        request: {
            principal: caller,
            action,
            resource: { resource: KEY, accountId: ACCOUNT },
            contextVariables: { "aws:PrincipalArn": caller, "aws:PrincipalAccount": ACCOUNT },
        },
        identityPolicies: [{ name: "identity", policy: JSON.parse(identity) as object }],
        serviceControlPolicies: [],
        resourceControlPolicies: [],
        resourcePolicy: JSON.parse(keyPolicy) as object,
    };
    const answer = await simulator.runSimulation(simulation, {});
    return answer.overallResult ?? answer.analysis?.result ?? JSON.stringify(answer);
}

/** Callers x actions x identity policies under two key policies: the one with a Deny for everyone else, and AWS's default. */
function corpus(): Question[] {
    const signer = `arn:aws:iam::${ACCOUNT}:role/signing/release-v1-signer`;
    const callers = [signer, `arn:aws:iam::${ACCOUNT}:role/administrator`, `arn:aws:iam::${ACCOUNT}:user/operator`];
    const root = `arn:aws:iam::${ACCOUNT}:root`;
    const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
    const allow = (Principal: object, Action: string | string[]) => ({
        Effect: "Allow",
        Principal,
        Action,
        Resource: "*",
    });
    const exclusive = document(
        allow({ AWS: root }, ["kms:DescribeKey", "kms:GetPublicKey", "kms:GetKeyPolicy"]),
        allow({ AWS: signer }, "kms:Sign"),
        {
            Effect: "Deny",
            Principal: "*",
            Action: "kms:Sign",
            Resource: "*",
            Condition: { StringNotEquals: { "aws:PrincipalArn": signer } },
        },
    );
    const keyPolicies = [exclusive, document(allow({ AWS: root }, "kms:*"))];
    const identities = [
        document({ Effect: "Allow", Action: "kms:*", Resource: "*" }),
        document({
            Effect: "Allow",
            Action: ["kms:Get*", "kms:DescribeKey"],
            Resource: `arn:aws:kms:*:${ACCOUNT}:key/*`,
        }),
        document(
            { Effect: "Allow", NotAction: "iam:*", Resource: "*" },
            { Effect: "Deny", Action: "kms:Sign", Resource: "*" },
        ),
    ];
    const actions = ["kms:Sign", "kms:GetPublicKey", "kms:PutKeyPolicy"];
    return keyPolicies.flatMap((keyPolicy) =>
        identities.flatMap((identity) =>
            callers.flatMap((caller) => actions.map((action) => ({ caller, action, keyPolicy, identity }))),
        ),
    );
}
