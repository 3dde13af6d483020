import type { Cloud, Credentials } from "../../../local/cloud";
import type { TrailRecord } from "../../../local/control-client";
import { startTestCloud } from "../../support/cloud";

/** One cloud with nothing deployed, for all suites of gateway.test.ts. What a suite needs in it, it makes under names of its own. */
export interface GatewayStage {
    readonly cloud: Cloud;
    readonly deployer: Credentials;
    readonly administrator: Credentials;
    readonly submitter: Credentials;
    /** Options of a client that calls as somebody, and never twice. */
    readonly as: (credentials: Credentials) => ClientOptions;
    /** What CloudTrail has of one request. */
    readonly recordsOf: (requestId: string | undefined) => Promise<TrailRecord[]>;
    readonly stop: () => Promise<void>;
}

export interface ClientOptions {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: Credentials;
    readonly maxAttempts: number;
}

export const ACCOUNT = "111122223333";

export async function startGatewayStage(): Promise<GatewayStage> {
    const { cloud, stop } = await startTestCloud();
    try {
        const { roles } = cloud;
        const [deployer, administrator, submitter] = await Promise.all([
            cloud.assumeRole(roles.deployer),
            cloud.assumeRole(roles.administrator),
            cloud.assumeRole(roles.submitter),
        ]);
        const { endpoint, region } = cloud;
        return {
            cloud,
            deployer,
            administrator,
            submitter,
            as: (credentials) => ({ endpoint, region, credentials, maxAttempts: 1 }),
            recordsOf: async (requestId) => {
                const { records } = await cloud.control.trail();
                return records.filter((record) => record.requestID === requestId);
            },
            stop,
        };
    } catch (error) {
        await stop();
        throw error;
    }
}

export interface SdkError {
    readonly name: string;
    readonly message: string;
    readonly $metadata: { readonly requestId?: string };
}

/** What the SDK throws of a call. Throws if it was allowed. */
export async function refusalOf(call: Promise<unknown>): Promise<SdkError> {
    try {
        await call;
    } catch (error) {
        return error as SdkError;
    }
    throw new Error("was allowed, expected a refusal");
}
