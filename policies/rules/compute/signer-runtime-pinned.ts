import { NO_SCOPE, scopeOf, signerArn } from "../../place";
import { read, readKeys, readList, valueOf } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import type { Settings, SignerSetting } from "../../settings";
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
    fix: "compare the code with its source, then put its digest into the signer's codeSha256; name variables in `environment`",
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
        const signer = settings.signers.find(
            (one) => one.function === valueOf(name) || (role.kind === "known" && role.value.endsWith(`/${one.role}`)),
        );
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
            ...environmentFindings(resource, signer),
            ...codeFindings(resource, signer, settings),
        ];
    },
};

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

function environmentFindings({ props }: ResourceView, { environment }: SignerSetting): Finding[] {
    // The provider takes a list of one for the one object that it wants.
    const given = [read<unknown>(() => props.environment), read<unknown>(() => props.environment?.variables)];
    if (given.some(({ kind, ...one }) => kind === "known" && !isPlain((one as { value: unknown }).value)))
        return [{ at: "environment", saw: "no object of variables, so its names cannot be judged" }];
    const names = readKeys(() => props.environment?.variables);
    if (names.kind === "absent") return [];
    if (names.kind === "unknown") return [{ at: "environment", saw: "unknown, expected names that can be judged" }];
    return names.value
        .filter((name) => !environment.includes(name))
        .map((name) => ({
            at: `environment.variables.${/^[A-Z0-9_]{1,64}$/.test(name) ? name : "?"}`,
            saw: "a variable that the signer's settings do not list: it may change what code runs",
        }));
}

function isPlain(value: unknown): boolean {
    return typeof value === "object" && value !== null && !Array.isArray(value);
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
