import type { Scope } from "../../../lib/iam/types";
import { nameOfRole, NO_SCOPE, roleArn, scopeOf, signerArn } from "../../place";
import { FUNCTION_INPUTS, otherInputs } from "../../inputs";
import { read, valueOf } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import type { CheckerSetting, Settings, SignerSetting } from "../../settings";
import { environmentFindings, foreignKeys, type PinnedEnvironment } from "../../signer-environment";
import { EXAMPLE_PROVIDER } from "../example";

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
    description:
        "signers, and the functions whose word they take, run the reviewed code, and nothing in their environment changes what that is",
    severity: "critical",
    framework: NIST_CONFIGURATION,
    threats: ["T69"],
    types: ["aws:lambda/function:Function"],
    fix: "compare the code with its source, then let `npm run -s policy -- settings` write its digest into codeSha256; pin variables in `environment`",
    limits: "of the other functions' code nothing is pinned: what they can do is bounded by their roles; code that somebody uploaded past the program is in no plan and no export, since the provider does not read it back: its use is in the log, without a record",
    reads: ["accountId", "orgId", "regions", "signers", "checkers", "unpinnedCode"],
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
        const pins = pinsOf(resource, settings);
        if (pins.length === 0) {
            return name.kind === "unknown" || role.kind === "unknown"
                ? [{ at: name.kind === "unknown" ? "name" : "role", saw: "unknown, so it may be a signer or checker" }]
                : [];
        }
        const scope = scopeOf(resource, settings);
        if (scope === undefined) return [NO_SCOPE];
        return pins.flatMap((pin) => [
            ...exactly(resource, "name", pin.function),
            ...exactly(resource, "role", pin.roleArn(scope)),
            ...exactly(resource, "handler", "__index.handler"),
            ...exactly(resource, "runtime", "nodejs24.x"),
            ...absentFindings(resource),
            ...environmentFindings(resource, pin, scope),
            ...codeFindings(resource, pin, settings),
        ]);
    },
    checkStack: (resources, settings) =>
        resources
            .filter(({ type }) => type === "aws:lambda/function:Function")
            .flatMap((resource) => pinsOf(resource, settings).flatMap((pin) => foreignKeys(resource, pin, resources))),
};

/** What the settings pin of one function. */
interface Pin extends PinnedEnvironment {
    readonly function: string;
    readonly role: string;
    readonly codeSha256: readonly string[];
    readonly roleArn: (scope: Scope) => string;
}

function pinOfSigner(signer: SignerSetting): Pin {
    return { ...signer, isByName: false, roleArn: (scope) => signerArn(scope, signer) };
}

function pinOfChecker(checker: CheckerSetting): Pin {
    return { ...checker, isByName: true, roleArn: (scope) => roleArn(scope, checker.role) };
}

/** By the function's name, or by the role that it runs as: two, where it has one's name and another's role. */
function pinsOf({ props }: ResourceView, { signers, checkers }: Settings): Pin[] {
    const name = valueOf(read<string>(() => props.name));
    const role = valueOf(read<string>(() => props.role));
    return [...signers.map(pinOfSigner), ...checkers.map(pinOfChecker)].filter(
        (one) => one.function === name || (typeof role === "string" && nameOfRole(role) === one.role),
    );
}

function exactly({ props }: ResourceView, at: string, expected: string): Finding[] {
    const value = read<string>(() => props[at]);
    return value.kind === "known" && value.value === expected
        ? []
        : [{ at, saw: `${value.kind === "known" ? "another" : value.kind}, expected ${expected}` }];
}

function absentFindings(resource: ResourceView): Finding[] {
    const { props } = resource;
    const packageType = read<string>(() => props.packageType);
    const isZip = packageType.kind === "absent" || (packageType.kind === "known" && packageType.value === "Zip");
    return [
        ...(isZip ? [] : [{ at: "packageType", saw: "not Zip: an image is code that nobody reviewed here" }]),
        ...otherInputs(resource, FUNCTION_INPUTS).map((at) => ({
            at: /^\w{1,64}$/.test(at) ? at : "an input",
            saw: "set, expected absent",
        })),
    ];
}

function codeFindings(
    { codeSha256 }: ResourceView,
    pin: Pick<Pin, "codeSha256">,
    { unpinnedCode }: Settings,
): Finding[] {
    const at = "code";
    if (pin.codeSha256.length === 0) {
        return unpinnedCode === ""
            ? [{ at, saw: `not pinned; codeSha256 of this code is ${codeSha256 ?? "not known"}` }]
            : [];
    }
    if (codeSha256 === undefined) return [{ at, saw: "not one file __index.js with text, so it has no digest" }];
    return pin.codeSha256.includes(codeSha256)
        ? []
        : [{ at, saw: `SHA-256 ${codeSha256}, expected ${pin.codeSha256.join(" or ")}` }];
}
