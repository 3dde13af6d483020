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
}

export function createPrincipals(): Principals {
    const ids = new Map<string, string>();
    const arns = new Map<string, string>();
    return {
        observe: (accountId, operation, form, answer) => {
            const made = /^Create(Role|User)$/.exec(operation);
            const gone = /^Delete(Role|User)$/.exec(operation);
            const kind = made?.[1] ?? gone?.[1];
            if (!kind) return;
            const name = `${accountId}/${kind}/${form.get(`${kind}Name`)}`;
            if (gone) {
                ids.delete(arns.get(name) ?? "");
                arns.delete(name);
                return;
            }
            const id = element(answer, `${kind}Id`);
            const arn = element(answer, "Arn");
            if (id === undefined || arn === undefined) return;
            ids.set(arn, id);
            arns.set(name, arn);
        },
        uniqueId: (arn) => ids.get(arn) ?? /^arn:[\w-]+:iam::(\d{12}):root$/.exec(arn)?.[1],
    };
}

function element(xml: string, tag: string): string | undefined {
    return new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(xml)?.[1];
}
