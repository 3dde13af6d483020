/** Whom patterns of principals let in. Proves nothing about AWS: that is the differential test. */
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../../lib/iam/document";
import { waysToKey } from "../../../lib/iam/key";

const SCOPE = { partition: "aws", region: "eu-west-1", accountId: "111122223333" };
const SIGNER = "arn:aws:iam::111122223333:role/signing/release-v1-signer";

/** ARNs of those who may sign where everyone may whose ARN is like the pattern. */
function admitted(pattern: string): (string | undefined)[] {
    const statement = {
        Effect: "Allow",
        Principal: "*",
        Action: "kms:Sign",
        Resource: "*",
        Condition: { ArnLike: { "aws:PrincipalArn": pattern } },
    };
    const keyPolicy = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: [statement] }), "key");
    const principals = [{ arn: SIGNER, policies: [], complete: false }];
    const ways = waysToKey({ scope: SCOPE, keyPolicy, principals, grants: [] }, "kms:Sign");
    return ways.map(({ principal }) => principal.arn);
}

describe("a pattern whose wildcards stand before the name", () => {
    it("admits the role of that name in another account", () =>
        expect(admitted("arn:aws:iam::*:role/signing/release-v1-signer")).toContain(
            "arn:aws:iam::999999999999:role/signing/release-v1-signer",
        ));

    it("admits a role that nobody declared, by a pattern over partitions", () =>
        expect(admitted("arn:*:iam::111122223333:role/signing/other")).toContain(
            "arn:aws:iam::111122223333:role/signing/other",
        ));

    it("admits the signer alone where it names the signer alone", () => expect(admitted(SIGNER)).toEqual([SIGNER]));
});
