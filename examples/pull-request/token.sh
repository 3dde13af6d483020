# Sourced by preview.sh and deploy.sh, with $work set: puts the forge's token where the engine's backend and the provider look for it.
# They exchange it themselves, so no action and no AWS CLI is needed.
#
#     ID_TOKEN                               the token, where the job gets it in the environment (GitLab), or
#     ACTIONS_ID_TOKEN_REQUEST_URL, _TOKEN   where to ask for it (GitHub, Forgejo)

if [ -n "${ID_TOKEN:-}" ]; then
    printf %s "$ID_TOKEN" > "$work/token"
elif [ -n "${ACTIONS_ID_TOKEN_REQUEST_URL:-}" ]; then
    # The header by standard input: arguments are seen by every process.
    printf 'authorization: bearer %s\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
        curl -sSf --max-time 30 --max-filesize 100000 -H @- \
            "$ACTIONS_ID_TOKEN_REQUEST_URL&audience=sts.amazonaws.com" > "$work/answer" || exit 3
    node -e 'process.stdout.write(JSON.parse(require("fs").readFileSync(process.argv[1], "utf8")).value)' \
        "$work/answer" > "$work/token" || exit 3
else
    echo "the job has no token to get credentials by: is this a fork's request?" >&2
    exit 3
fi
unset ID_TOKEN ACTIONS_ID_TOKEN_REQUEST_URL ACTIONS_ID_TOKEN_REQUEST_TOKEN

# The backend would look for stacks of an old layout, in names that the role may not list.
export PULUMI_DIY_BACKEND_NO_LEGACY_WARNING=true PULUMI_SKIP_UPDATE_CHECK=true
export AWS_WEB_IDENTITY_TOKEN_FILE="$work/token"
