import { quote } from "../encoding";
import { codedError } from "../errors";

const MAX = 18446744073709551615n;

/**
 * Decimal uint64 in its one spelling: `BigInt("")` is 0 and `BigInt("0x10")` is 16.
 *
 * @throws BadNumber
 */
export function parseUint64(text: string): bigint {
    const value = /^(?:0|[1-9][0-9]{0,19})$/.test(text) ? BigInt(text) : MAX + 1n;
    if (value > MAX)
        throw codedError("BadNumber", `${quote(text)}, expected a decimal from 0 to 2^64-1 without leading zeros`);
    return value;
}
