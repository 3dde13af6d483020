import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import * as automation from "@pulumi/pulumi/automation/server";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { programFrom, type Program } from "../../../local/engine/program";

// Not in the SDK's declarations: what its own Stack serves an inline program with.
const { LanguageServer } = automation as unknown as {
    LanguageServer: new (program: Program) => grpc.UntypedServiceImplementation;
};

/** Commands that run the program. */
const PROGRAM = ["preview", "up"];

/**
 * `npx --no-install pulumi ARGS`, with the CLI that COUNTERSIGN_TEST_ENGINE names.
 *
 * @returns the CLI's exit status
 */
export async function main([option, name, ...args]: readonly string[]): Promise<number> {
    if (option !== "--no-install" || name !== "pulumi") throw new Error(`npx ${option} ${name}, expected pulumi`);
    if (!PROGRAM.includes(args[0] ?? "")) return cli(args);
    const server = new grpc.Server();
    const port = await serve(server, programFrom(join(process.cwd(), "index.ts")));
    try {
        return await cli([...args, `--client=127.0.0.1:${port}`]);
    } finally {
        server.forceShutdown();
    }
}

/** Inherits everything: the script that calls us reads what the CLI prints. */
function cli(args: readonly string[]): Promise<number> {
    return new Promise((done, failed) => {
        const {
            AWS_WEB_IDENTITY_TOKEN_FILE: token,
            AWS_ROLE_ARN: _role,
            COUNTERSIGN_TEST_ENGINE: engine,
            ...env
        } = process.env;
        // Only AWS exchanges it; the local cloud's provider wants nothing that could lead there.
        if (token === undefined || !existsSync(token)) throw new Error("no token file, expected token.sh's");
        const child = spawn(engine!, args, { stdio: "inherit", env });
        child.once("error", failed);
        child.once("close", (code) => done(code ?? 70));
    });
}

function serve(server: grpc.Server, program: Program): Promise<number> {
    server.addService(LanguageRuntimeService, new LanguageServer(program));
    return new Promise((done, failed) =>
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) =>
            error ? failed(error) : done(port),
        ),
    );
}
