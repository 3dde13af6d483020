import { codedError } from "../../lib/errors";
import type { Aws } from "./aws";
import type { Properties } from "./wire";

/** Functions of the provider, by token: they read, and create nothing. */
const INVOKES: { readonly [token: string]: (aws: Aws, args: Properties) => Promise<Properties> } = {
    "aws:index/getCallerIdentity:getCallerIdentity": async (aws) => {
        const { Account, Arn, UserId } = await (await aws.sts()).getCallerIdentity({});
        return { accountId: Account, arn: Arn, userId: UserId, id: Account };
    },

    "aws:index/getRegion:getRegion": async ({ region }) => ({
        region,
        name: region,
        id: region,
        endpoint: `ec2.${region}.amazonaws.com`,
        description: region,
    }),

    "aws:index/getPartition:getPartition": async ({ partition }) => ({
        partition,
        id: partition,
        dnsSuffix: "amazonaws.com",
        reverseDnsPrefix: "com.amazonaws",
    }),

    "aws:kms/getPublicKey:getPublicKey": async (aws, { keyId, grantTokens }) => {
        const answer = await (
            await aws.kms()
        ).getPublicKey({ KeyId: String(keyId), GrantTokens: grantTokens as string[] | undefined });
        const der = Buffer.from(answer.PublicKey ?? []);
        return {
            arn: answer.KeyId,
            id: answer.KeyId,
            keyId,
            customerMasterKeySpec: answer.KeySpec,
            encryptionAlgorithms: answer.EncryptionAlgorithms ?? [],
            keyUsage: answer.KeyUsage,
            publicKey: der.toString("base64"),
            publicKeyPem: `-----BEGIN PUBLIC KEY-----\n${der.toString("base64").replace(/.{1,64}/g, "$&\n")}-----END PUBLIC KEY-----\n`,
            signingAlgorithms: answer.SigningAlgorithms ?? [],
        };
    },
};

/** @throws NotSupported, naming the function */
export async function invoke(token: string, aws: Aws, args: Properties): Promise<Properties> {
    const action = Object.hasOwn(INVOKES, token) ? INVOKES[token] : undefined;
    if (!action) {
        throw codedError(
            "NotSupported",
            `the local cloud's provider does not support function ${token}: add it to local/provider/invokes.ts`,
        );
    }
    return action(aws, args);
}
