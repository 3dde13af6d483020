/**
 * Proves what the program does once it is deployed: the real engine, pack and provider, functions with the roles that the
 * program gave them, and the local cloud's evaluator. Proves nothing about AWS's own services, limits and delays.
 */
import { afterAll, beforeAll } from "vitest";
import { exportSuite } from "./deployed/export";
import { pipelineSuite } from "./deployed/pipeline";
import { signingSuite } from "./deployed/signing";
import { sequencerSuite } from "./deployed/sequencer";
import { stableSuite } from "./deployed/stable";
import { type Deployed, startDeployed } from "./deployed/stage";

let deployed: Deployed;
const stage = (): Deployed => deployed;

beforeAll(async () => {
    deployed = await startDeployed();
}, 900_000);
afterAll(() => deployed?.stop(), 60_000);

stableSuite(stage);
// After it: what a refresh has written into the state is judged as well.
exportSuite(stage);
signingSuite(stage);
pipelineSuite(stage);
sequencerSuite(stage);
