import { read } from "../../read";
import { type Finding, NIST_LEAST_PRIVILEGE, type Rule } from "../../rule";
import { LAMBDA_TRUST, roleExample, signerExample } from "../example";
import { isSigner } from "./iam-signer-trust-exact";

/** Seconds; AWS's own default, and the least that it accepts. */
const LONGEST = 3600;

export const iamSessionDuration: Rule = {
    id: "iam-session-duration",
    description: "sessions of a signer end within an hour, and roles have a boundary where the settings ask for one",
    severity: "medium",
    framework: NIST_LEAST_PRIVILEGE,
    threats: ["T52", "T60"],
    types: ["aws:iam/role:Role"],
    fix: "set maxSessionDuration to 3600; with boundaryRequired set permissionsBoundary on every role",
    reads: ["signers", "boundaryRequired"],
    good: roleExample(LAMBDA_TRUST),
    bad: signerExample(LAMBDA_TRUST, { maxSessionDuration: 43200 }),
    check: (resource, settings): Finding[] => {
        const duration = read<number>(() => resource.props.maxSessionDuration);
        const isLong =
            duration.kind === "unknown" ||
            (duration.kind === "known" && isSigner(resource, settings) && !(duration.value <= LONGEST));
        const boundary = read<string>(() => resource.props.permissionsBoundary);
        return [
            ...(isLong
                ? [
                      {
                          at: "maxSessionDuration",
                          saw: `${duration.kind === "known" ? `${duration.value} seconds` : "unknown"}, expected at most ${LONGEST}`,
                          threat: "T52",
                      },
                  ]
                : []),
            ...(settings.boundaryRequired && boundary.kind === "absent"
                ? [{ at: "permissionsBoundary", saw: "absent, expected one", threat: "T60" }]
                : []),
        ];
    },
};
