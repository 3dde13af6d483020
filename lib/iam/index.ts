/**
 * Who may do what: a strict reader of IAM documents and an evaluator that answers "may", with unknowns.
 *
 * Errors go one way: an Allow counts unless it surely misses, a Deny only if it surely hits, and what was not understood
 * counts as Allow everything. Pure functions, no regular expression built from input.
 */
export { compileGlob, covers, type Glob, intersects } from "./glob";
export { isWellFormed, parsePolicy, SIZE_LIMITS } from "./document";
export { type Facts, judgeCondition, judgeConditions } from "./condition";
export { type Panel, panelOf } from "./panel";
export { contextOf, principalOfArn, principalWithoutArn } from "./principal";
export {
    defaultKeyPolicy,
    judgeKeyPolicy,
    keyPanel,
    type KeyPolicyVerdict,
    type KeyQuestion,
    keyQuestion,
    keyTarget,
    mayKey,
    waysToKey,
} from "./key";
export { documentMay, type IdentityRoute, identityRoute } from "./identity";
export { decideExactly, type ExactAnswer, type ExactRequest } from "./exact";
export { hitsOf, type Target, targetOf } from "./statement";
export { show } from "./show";
export { isSourceGuard } from "./source-guard";
export type * from "./types";
export { checkTrust, type TrustCode, type TrustFinding, type TrustRules } from "./trust";
export { entailment, type OidcWeakness, oidcWeaknesses } from "./trust-claims";
export { type Entitlement, entitlementOf, type Subject, type SubjectScope, type SubjectWhere } from "./subjects";
export {
    type ComputeNode,
    type Exemption,
    type SignerNode,
    type Step,
    type SupplyNode,
    type TableNode,
    type TakeoverPath,
    takeoverPaths,
    type TakeoverWorld,
    type Threat,
} from "./takeover";
export { capabilitiesOf } from "./takeover-capabilities";
export {
    isManagedArn,
    isSignerCapability,
    MANAGED_SOURCE,
    managedAttachment,
    type ManagedCapability,
    type ManagedVerdict,
    managedVerdicts,
} from "./managed";
export { type Allowance, type Excess, excessOf, usesVariables } from "./within";
