/**
 * The unique ids of roles and users, followed from the IAM calls that make and delete them.
 *
 * Complete, since the front door is the only way to IAM. A role that is deleted and made again has another id: whoever
 * was given access as the former is not the latter.
 */
export interface Principals {
    /** A successful IAM call of the account. */
    observe(accountId: string, operation: string, form: URLSearchParams, answer: string): void;
    /** `AROA...` or `AIDA...` of a role or user ARN, the account id of a root ARN; undefined if there is none. */
    uniqueId(arn: string): string | undefined;
    /** A role's MaxSessionDuration; undefined if there is no such role. */
    maxSessionSeconds(arn: string): number | undefined;
}

interface Entity {
    readonly arn: string;
    readonly uniqueId: string;
    readonly maxSessionSeconds?: number;
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html */
const DEFAULT_SESSION_SECONDS = 3600;

export function createPrincipals(): Principals {
    /** By account, kind and name, which IAM keeps unique whatever the path. */
    const byName = new Map<string, Entity>();
    const byArn = (arn: string): Entity | undefined => [...byName.values()].find((entity) => entity.arn === arn);
    return {
        observe: (accountId, operation, form, answer) => {
            const [, verb, kind] = /^(Create|Delete|Update)(Role|User)$/.exec(operation) ?? [];
            if (verb === undefined || kind === undefined) return;
            const name = `${accountId}/${kind}/${form.get(`${kind}Name`)}`;
            const known = byName.get(name);
            if (verb === "Delete") byName.delete(name);
            else if (verb === "Create") {
                const made = madeEntity(kind, form, answer);
                if (made) byName.set(name, made);
            } else if (known && kind === "Role") {
                byName.set(name, { ...known, maxSessionSeconds: sessionSeconds(form, known.maxSessionSeconds) });
            }
        },
        uniqueId: (arn) => byArn(arn)?.uniqueId ?? /^arn:[\w-]+:iam::(\d{12}):root$/.exec(arn)?.[1],
        maxSessionSeconds: (arn) => byArn(arn)?.maxSessionSeconds,
    };
}

function madeEntity(kind: string, form: URLSearchParams, answer: string): Entity | undefined {
    const uniqueId = element(answer, `${kind}Id`);
    const arn = element(answer, "Arn");
    if (uniqueId === undefined || arn === undefined) return undefined;
    return { arn, uniqueId, ...(kind === "Role" ? { maxSessionSeconds: sessionSeconds(form) } : {}) };
}

function sessionSeconds(form: URLSearchParams, otherwise = DEFAULT_SESSION_SECONDS): number {
    return Number(form.get("MaxSessionDuration") ?? otherwise);
}

function element(xml: string, tag: string): string | undefined {
    return new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(xml)?.[1];
}
