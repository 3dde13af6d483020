import { documentsOf, parseOnce } from "../../documents";
import { read } from "../../read";
import { type Finding, NIST_CONFIGURATION, type ResourceView, type Rule } from "../../rule";
import { EXAMPLE_PROVIDER } from "../example";

const REPOSITORY = "aws:ecr/repository:Repository";

export const ecrImmutable: Rule = {
    id: "ecr-immutable",
    description: "a tag names one image for ever, and only this account pushes",
    severity: "medium",
    framework: NIST_CONFIGURATION,
    threats: ["T65"],
    types: [REPOSITORY, "aws:ecr/repositoryPolicy:RepositoryPolicy"],
    fix: "set imageTagMutability IMMUTABLE and scanOnPush, and allow no other account or everyone",
    reads: ["accountId"],
    good: {
        provider: EXAMPLE_PROVIDER,
        props: { imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true } },
    },
    bad: {
        provider: EXAMPLE_PROVIDER,
        props: { imageTagMutability: "MUTABLE", imageScanningConfiguration: { scanOnPush: true } },
    },
    check: (resource, { accountId }) =>
        resource.type === REPOSITORY ? repository(resource) : policy(resource, accountId),
};

function repository({ props }: ResourceView): Finding[] {
    const mutability = read<string>(() => props.imageTagMutability);
    const scan = read<boolean>(() => props.imageScanningConfiguration?.scanOnPush);
    return [
        ...(mutability.kind === "known" && mutability.value === "IMMUTABLE"
            ? []
            : [{ at: "imageTagMutability", saw: "not IMMUTABLE" }]),
        ...(scan.kind === "known" && scan.value
            ? []
            : [{ at: "imageScanningConfiguration.scanOnPush", saw: "not true" }]),
    ];
}

function policy(resource: ResourceView, accountId: string): Finding[] {
    return documentsOf(resource).flatMap(({ at, text }) =>
        text.kind !== "known"
            ? []
            : parseOnce(text.value, "resource").document.statements.flatMap((statement): Finding[] => {
                  const { effect, opaque, principals } = statement;
                  if (effect !== "Allow") return [];
                  const foreign =
                      opaque ||
                      principals?.negated !== false ||
                      principals.entries.some(
                          ({ kind, text: who }) =>
                              kind === "everyone" || (kind === "account" ? who : who.split(":")[4]) !== accountId,
                      );
                  return foreign ? [{ at: `${at} ${statement.at}`, saw: "an Allow beyond this account" }] : [];
              }),
    );
}
