import { codedError } from "../lib/errors";

/** Each of these makes an SDK or a provider look for credentials that are not the local cloud's. */
const SOURCES = [
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
];

/**
 * Refuses to go on where a mistake could reach AWS. Names the variable, never its value.
 *
 * @param ours access key ids that a local cloud made
 * @throws RealCredentials
 */
export function refuseRealCredentials(
    env: Readonly<Record<string, string | undefined>>,
    ours: readonly string[] = [],
): void {
    const source = SOURCES.find((name) => env[name]);
    if (source)
        throw codedError(
            "RealCredentials",
            `${source} is set: the local cloud does not start beside other credentials, unset it`,
        );
    const id = env["AWS_ACCESS_KEY_ID"];
    if (id && /^A[KS]IA/.test(id) && !ours.includes(id)) {
        throw codedError(
            "RealCredentials",
            "AWS_ACCESS_KEY_ID looks like a key of AWS: the local cloud does not start beside it, unset it",
        );
    }
    const endpoint = Object.keys(env).find(
        (name) => /^AWS_ENDPOINT_URL/.test(name) && env[name] && !/^http:\/\/127\.0\.0\.1:\d+\/?$/.test(env[name]!),
    );
    if (endpoint)
        throw codedError("RealCredentials", `${endpoint} is not on loopback, expected http://127.0.0.1:PORT: unset it`);
}
