import { TABLE_VERBS } from "../../../lib/iam/takeover-catalogue";
import { hitsOf, targetOf } from "../../../lib/iam/statement";
import { documentsOf, IDENTITY_TYPES, identityDocuments } from "../../documents";
import { arnOfRole, NO_SCOPE, scopeOf, tableArn } from "../../place";
import { read, readList, valueOf } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type ResourceView, type Rule, type StackFinding } from "../../rule";
import type { Settings } from "../../settings";
import { callersFindings, writerFunctionFindings } from "../../table-writers";
import { mentions, walk } from "../../walk";
import { policyExample } from "../example";
import { isRoleInput } from "../stack/outside-roles";

const TABLE = "aws:dynamodb/table:Table";

const FUNCTION = "aws:lambda/function:Function";
/** They attach rights to a role and do not run as it. */
const ATTACHING = [
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive",
    "aws:iam/rolePoliciesExclusive:RolePoliciesExclusive",
];

/** What writes items, or lets others write them, beside an identity document; all it has to do is name the table. */
const WRITERS = [
    "aws:dynamodb/tableItem:TableItem",
    "aws:dynamodb/resourcePolicy:ResourcePolicy",
    "aws:dynamodb/globalTable:GlobalTable",
    "aws:dynamodb/tableReplica:TableReplica",
    "aws:dynamodb/kinesisStreamingDestination:KinesisStreamingDestination",
];

/** Inputs by which a table starts with somebody else's items, or lives in other places. */
const FOREIGN = [
    "importTable",
    "restoreSourceName",
    "restoreSourceTableArn",
    "restoreBackupArn",
    "restoreDateTime",
    "restoreToLatestTime",
    "replicas",
    "globalTableWitness",
];

export const controlTables: Rule = {
    id: "control-tables",
    description: "only the configured role writes a table that decides what is signed or logged",
    severity: "critical",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T68"],
    types: "any",
    fix: "write the table by its one writer's function, listed in controlTables, which runs the program's own code and is called by roles only",
    limits: "a writer that gets its table from another resource, of unknown name, is traced to it in the stack only; until then an unknown name is refused",
    reads: [
        "accountId",
        "orgId",
        "regions",
        "signers",
        "controlTables",
        "deployRole",
        "breakGlass",
        "boundaryPolicies",
        "externalAccounts",
    ],
    good: policyExample({
        Action: "dynamodb:PutItem",
        Resource: "arn:aws:dynamodb:eu-west-1:111122223333:table/countersign-dev-requests",
    }),
    bad: {
        type: "aws:dynamodb/tableItem:TableItem",
        props: { tableName: "countersign-dev-requests", hashKey: "id", item: "{}" },
    },
    check: (resource, settings) => {
        if (resource.type === TABLE) return tableFindings(resource, settings);
        if (WRITERS.includes(resource.type)) return writerFindings(resource, settings);
        if (IDENTITY_TYPES.includes(resource.type)) return documentFindings(resource, settings);
        return [...borrowed(resource, settings), ...writerFunctionFindings(resource, settings)];
    },
    checkStack: (resources, settings) => foreignItems(resources, settings),
};

function tableFindings(resource: ResourceView, { controlTables: tables }: Settings): Finding[] {
    const { props } = resource;
    const name = read<string>(() => props.name);
    if (name.kind !== "known") return [{ at: "name", saw: `${name.kind}, expected an explicit name` }];
    if (!tables.some(({ table }) => mentions(name.value, table))) return []; // DynamoDB takes an ARN for a name
    const encrypted = read<boolean>(() => props.serverSideEncryption?.enabled);
    const plain: Finding[] =
        encrypted.kind === "known" && encrypted.value
            ? []
            : [{ at: "serverSideEncryption.enabled", saw: "not true on a control table, expected the data key" }];
    const foreign = FOREIGN.flatMap((at): Finding[] => {
        const list = readList<unknown>(() => props[at]);
        const isEmpty = list.kind === "absent" || (list.kind === "known" && list.value.length === 0);
        return isEmpty ? [] : [{ at, saw: "set on a control table, expected absent" }];
    });
    // What is gone may be done again: a `once#` that has expired no longer says that something was signed.
    const expiry = read<unknown>(() => props.ttl);
    const enabled = read<boolean>(() => props.ttl?.enabled);
    const expires = expiry.kind !== "absent" && !(enabled.kind === "known" && !enabled.value);
    return [
        ...plain,
        ...foreign,
        ...(expires ? [{ at: "ttl", saw: "items of a control table expire, expected no ttl" }] : []),
    ];
}

/** Whatever runs as a writer writes: only the function that has the role's name is the one whose code is the program's. */
function borrowed(resource: ResourceView, { controlTables: tables, signers }: Settings): Finding[] {
    const { type, props } = resource;
    if (!type.startsWith("aws:") || ATTACHING.includes(type)) return [];
    const own = type === FUNCTION ? valueOf(read<string>(() => props.name)) : undefined;
    const writers = [...new Set(tables.flatMap((table) => table.writers))].filter(
        (name) => name !== own && !signers.some(({ role }) => role === name), // signer-referrers-allowlist
    );
    if (writers.length === 0) return [];
    const { leaves } = walk(props, ["code", ...documentsOf(resource).map(({ at }) => at)]);
    const leaf = leaves.find(({ at, value, inside }) =>
        writers.some(
            (name) =>
                (value === name && !inside && isRoleInput(at)) ||
                (/:(role|assumed-role|instance-profile)\//.test(value) && mentions(value, name)),
        ),
    );
    return leaf === undefined
        ? []
        : [{ at: leaf.at, saw: "names a role that writes a control table, expected its function alone" }];
}

/** By name, by ARN, or by a name that is not known: in the update the table exists and its name is known. */
function writerFindings({ type, props }: ResourceView, { controlTables: tables }: Settings): Finding[] {
    const { leaves, unknown, cut } = walk(props, ["item"]);
    const named = tables.find(({ table }) => leaves.some(({ value }) => mentions(value, table)));
    if (named !== undefined)
        return [{ at: "type", saw: `${type} writes control table ${named.table}`, target: named.table }];
    const blind = unknown.find((at) => /^(tableName|tableArn|resourceArn|globalTableArn|name)$/.test(at));
    if (cut || blind !== undefined) return [{ at: blind ?? "props", saw: "not known, so it may be a control table" }];
    return [];
}

function documentFindings(resource: ResourceView, settings: Settings): Finding[] {
    const documents = identityDocuments(resource, settings.boundaryPolicies);
    if (documents.length === 0 || settings.controlTables.length === 0) return [];
    const scope = scopeOf(resource, settings);
    if (scope === undefined) return [NO_SCOPE];
    return documents.flatMap((document): Finding[] => {
        const holder =
            document.owner.kind === "known"
                ? arnOfRole(scope, document.owner.value, settings)
                : "whoever holds the document";
        if ([settings.deployRole, ...settings.breakGlass.map(({ arn }) => arn)].includes(holder)) return [];
        const calls = callersFindings(document, settings, scope);
        const writes = settings.controlTables.flatMap(({ table, writers }): Finding[] => {
            if (writers.some((name) => arnOfRole(scope, name, settings) === holder)) return [];
            const [hit] = TABLE_VERBS.flatMap((action) =>
                hitsOf(document.policy, targetOf(action, tableArn(scope, table)))
                    .filter(({ statement }) => statement.effect === "Allow")
                    .map(({ at }) => ({ action, at })),
            );
            if (hit === undefined) return [];
            return [
                {
                    at: `${document.at} ${hit.at}`,
                    saw: `writes a control table, expected only ${writers.join(", ") || "nobody"}`,
                    principal: holder,
                    action: hit.action,
                    target: table,
                },
            ];
        });
        return [...calls, ...writes];
    });
}

function foreignItems(resources: readonly ResourceView[], { controlTables: tables }: Settings): StackFinding[] {
    const control = resources.filter(
        ({ type, props }) =>
            type === TABLE && tables.some(({ table }) => table === valueOf(read<string>(() => props.name))),
    );
    return resources
        .filter(({ type }) => WRITERS.includes(type))
        .flatMap((resource) => {
            const from = Object.values(resource.dependencies ?? {}).flat();
            const table = control.find(({ urn }) => from.includes(urn));
            return table === undefined
                ? []
                : [{ resource, at: "type", saw: `${resource.type} depends on control table ${table.name}` }];
        });
}
