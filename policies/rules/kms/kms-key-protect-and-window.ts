import { isOurs, KEY_TYPES } from "../../keys";
import { read, type Read } from "../../read";
import { type Finding, NIST_KEY_MANAGEMENT, type Rule } from "../../rule";

export const kmsKeyProtectAndWindow: Rule = {
    id: "kms-key-protect-and-window",
    description: "keys are protected, enabled, and take 30 days to delete",
    severity: "high",
    framework: NIST_KEY_MANAGEMENT,
    threats: ["T36"],
    types: KEY_TYPES,
    fix: "set protect: true, deletionWindowInDays: 30 and leave isEnabled alone",
    reads: ["nonSigningKeys"],
    good: {
        props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_4096", deletionWindowInDays: 30 },
        protect: true,
    },
    bad: {
        props: { keyUsage: "SIGN_VERIFY", customerMasterKeySpec: "RSA_4096", deletionWindowInDays: 7 },
        protect: true,
    },
    check: (resource, settings) => {
        // The data key, too: without it nobody reads what was signed and logged.
        if (!isOurs(resource, settings)) return [];
        return [
            ...(resource.opts.protect ? [] : [{ at: "opts.protect", saw: "not protected" }]),
            ...windowFindings(read<number>(() => resource.props.deletionWindowInDays)),
            ...enabledFindings(read<boolean>(() => resource.props.isEnabled)),
        ];
    },
};

function windowFindings(days: Read<number>): Finding[] {
    const at = "deletionWindowInDays";
    switch (days.kind) {
        case "absent":
            return []; // AWS's default is 30
        case "unknown":
            return [{ at, saw: "unknown at preview, so it cannot be judged" }];
        case "known":
            return days.value >= 30 ? [] : [{ at, saw: `${days.value} days, expected 30` }];
    }
}

function enabledFindings(enabled: Read<boolean>): Finding[] {
    if (enabled.kind === "absent" || (enabled.kind === "known" && enabled.value)) return [];
    return [{ at: "isEnabled", saw: `${enabled.kind === "known" ? "false" : "unknown"}, expected true or absent` }];
}
