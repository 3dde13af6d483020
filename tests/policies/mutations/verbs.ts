import { on } from "./build";
import { added, type Json, type Mutant, type Program, SIGNER, withStatement, withTrust } from "./program";
import { CI } from "./trust";
import { ALONE, FROM, INTO, ISSUER, type Running, STARTERS, TAKEOVER } from "./verb-table";

/** D: every verb of the takeover catalogue, one mutant each, with what else it needs. */

const may = (program: Program, statement: Json) => withStatement(program, statement);

function running({ what, type, properties, verbs }: Running, threat: string): Mutant[] {
    return verbs.flatMap((verb): Mutant[] => {
        const change: Mutant["change"] = (program) => [
            added(program, type, "mutant", properties),
            may(program, on(verb)),
        ];
        return [
            { threat, rule: "signer-referrers-allowlist", name: `${verb}, with ${what} as the signer`, change },
            { threat, rule: TAKEOVER, name: `${verb}, with ${what} as the signer, as a path`, level: "stack", change },
        ];
    });
}

export const verbMutants: readonly Mutant[] = [
    ...ALONE.flatMap(([threat, rule, target, verbs]) =>
        verbs.map((verb): Mutant => ({
            threat,
            rule,
            ...(rule === TAKEOVER && { level: "both" as const }),
            name: `${verb} alone`,
            change: (program) => [may(program, on(verb, target))],
        })),
    ),
    {
        threat: "T60",
        rule: TAKEOVER,
        level: "both",
        name: "iam:DeleteRole with iam:CreateRole",
        change: (program) => [may(program, on(["iam:DeleteRole", "iam:CreateRole"], SIGNER))],
    },
    ...ISSUER.map((verb): Mutant => ({
        threat: "T61",
        rule: TAKEOVER,
        name: `${verb}, with a signer in direct mode`,
        settings: { ...(CI as unknown as Mutant["settings"] & object), directMode: true },
        change: (program) => [may(program, on(verb))],
    })),
    ...Object.entries(STARTERS).flatMap(([service, verbs]) =>
        verbs.flatMap((verb): Mutant[] => [
            {
                threat: "T63",
                ...(service === "lambda.amazonaws.com"
                    ? { rule: TAKEOVER, level: "both" as const }
                    : { rule: "iam-passrole-scoped" }),
                name: `iam:PassRole with ${verb}`,
                change: (program) => [may(program, on(["iam:PassRole", verb]))],
            },
            {
                threat: "T63",
                rule: TAKEOVER,
                name: `iam:PassRole with ${verb}, of a signer that trusts ${service}`,
                level: "stack",
                change: (program) => [
                    may(program, on(["iam:PassRole", verb])),
                    withTrust(program, "modules-v1-signer", [{ Principal: { Service: service } }]),
                ],
            },
        ]),
    ),
    ...INTO.flatMap((one) => running(one, "T64")),
    ...FROM.flatMap((one) => running(one, "T65")),
];
