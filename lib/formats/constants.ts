import type { HashName } from "../hash";

/**
 * What both implementations share, and nothing else of each other: numbers from the standards.
 * Object identifiers are whole DER elements in hex; bytes at module level would not survive serialization.
 */

/** `~Module signature appended~\n`, scripts/sign-file.c */
export const KMOD_MAGIC = "7e4d6f64756c65207369676e617475726520617070656e6465647e0a";

/** include/linux/module_signature.h: algo, hash, id_type, signer_len, key_id_len, three bytes of padding, u32 big-endian length */
export const KMOD_TRAILER_LENGTH = 12;

/** id_type PKEY_ID_PKCS7, the one the kernel still reads; all bytes before the length are fixed by it. */
export const KMOD_TRAILER_PREFIX = "0000020000000000";

/** A PKCS#1 block, names and two integers; far above what any certificate gives. Bytes. */
export const KMOD_MAX_CMS = 65_536;

/** EI_MAG of an ELF file. */
export const ELF_MAGIC = "7f454c46";

/** RFC 5652 */
export const OID_DATA = "06092a864886f70d010701";
export const OID_SIGNED_DATA = "06092a864886f70d010702";

/** RFC 8017 appendix C */
export const OID_RSA_ENCRYPTION = "06092a864886f70d010101";

/** RFC 5280 section 4.2.1.12 */
export const OID_EXT_KEY_USAGE = "0603551d25";
export const OID_CODE_SIGNING = "06082b06010505070303";

/** RFC 5754 section 2 */
export const HASH_OIDS: Readonly<Record<HashName, string>> = {
    sha256: "0609608648016503040201",
    sha384: "0609608648016503040202",
    sha512: "0609608648016503040203",
};
