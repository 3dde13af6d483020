import { delimiter, dirname, join } from "node:path";

export interface EngineFolders {
    /** The CLI's own folder for plugins and settings, private to the run. */
    home: string;
    /** File backend: state of every stack of the run. */
    state: string;
    passphrase: string;
}

/**
 * The whole environment of the engine, which provider and policy pack inherit: nothing of ours leaks in, so no profile,
 * token or proxy of whoever runs this reaches them.
 *
 * @param engine path of the CLI
 * @param given what the run adds: endpoint, region, credentials of the local cloud
 * @throws never; the provider itself refuses endpoints off loopback
 */
export function engineEnvironment(
    engine: string,
    folders: EngineFolders,
    given: Record<string, string>,
): Record<string, string> {
    return {
        // Our analyzer shim, the node that runs us (plugins start with `#!/usr/bin/env node`), the engine, the system.
        PATH: [
            join(__dirname, "bin"),
            dirname(process.execPath),
            dirname(engine),
            "/usr/local/bin",
            "/usr/bin",
            "/bin",
        ].join(delimiter),
        // Also keeps ~/.aws out of sight.
        HOME: folders.home,
        LANG: "C.UTF-8",
        TMPDIR: process.env["TMPDIR"] ?? "/tmp",
        // Policy pack and provider start anew with each operation.
        NODE_COMPILE_CACHE: join(__dirname, "..", "..", "node_modules", ".cache", "countersign", "bytecode"),
        PULUMI_HOME: folders.home,
        PULUMI_BACKEND_URL: `file://${folders.state}`,
        PULUMI_CONFIG_PASSPHRASE: folders.passphrase,
        PULUMI_SKIP_UPDATE_CHECK: "true",
        // State is written once, at an operation's end. What a crash would lose describes an emulator that is discarded.
        PULUMI_SKIP_CHECKPOINTS: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        ...given,
        // The provider refuses keys that look like AWS's unless whoever started it vouches for them.
        ...(given["AWS_ACCESS_KEY_ID"] ? { COUNTERSIGN_LOCAL_KEY_ID: given["AWS_ACCESS_KEY_ID"] } : {}),
    };
}
