import { expect } from "vitest";
import type { ErrorCode } from "../../lib/errors";

/** For `toThrow`: an error with this code, whatever it says. */
export function coded(code: ErrorCode): unknown {
    return expect.objectContaining({ code });
}
