import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { endpointOf } from "./aws";
import { messageOf, whenIdle } from "./rpc";
import { provider } from "./server";

/**
 * The aws provider of the local cloud: the engine starts it, reads its port from the first line, and calls by gRPC.
 *
 * SIGINT means two things: the engine is done with us (it would wait five seconds before it kills), or Ctrl-C, which
 * reaches the whole process group while calls are running. So calls are let end, and then we do.
 */
function main(): void {
    const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
    server.addService(ResourceProviderService, provider(endpointOf(process.env)));
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) {
            throw error;
        }
        process.stdout.write(`${port}\n`);
    });
    process.on("SIGINT", () => whenIdle(() => process.exit(0)));
    const engine = process.ppid;
    setInterval(() => process.ppid === engine || process.exit(0), 500).unref();
}

try {
    main();
} catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exit(1);
}
