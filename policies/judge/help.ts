/** What `--help` says below the options. */

export const MAIN_HELP = `
Examples:
  pulumi stack export > stack.json
  npm run -s policy -- stack.json --settings policies/settings.dev.json
  npm run -s policy -- iam-json/ --json | jq .violations
  npm run -s policy -- config --settings policies/settings.dev.json > pack.json
  npm run -s policy -- check-config pack.json

Without -s npm prints two lines of its own on standard output. On a fresh clone: npm ci && npm run build.
Exit status: 0 no violation, 1 violations, 2 wrong usage, 3 cannot be decided.
docs/policies.md has the rules, the settings and the threats.
`;

export const JUDGE_HELP = `
A stack export has deployment.resources: rules on one resource read its inputs, and what the state says the cloud holds of
them; rules on the stack read its outputs. Encrypted secrets count as unknown, and what is unknown is a violation where it
matters.

A folder holds IAM documents, and is judged by the rules that documents alone decide:
  key-policies/KEY.json                  KEY as in signers[].keys of the settings
  identity-policies/ROLE/POLICY.json     inline or attached, of a role
  user-policies/USER/POLICY.json         of a user
  group-policies/GROUP/POLICY.json       of a group
  trust-policies/ROLE.json
  managed-policies/POLICY.json           attached to nobody yet
  settings.json                          unless --settings names another file
Anything else in the folder cannot be decided (3), never passed over.

--json prints {"violations": [{rule, level, severity, resource, principal, action, target, at, path, threat, saw, fix}],
"notices": [...]}. path is "principal -> action -> signer -> key"; what does not apply is "". Notices do not fail. With
status 2 or 3 it prints {"error": {status, message}}.
--format markdown prints one comment; its first line is always the same, so that a workflow finds and updates it.
`;

export const SETTINGS_HELP = `
Runs the program as a preview would, without engine and cloud, and pins the code of each signer as the program registers it
(codeSha256). After a change of what signers run, refresh the pins and review the difference like code:
  npm run -s policy -- settings --stack-config Pulumi.dev.yaml --stack dev --write policies/settings.dev.json
`;

export const WORKFLOW_HELP = `
Run it in the repository's root: scripts that a workflow calls by \`sh FILE\` are read as well. Found are: previews and updates
without --policy-pack and --policy-pack-config, --skip-preview, no preview --refresh before an update, no check-config of the
same file before, failures that are swallowed, forks that get credentials, pull_request_target, actions that are not pinned by
a commit, permissions beyond what is needed. A script is read as a list of commands; what a function or variable of it would run
is not seen.
`;
