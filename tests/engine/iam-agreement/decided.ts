import type { RawPolicy } from "../../lib/iam/oracle";
import type { World } from "./worlds";

/** What lib/iam and the local cloud read differently when first asked, and what was done about it: docs/iam-agreement.md. */
export interface Decided {
    readonly what: string;
    /** What AWS's documentation says. */
    readonly documented: string;
    readonly libIam: string;
    readonly localCloud: string;
    readonly decision: string;
    /** Of what stays different: whether a world holds it. Absent where both agree now. */
    readonly isKnown?: (world: World) => boolean;
}

export const DECIDED: readonly Decided[] = [
    {
        what: "A wildcard of ArnLike or ArnEquals across a colon: `arn:*`, `*signer*`, `arn:aws:iam::1111*`",
        documented:
            'IAM User Guide, "Condition operators": each of the six components is checked separately, each may hold wildcards',
        libIam: "no match",
        localCloud: "match: one glob over the whole ARN",
        decision: "the local cloud was wrong; repaired in `extension/conditions.py`",
    },
    {
        what: "A key policy allows `*`, the caller's boundary or session policy does not",
        documented:
            'IAM User Guide, "Principal": boundaries and session policies do not limit what `aws:PrincipalArn` with a wildcard principal grants; only a role named by its ARN is limited',
        libIam: "allow",
        localCloud: "implicit deny",
        decision: "the local cloud was wrong; repaired in `extension/resource_policies.py`",
    },
    {
        what: '`Null` with both values, `["false", "true"]`',
        documented: 'IAM User Guide, "Multiple values": the values of one key are ORed',
        libIam: "always true",
        localCloud: "the first value alone",
        decision: "the local cloud was wrong; repaired in `extension/conditions.py`",
    },
    {
        what: "A multivalued key (`kms:GrantOperations`, `aws:TagKeys`) without `ForAllValues` or `ForAnyValue`",
        documented:
            'IAM User Guide, "Single-valued vs. multivalued context keys": asks for a set operator and gives no meaning without one',
        libIam: "any value for a positive operator, none for a negated one",
        localCloud: "compares the text of the whole list, which never matches",
        decision: "neither is right; the gateway refuses the document, and the pack counts the condition as unknown",
    },
    {
        what: "A date that is neither ISO 8601 nor whole seconds: `1e3`, `1577836800.5`",
        documented: 'IAM User Guide, "Date condition operators": ISO 8601 or epoch time; nothing on other text',
        libIam: "no match",
        localCloud: "read as a fraction of seconds",
        decision: "known, not repaired: in the pack every date is unknown, so no verdict rests on it",
        isKnown: ({ keyPolicy, identity, boundary, session }) =>
            [keyPolicy, ...identity, boundary, session].some((text) => text !== undefined && holdsOddDate(text)),
    },
];

function holdsOddDate(text: string): boolean {
    return (JSON.parse(text) as RawPolicy).Statement.flatMap(({ Condition = {} }) => Object.entries(Condition))
        .filter(([operator]) => operator.includes("Date"))
        .flatMap(([, keys]) => Object.values(keys).flat())
        .some((value) => !/^(?:\d+|\d{4}-\d{2}-\d{2}T[\d:]{8}Z)$/.test(value));
}

/** The rows of docs/iam-agreement.md. */
export function decidedTable(): string {
    const rows = DECIDED.map(({ what, documented, libIam, localCloud, decision }) =>
        [what, documented, libIam, localCloud, decision].join(" | "),
    );
    return [
        "| What | AWS documents | `lib/iam` | Local cloud, before | Decided |",
        "|---|---|---|---|---|",
        ...rows.map((row) => `| ${row} |`),
    ].join("\n");
}
