import { NIST_CONFIGURATION, type Rule } from "../../rule";

/** Whatever else is ignored is judged by its old value, and stays as somebody made it elsewhere. */
const HARMLESS = /^(tags|tagsAll|description)(\..*|\[.*)?$/;

export const noIgnoreChangesOnSecurityProps: Rule = {
    id: "no-ignore-changes-on-security-props",
    description: "nothing but tags and descriptions may drift",
    severity: "high",
    framework: NIST_CONFIGURATION,
    threats: ["T84"],
    types: "any",
    fix: "take the property out of ignoreChanges, and bring the program in line with the account",
    reads: [],
    good: { type: "aws:kms/key:Key", props: {}, ignoreChanges: ["description"] },
    bad: { type: "aws:kms/key:Key", props: {}, ignoreChanges: ["policy"] },
    check: ({ type, opts }) =>
        type.startsWith("aws:") || type.startsWith("pulumi:providers:")
            ? opts.ignoreChanges
                  .filter(
                      (property) =>
                          !HARMLESS.test(property) || (type.startsWith("aws:kms/") && property.startsWith("tags")),
                  )
                  .map((property) => ({
                      at: "opts.ignoreChanges",
                      saw: `${/^[\w.[\]"*-]{1,64}$/.test(property) ? property : "a property"}, expected tags or description only`,
                  }))
            : [],
};
