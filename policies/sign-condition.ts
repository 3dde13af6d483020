import { intersects } from "../lib/iam/glob";
import type { Condition, ParsedPolicy, Statement } from "../lib/iam/types";
import { ALGORITHMS, algorithmsOf, type MessageType, type SigningAlgorithm } from "../lib/kms/specs";
import type { Finding } from "./rule";

const ALGORITHM = "kms:signingalgorithm";
const MESSAGE = "kms:messagetype";
/** The only verbs that have these keys; reads under such a condition match never, or always. */
const VERBS = ["kms:sign", "kms:verify"];

/**
 * What a key may sign is fixed with who may: one algorithm, and the one form of message in which what is signed is what was
 * checked (RSA and ECDSA under DIGEST; RAW would let KMS hash what nobody looked at).
 * https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-signing-algorithm
 *
 * @param spec of the key; undefined where it is not known, which is another finding
 */
export function signConditionFindings({ document }: ParsedPolicy, spec: string | undefined): Finding[] {
    return document.statements.flatMap((statement): Finding[] => {
        const misplaced = misplacedFinding(statement);
        return statement.effect === "Allow" && mayBeSign(statement)
            ? [...misplaced, ...pinFindings(statement, spec)]
            : misplaced;
    });
}

function mayBeSign({ actions }: Statement): boolean {
    return actions.negated || actions.entries.some(({ text }) => intersects(text.toLowerCase(), "kms:sign"));
}

function pinFindings(statement: Statement, spec: string | undefined): Finding[] {
    const known = algorithms(spec);
    const algorithm = pins(statement, ALGORITHM).find(([one, ...more]) => more.length === 0 && isOne(one, known))?.[0];
    if (algorithm === undefined) {
        const expected = `one of ${known.join(", ")} by StringEquals kms:SigningAlgorithm`;
        return [{ at: place(statement), saw: `allows kms:Sign with more than one algorithm, expected ${expected}` }];
    }
    const forms: readonly string[] = ALGORITHMS[algorithm as SigningAlgorithm]
        .messageTypes satisfies readonly MessageType[];
    if (pins(statement, MESSAGE).some((given) => given.length > 0 && given.every((one) => forms.includes(one))))
        return [];
    const expected = `${forms.join(" or ")} by StringEquals kms:MessageType`;
    return [{ at: place(statement), saw: `allows kms:Sign of messages in any form, expected ${expected}` }];
}

/** Value lists of conditions that restrict: any other operator also holds where the key is absent, or for a pattern. */
function pins({ conditions }: Statement, wanted: string): string[][] {
    return conditions
        .filter(({ key, operator }) => key === wanted && operator !== undefined && isPlainEquals(operator))
        .map(({ values }) => values.map(({ text }) => text));
}

function isPlainEquals({ base, negated, ifExists, quantifier }: NonNullable<Condition["operator"]>): boolean {
    return base === "StringEquals" && !negated && !ifExists && quantifier === undefined;
}

function misplacedFinding(statement: Statement): Finding[] {
    const condition = statement.conditions.find(({ key }) => key === ALGORITHM || key === MESSAGE);
    if (condition === undefined) return [];
    const { negated, entries } = statement.actions;
    const other = negated ? "an exclusion" : entries.find(({ text }) => !VERBS.includes(text.toLowerCase()))?.text;
    if (other === undefined) return [];
    const saw = `stands on ${other} as well, expected kms:Sign alone: other requests have no such key`;
    return [{ at: `policy ${condition.at}`, saw }];
}

function algorithms(spec: string | undefined): readonly string[] {
    try {
        return spec === undefined ? Object.keys(ALGORITHMS) : algorithmsOf(spec);
    } catch {
        return Object.keys(ALGORITHMS); // a spec that cannot sign is another finding
    }
}

function isOne(text: string | undefined, known: readonly string[]): boolean {
    return text !== undefined && known.includes(text);
}

function place({ at, sid }: Statement): string {
    return `policy ${at}${sid === undefined ? "" : ` (${sid})`}`;
}
