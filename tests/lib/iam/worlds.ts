/** Small worlds: few names, many ways to combine them, weighted so that about half of the questions are answered yes. */
export { contexts, freeKeysOf } from "./worlds/contexts";
export { ACCOUNT, ACTIONS, DECLARED, EVE, KEY_ARNS, PEOPLE, ROLE_ID, SIGNER, USER_ID } from "./worlds/names";
export { spell } from "./worlds/spelling";
export { policy } from "./worlds/statements";
export { DEFAULT_POLICY, type World, world } from "./worlds/world";
