import { on } from "./build";
import {
    ACCOUNT,
    added,
    type Json,
    type Mutant,
    type Program,
    SIGNER,
    SIGNER_NAME,
    UNKNOWN,
    withStatement,
    withTrust,
} from "./program";
import { CI } from "./trust";
import { ALONE, FROM, INTO, ISSUER, type Running, STARTERS, TAKEOVER } from "./verb-table";

/** D: every verb of the takeover catalogue, one mutant each, with what else it needs. */

const may = (program: Program, statement: Json) => withStatement(program, statement);

/** An instance names its profile, or gets it from the resource. */
const PROFILES: Readonly<Record<string, readonly [profile: string, from: boolean]>> = {
    name: ["profile", false],
    ARN: [`arn:aws:iam::${ACCOUNT}:instance-profile/profile`, false],
    resource: [UNKNOWN, true],
};

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
    ...Object.entries(PROFILES).map(([how, [iamInstanceProfile, from]]): Mutant => ({
        threat: "T64",
        rule: TAKEOVER,
        level: "stack",
        name: `ssm:SendCommand, with a machine that gets the signer by its profile's ${how}`,
        change: (program) => {
            const profile = added(program, "aws:iam/instanceProfile:InstanceProfile", "mutant", {
                name: "profile",
                role: SIGNER_NAME,
            });
            const dependencies = from ? { propertyDependencies: { iamInstanceProfile: [profile.urn!] } } : {};
            return [
                profile,
                added(program, "aws:ec2/instance:Instance", "mutant", { iamInstanceProfile }, dependencies),
                may(program, on("ssm:SendCommand")),
            ];
        },
    })),
    ...FROM.flatMap((one) => running(one, "T65")),
];
