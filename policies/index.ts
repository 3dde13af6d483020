import { PolicyPack } from "@pulumi/policy";
import { RULES } from "./rules";
import { toPolicy } from "./to-policy";

new PolicyPack("countersign", { enforcementLevel: "mandatory", policies: RULES.map(toPolicy) });
