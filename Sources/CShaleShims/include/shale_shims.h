#ifndef SHALE_SHIMS_H
#define SHALE_SHIMS_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected, RFC 3720 appendix B.4). `crc` is the checksum of what came
/// before (0 at the start); the complement at both ends is done inside, so calls can be chained.
/// Uses the processor's instruction where it has one, chosen at first use.
uint32_t shale_crc32c(uint32_t crc, const void *_Nullable bytes, size_t count);

/// XXH3, 64 bits, with a seed (frozen by the on-disk format).
uint64_t shale_xxh3_64(const void *_Nullable bytes, size_t count, uint64_t seed);

#endif
