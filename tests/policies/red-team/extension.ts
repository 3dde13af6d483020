import type { Settings } from "../../../policies/settings";
import type { Registered } from "../../support/pack-process";
import { ACCOUNT, added, type Json, type Program, UNKNOWN } from "../mutations/program";

/** What people add to a program like this in a fork of theirs, as a preview shows it: ARNs of new resources are not known yet. */

export interface Extension {
    readonly name: string;
    readonly change: (program: Program) => readonly Registered[];
    /** What the settings have to say, in addition to the program's. */
    readonly settings?: (settings: Partial<Settings>) => Partial<Settings>;
}

export const TAGS = { owner: "platform", "data-class": "internal" };
export const P = "countersign-local";
export const roleArn = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
export const document = (...statements: Json[]): string =>
    JSON.stringify({ Version: "2012-10-17", Statement: statements.map((one) => ({ Effect: "Allow", ...one })) });
export const trust = (service: string, condition?: Json): string =>
    document({ Principal: { Service: service }, Action: "sts:AssumeRole", ...(condition && { Condition: condition }) });

export type Inputs = Readonly<Record<string, unknown>>;

/** Resources whose unknown inputs come from others of the list, by input. */
export function declare(
    program: Program,
    list: readonly (readonly [string, string, Inputs, Readonly<Record<string, string>>?])[],
): Registered[] {
    const made: Registered[] = [];
    for (const [type, name, inputs, from = {}] of list) {
        const propertyDependencies = Object.fromEntries(
            Object.entries(from).map(([input, other]) => [input, [made.find((one) => one.name === other)!.urn!]]),
        );
        made.push(added(program, type, name, { ...inputs }, { propertyDependencies }));
    }
    return made;
}

export const served =
    (...names: string[]) =>
    (settings: Partial<Settings>): Partial<Settings> => ({ serviceRoles: [...settings.serviceRoles!, ...names] });
export const typed =
    (...types: string[]) =>
    (): Partial<Settings> => ({
        extraTypes: types.map((type) => ({ type, reason: "it names no role, key or function" })),
    });

export const acting =
    (...names: string[]) =>
    (): Partial<Settings> => ({ extraActions: names.map((name) => ({ name, reason: "it runs nothing as a role" })) });

export const functionOf = (
    name: string,
    statements: Json[],
): (readonly [string, string, Inputs, Readonly<Record<string, string>>?])[] => [
    [
        "aws:iam/role:Role",
        `${name}-role`,
        { name: `${P}-${name}`, assumeRolePolicy: trust("lambda.amazonaws.com"), tags: TAGS },
    ],
    ["aws:iam/rolePolicy:RolePolicy", `${name}-policy`, { role: `${P}-${name}`, policy: document(...statements) }],
    [
        "aws:cloudwatch/logGroup:LogGroup",
        `${name}-log`,
        { name: `/aws/lambda/${P}-${name}`, retentionInDays: 400, kmsKeyId: UNKNOWN, tags: TAGS },
    ],
    [
        "aws:lambda/function:Function",
        name,
        {
            name: `${P}-${name}`,
            role: roleArn(`${P}-${name}`),
            runtime: "nodejs24.x",
            handler: "__index.handler",
            environment: { variables: { RESULTS_BUCKET: `${P}-results-${ACCOUNT}-eu-west-1` } },
            tags: TAGS,
        },
    ],
];

export const BUCKET = `${P}-reports-${ACCOUNT}-eu-west-1`;
