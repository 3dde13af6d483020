import { afterAll, beforeAll } from "vitest";
import { codeSuite } from "./deployed/code";
import { type DeployedStage, startDeployedStage } from "./deployed/stage";
import { uploadSuite } from "./deployed/upload";

/**
 * Follows one upload through the functions as they are deployed: each serialized, in a fresh process that holds nothing but
 * its archive and the SDK, against AWS on loopback. Beside each runs the same handler in this process, on the same state; both
 * must ask for the same and answer the same, and their roles must allow what they ask for.
 *
 * Proves nothing about IAM's own evaluation, nor about Lambda's copy of the SDK.
 */

let started: DeployedStage;
const stage = (): DeployedStage => started;

// Nine functions are serialized, on machines that do other things too.
beforeAll(async () => {
    started = await startDeployedStage();
}, 180_000);
afterAll(() => started?.aws.stop());

codeSuite(stage);
uploadSuite(stage);
