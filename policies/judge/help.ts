/** What `--help` says below the options. */

export const MAIN_HELP = `
Examples:
  pulumi stack export > stack.json
  npm run -s policy -- stack.json --settings policies/settings.dev.json
  pulumi stack export | npm run -s policy -- - --settings policies/settings.dev.json
  npm run -s policy -- iam-json/ --json | jq .violations
  npm run -s policy -- config --settings policies/settings.dev.json > pack.json
  npm run -s policy -- check-config pack.json

Without -s npm prints two lines of its own on standard output. On a fresh clone: npm ci && npm run build.
Each command has --help with more, and --json. Nothing is coloured; what takes long says so on standard error.
Exit status: 0 no violation, 1 violations, 2 wrong usage, 3 cannot be decided.
docs/policies.md has the rules, the settings, the threats and each command's JSON.
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

export const CONFIG_HELP = `
What it prints is made, not written: keep the settings under review, make this before each preview, and check it.
  npm run -s policy -- config --settings policies/settings.dev.json > pack.json
  npm run -s policy -- check-config pack.json
  pulumi preview --policy-pack policies --policy-pack-config pack.json
`;

export const SETTINGS_HELP = `
Runs the program as a preview would, without engine and cloud (some 5 s), and pins the code of each signer and checker as the
program registers it (codeSha256). After a change of what they run, refresh the pins and review the difference like code:
  npm run -s policy -- settings --stack-config Pulumi.dev.yaml --stack dev --write policies/settings.dev.json

--write prints what it changed, a line for each. It replaces what this program needs, adds what an older file lacks, takes out
what it wrote for an account, prefix or key of before, and keeps all else: other settings, entries that are not of this program,
members that begin with "//", indentation. A file that says the same already is not touched; one with anything that is no
setting is refused and left as it is.
--json prints {"file", "written", "changes": [text], "kept": [text]} with --write, and the settings without.
`;

export const CHECK_CONFIG_HELP = `
Give it what --policy-pack-config gets: a pack cannot see its own level, so with {"all": "disabled"} it would say nothing.
Ends with 1 for a rule below its own level, one without settings, an unknown one, or settings that leave nothing to judge by.
--json prints {"weaknesses": [text]}.
`;

export const WORKFLOW_HELP = `
Run it in the repository's root: scripts that a workflow calls by \`sh FILE\` are read as well. Found are: previews and updates
without --policy-pack and --policy-pack-config, --skip-preview, no preview --refresh before an update, no check-config of the
same file before, failures that are swallowed, forks that get credentials, pull_request_target, actions that are not pinned by
a commit, permissions beyond what is needed. A script is read as a list of commands, and what a reader cannot be sure of (a
condition, a variable as a command, eval, make) counts against it.

Workflows that run no pulumi and get no identity token have nothing to check, and are named on standard error; one of the
files has to run it.
--json prints {"problems": [{file, job, problem}], "passed": [file]}; job is "" for the file as a whole.
`;
