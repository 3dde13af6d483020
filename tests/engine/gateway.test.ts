/**
 * The gateway in front of the real MiniStack, by the AWS SDK. Proves that calls pass, are judged by MiniStack's evaluator,
 * recorded and delivered. Proves nothing about AWS itself.
 */
import { afterAll, beforeAll } from "vitest";
import { faultsSuite } from "./gateway/faults";
import { functionsSuite } from "./gateway/functions";
import { kmsSuite } from "./gateway/kms";
import { servicesSuite } from "./gateway/services";
import { type GatewayStage, startGatewayStage } from "./gateway/stage";
import { trailSuite } from "./gateway/trail";

let started: GatewayStage;
const stage = (): GatewayStage => started;

beforeAll(async () => {
    started = await startGatewayStage();
});
afterAll(() => started?.stop());

servicesSuite(stage);
kmsSuite(stage);
trailSuite(stage);
functionsSuite(stage);
faultsSuite(stage);
