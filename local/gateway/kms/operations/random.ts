import { randomBytes } from "node:crypto";
import { allowedByIdentity } from "../authorization";
import { operation } from "../call";
import { required, whole } from "../schema";

export const GenerateRandom = operation({
    readOnly: true,
    fields: { NumberOfBytes: required(whole({ min: 1, max: 1024 })) },
    async run(call, { NumberOfBytes }) {
        await allowedByIdentity(call, "kms:GenerateRandom", "*");
        return { Plaintext: randomBytes(NumberOfBytes).toString("base64") };
    },
});
