import { PolicyPack } from "@pulumi/policy";
import { providerInternals } from "./provider-internals";
import { RULES } from "./rules";
import { toPolicy } from "./to-policy";

new PolicyPack("countersign", { enforcementLevel: "mandatory", policies: [...RULES.map(toPolicy), providerInternals] });
