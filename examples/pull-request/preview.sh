#!/bin/sh
# `pulumi preview` under the policy pack with the preview role's credentials, and the pack's verdict on what it plans, as markdown.
#
#     sh preview.sh VERDICT.md
#
# Ends with the policy's status: 0 clean, 1 violations, 2 usage, 3 undecidable. A preview that failed for another reason is 3.
#
#     STACK, PREVIEW_ROLE_ARN, AWS_REGION, PULUMI_BACKEND_URL
#     PREVIEW_ID_TOKEN                       the forge's token, where the job gets it in the environment (GitLab), or
#     ACTIONS_ID_TOKEN_REQUEST_URL, _TOKEN   where to ask for it (GitHub, Forgejo)
set -eu
umask 077
verdict=$1
settings="policies/settings.$STACK.json"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -n "${PREVIEW_ID_TOKEN:-}" ]; then
    printf %s "$PREVIEW_ID_TOKEN" > "$work/token"
elif [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
    # The header by standard input: arguments are seen by every process.
    printf 'authorization: bearer %s\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
        curl -sSf --max-time 30 --max-filesize 100000 -H @- \
            "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" > "$work/answer" || exit 3
    node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).value)' \
        "$work/answer" > "$work/token" || exit 3
else
    echo "preview: the job has no token to get credentials by: is this a fork's request?" >&2
    exit 3
fi
unset PREVIEW_ID_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN

# The engine's backend and the provider exchange the token themselves, so no action and no AWS CLI is needed.
# The backend would look for stacks of an old layout, in names that the role may not list.
export PULUMI_DIY_BACKEND_NO_LEGACY_WARNING=true PULUMI_SKIP_UPDATE_CHECK=true
export AWS_WEB_IDENTITY_TOKEN_FILE="$work/token" AWS_ROLE_ARN="$PREVIEW_ROLE_ARN" AWS_ROLE_SESSION_NAME=preview

npm run --silent policy -- config --settings "$settings" > "$work/pack.json" || exit 2

# The role's rights are for reading: no refresh, and a preview takes no lock.
run_preview() {
    npx --no-install pulumi preview --non-interactive --stack "$STACK" --refresh=false "$@"
}

# Twice. Under the pack, which alone sees everything and has the last word; but what a rule stops never becomes a step. So what is shown
# is judged on a plan made without it, in the form of an export: what the stack *is* says nothing of the request.
pack=0
run_preview --policy-pack policies --policy-pack-config "$work/pack.json" || pack=$?
run_preview --json --show-sames > "$work/preview.json" || exit 3
node examples/pull-request/planned.mjs "$work/preview.json" > "$work/planned.json" || exit 3
status=0
npm run --silent policy -- "$work/planned.json" --settings "$settings" --format markdown > "$verdict" || status=$?

if [ "$pack" -ne 0 ] && [ "$status" -eq 0 ]; then
    echo "preview: the pack stopped it, though what it plans looks clean: see above" >&2
    : > "$verdict"
    exit 3
fi
exit "$status"
