import { aroundMutants } from "./around";
import { auditMutants } from "./audit";
import { checkerMutants } from "./checkers";
import { claimMutants } from "./claims";
import { computeMutants, runtimeMutants } from "./compute";
import { dataMutants } from "./data";
import { hardeningMutants } from "./hardening";
import { identityMutants } from "./identity";
import { keyPolicyMutants } from "./key-policy";
import type { Mutant } from "./program";
import { programMutants } from "./programs";
import { signerMutants } from "./signer";
import { stackMutants } from "./stack";
import { takeoverMutants } from "./takeover";
import { trustMutants } from "./trust";
import { verbMutants } from "./verbs";

/** Every mutant of the suite, by what is spoiled. mutations.test.ts kills them; docs/mutants.md lists them. */
export const GROUPS: readonly (readonly [string, readonly Mutant[]])[] = [
    ["A grants in identity documents", identityMutants],
    ["B the key's policy and shape", keyPolicyMutants],
    ["C becoming the signer", trustMutants],
    ["D taking over", takeoverMutants],
    ["D every verb of the catalogue", verbMutants],
    ["D the signer's own runtime", runtimeMutants],
    ["D what the signer believes and may sign", signerMutants],
    ["D what checkers run and believe", checkerMutants],
    ["D tables and supplies", dataMutants],
    ["E compute", computeMutants],
    ["E hardening, inside", hardeningMutants],
    ["E and F types, providers, referrers", stackMutants],
    ["F around the checker", aroundMutants],
    ["trail, logs, tags", auditMutants],
    ["what rules claim beside", claimMutants],
    ["the twelve programs", programMutants],
];
