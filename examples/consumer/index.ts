import { program } from "./program";

/** `pulumi up` calls an exported function and takes its answer for the stack's outputs. */
export = program;
