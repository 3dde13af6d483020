/**
 * Proves that the real engine and the provider understand each other: plans, replacements, refusals, failures, imports.
 * That arguments reach the cloud is provider-arguments.test.ts. Proves nothing about the real pulumi-aws.
 */
import { afterAll, beforeAll } from "vitest";
import { lifeSuite } from "./provider/life";
import { refusalsSuite } from "./provider/refusals";
import { type ProviderStage, startProviderStage } from "./provider/stage";
import { valuesSuite } from "./provider/values";

let started: ProviderStage;
const stage = (): ProviderStage => started;

beforeAll(async () => {
    started = await startProviderStage();
});
afterAll(() => started?.stop());

lifeSuite(stage);
valuesSuite(stage);
refusalsSuite(stage);
