/** What `--help` says below the options. */

export const MAIN_HELP = `
Examples:
  pulumi stack export > stack.json
  npm run policy -- stack.json --settings policies/settings.dev.json
  npm run policy -- iam-json/ --json
  npm run policy -- config --settings policies/settings.dev.json > pack.json
  npm run policy -- check-config pack.json

Exit status: 0 no violation, 1 violations, 2 wrong usage, 3 cannot be decided.
docs/policies.md has the rules, the settings and the threats.
`;

export const JUDGE_HELP = `
A stack export has deployment.resources: rules on one resource read its inputs, rules on the stack its outputs. Encrypted
secrets count as unknown, and what is unknown is a violation where it matters.

A folder holds IAM documents, and is judged by the rules that documents alone decide:
  key-policies/KEY.json                  KEY as in signers[].keys of the settings
  identity-policies/ROLE/POLICY.json     inline or attached, of a role
  trust-policies/ROLE.json
  managed-policies/POLICY.json           attached to nobody yet
  settings.json                          unless --settings names another file
Anything else in the folder cannot be decided (3), never passed over.

--json prints {"violations": [{rule, level, severity, resource, principal, action, target, at, path, threat, saw, fix}],
"notices": [...]}. path is "principal -> action -> signer -> key"; what does not apply is "". Notices do not fail.
--format markdown prints one comment; its first line is always the same, so that a workflow finds and updates it.
`;

export const SETTINGS_HELP = `
Runs the program as a preview would, without engine and cloud, and pins the code of each signer as the program registers it
(codeSha256). After a change of what signers run, refresh the pins and review the difference like code:
  npm run -s policy -- settings --stack-config Pulumi.dev.yaml --stack dev --write policies/settings.dev.json
`;
