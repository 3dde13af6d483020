import { EXAMPLE_SETTINGS } from "../../../policies/rules/example";
import { CANONICAL_KEY } from "../../../policies/rules/kms/example";

/** A folder of IAM JSON that is clean, for tests to spoil. */
export const KEY_POLICY = String(CANONICAL_KEY.props.policy);
export const ROLE = "countersign-dev-prepare";
export const allow = (Action: string, Resource = "*"): object => ({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action, Resource }],
});
export const clean = {
    "settings.json": EXAMPLE_SETTINGS,
    "key-policies/modules.json": KEY_POLICY,
    [`identity-policies/${ROLE}/read.json`]: allow("s3:GetObject", "arn:aws:s3:::uploads/*"),
};
