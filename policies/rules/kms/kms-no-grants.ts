import { read, readList } from "../../read";
import { type Finding, NIST_KEY_MANAGEMENT, type ResourceView, type Rule } from "../../rule";

/** Operations by which a grant on a signing key could sign, or hand on the power to. */
const HARMLESS = [
    "Decrypt",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
    "DescribeKey",
    "RetireGrant",
    "GenerateMac",
    "VerifyMac",
];

export const kmsNoGrants: Rule = {
    id: "kms-no-grants",
    description: "no grant can sign, and no signing key has a grant",
    severity: "critical",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T27"],
    types: ["aws:kms/grant:Grant"],
    fix: "remove the grant: access to a signing key comes from its key policy alone",
    reads: ["nonSigningKeys"],
    good: {
        props: {
            keyId: "alias/data",
            granteePrincipal: "arn:aws:iam::111122223333:role/reader",
            operations: ["Decrypt"],
        },
    },
    bad: {
        props: { keyId: "alias/data", granteePrincipal: "arn:aws:iam::111122223333:role/reader", operations: ["Sign"] },
    },
    check: ({ props }) => operationFindings(props),
    checkStack: (resources) =>
        resources
            .filter(({ type }) => type === "aws:kms/grant:Grant")
            .flatMap((grant) => keyFindings(grant, resources).map((finding) => ({ ...finding, resource: grant }))),
};

/** Self-contained: such a grant is wrong on whatever key, and the key of a new grant is unknown at preview. */
function operationFindings(props: ResourceView["props"]): Finding[] {
    const operations = readList<string>(() => props.operations);
    if (operations.kind !== "known")
        return [{ at: "operations", saw: `${operations.kind}, expected a list without Sign` }];
    return operations.value.flatMap((operation, i): Finding[] => {
        if (operation.kind === "known" && HARMLESS.includes(operation.value)) return [];
        const saw = operation.kind === "known" ? operation.value : operation.kind;
        return [{ at: `operations[${i}]`, saw: `${saw}, expected one of ${HARMLESS.join(", ")}` }];
    });
}

function keyFindings(grant: ResourceView, resources: readonly ResourceView[]): Finding[] {
    const from = grant.dependencies?.keyId ?? [];
    const keys = resources.filter(({ urn, type }) => from.includes(urn) && type.startsWith("aws:kms/"));
    const id = read<string>(() => grant.props.keyId);
    if (keys.length === 0 && id.kind !== "known")
        return [{ at: "keyId", saw: "unknown, and it depends on no key of this stack" }];
    return keys
        .filter(
            (key) => read<string>(() => key.props.keyUsage).kind !== "known" || key.props.keyUsage === "SIGN_VERIFY",
        )
        .map((key) => ({ at: "keyId", saw: `a grant on signing key ${key.name}`, target: key.name }));
}
