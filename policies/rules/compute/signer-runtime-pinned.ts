import { NO_SCOPE, scopeOf, signerArn } from "../../place";
import { read, readList, valueOf } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import type { Settings, SignerSetting } from "../../settings";
import { environmentFindings, foreignKeys } from "../../signer-environment";
import { EXAMPLE_PROVIDER } from "../example";

/** Inputs that bring other code, or run the code another way. */
const ABSENT = [
    "layers",
    "imageUri",
    "imageConfig",
    "fileSystemConfig",
    "s3Bucket",
    "s3Key",
    "s3ObjectVersion",
    "sourceCodeHash",
    "snapStart",
    "publish",
    "publishTo",
    "replaceSecurityGroupsOnDestroy",
    "codeSigningConfigArn",
    // On somebody's machines; replayed; its events handed on; one environment a tenant; its archive under another key.
    "capacityProviderConfig",
    "durableConfig",
    "deadLetterConfig",
    "tenancyConfig",
    "sourceKmsKeyArn",
];

const GOOD = {
    name: "countersign-dev-modules-v1-sign",
    role: "arn:aws:iam::111122223333:role/signing/countersign-dev-modules-v1-signer",
    runtime: "nodejs24.x",
    handler: "__index.handler",
    environment: {
        variables: { KEY_ARN: "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab" },
    },
};

export const signerRuntimePinned: Rule = {
    id: "signer-runtime-pinned",
    description: "a signer runs the reviewed code, and nothing in its environment changes what that is",
    severity: "critical",
    framework: NIST_CONFIGURATION,
    threats: ["T69"],
    types: ["aws:lambda/function:Function"],
    fix: "compare the code with its source, then put its digest into the signer's codeSha256; pin variables in `environment`",
    reads: ["accountId", "orgId", "regions", "signers", "unpinnedCode"],
    good: { provider: EXAMPLE_PROVIDER, props: GOOD, code: "exports.handler = async () => undefined;" },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: {
            ...GOOD,
            environment: {
                variables: { ...GOOD.environment.variables, NODE_OPTIONS: "--import=data:text/javascript,x" },
            },
        },
        code: "exports.handler = async () => undefined;",
    },
    check: (resource, settings) => {
        const name = read<string>(() => resource.props.name);
        const role = read<string>(() => resource.props.role);
        const signer = signerOf(resource, settings);
        if (signer === undefined) {
            return name.kind === "unknown" || role.kind === "unknown"
                ? [{ at: name.kind === "unknown" ? "name" : "role", saw: "unknown, so it may be a signer" }]
                : [];
        }
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return [
            ...exactly(resource, "name", signer.function),
            ...exactly(resource, "role", signerArn(scope, signer)),
            ...exactly(resource, "handler", "__index.handler"),
            ...exactly(resource, "runtime", "nodejs24.x"),
            ...absentFindings(resource),
            ...environmentFindings(resource, signer, scope),
            ...codeFindings(resource, signer, settings),
        ];
    },
    checkStack: (resources, settings) =>
        resources
            .filter(({ type }) => type === "aws:lambda/function:Function")
            .flatMap((resource) => {
                const signer = signerOf(resource, settings);
                return signer === undefined ? [] : foreignKeys(resource, signer, resources);
            }),
};

/** By the function's name, or by the role that it runs as. */
function signerOf({ props }: ResourceView, { signers }: Settings): SignerSetting | undefined {
    const name = valueOf(read<string>(() => props.name));
    const role = valueOf(read<string>(() => props.role));
    return signers.find((one) => one.function === name || (typeof role === "string" && role.endsWith(`/${one.role}`)));
}

function exactly({ props }: ResourceView, at: string, expected: string): Finding[] {
    const value = read<string>(() => props[at]);
    return value.kind === "known" && value.value === expected
        ? []
        : [{ at, saw: `${value.kind === "known" ? "another" : value.kind}, expected ${expected}` }];
}

function absentFindings({ props }: ResourceView): Finding[] {
    const packageType = read<string>(() => props.packageType);
    const isZip = packageType.kind === "absent" || (packageType.kind === "known" && packageType.value === "Zip");
    return [
        ...(isZip ? [] : [{ at: "packageType", saw: "not Zip: an image is code that nobody reviewed here" }]),
        ...ABSENT.flatMap((at): Finding[] => {
            const value = readList<unknown>(() => props[at]);
            const isOff =
                value.kind === "absent" ||
                (value.kind === "known" && value.value.every((one) => one.kind === "known" && one.value === false));
            return isOff ? [] : [{ at, saw: "set, expected absent" }];
        }),
    ];
}

function codeFindings({ codeSha256 }: ResourceView, signer: SignerSetting, { unpinnedCode }: Settings): Finding[] {
    const at = "code";
    if (signer.codeSha256.length === 0) {
        return unpinnedCode === ""
            ? [{ at, saw: `not pinned; codeSha256 of this code is ${codeSha256 ?? "not known"}` }]
            : [];
    }
    if (codeSha256 === undefined) return [{ at, saw: "not one file __index.js with text, so it has no digest" }];
    return signer.codeSha256.includes(codeSha256)
        ? []
        : [{ at, saw: `SHA-256 ${codeSha256}, expected ${signer.codeSha256.join(" or ")}` }];
}
