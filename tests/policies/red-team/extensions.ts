import type { Extension } from "./extension";
import { around } from "./extensions-around";
import { inside } from "./extensions-inside";

export const extensions: readonly Extension[] = [...inside, ...around];
