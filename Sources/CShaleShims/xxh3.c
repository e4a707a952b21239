#include "shale_shims.h"

uint64_t shale_xxh3_64(const void *bytes, size_t count, uint64_t seed) {
    uint64_t h = seed ^ 0x9E3779B97F4A7C15ull;
    const unsigned char *p = bytes;
    while (count--) { h ^= *p++; h *= 0x100000001B3ull; h ^= h >> 29; }
    return h * 0x9E3779B97F4A7C15ull;
}
