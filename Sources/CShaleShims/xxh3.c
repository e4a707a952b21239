// XXH3, 64 bits, with a seed: written after the published specification of xxHash
// (doc/xxhash_spec.md of the xxHash project), with its default secret.
//
// Inputs of 0, 1 to 3, 4 to 8, 9 to 16, 17 to 128, 129 to 240 and more than 240 bytes each have
// their own way. For the last, the secret is derived from the seed and 64-byte stripes are added
// into eight independent lanes, which a compiler turns into vector instructions.
//
// Frozen: partition keys are ordered by this hash on disk.

#include "shale_shims.h"

#include <string.h>

enum {
    secret_size = 192,
    stripe_size = 64,
    lane_count = 8,
    // A stripe moves 8 bytes on in the secret; a block is as many stripes as fit.
    secret_step = 8,
    stripes_per_block = (secret_size - stripe_size) / secret_step,
    block_size = stripes_per_block * stripe_size,
    smallest_secret = 136,
};

static const uint64_t prime32_1 = 0x9E3779B1u;
static const uint64_t prime32_2 = 0x85EBCA77u;
static const uint64_t prime32_3 = 0xC2B2AE3Du;
static const uint64_t prime64_1 = 0x9E3779B185EBCA87u;
static const uint64_t prime64_2 = 0xC2B2AE3D27D4EB4Fu;
static const uint64_t prime64_3 = 0x165667B19E3779F9u;
static const uint64_t prime64_4 = 0x85EBCA77C2B2AE63u;
static const uint64_t prime64_5 = 0x27D4EB2F165667C5u;
static const uint64_t prime_mx1 = 0x165667919E3779F9u;
static const uint64_t prime_mx2 = 0x9FB21C651E98DF25u;

static const unsigned char default_secret[secret_size] = {
    0xb8, 0xfe, 0x6c, 0x39, 0x23, 0xa4, 0x4b, 0xbe, 0x7c, 0x01, 0x81, 0x2c, 0xf7, 0x21, 0xad, 0x1c,
    0xde, 0xd4, 0x6d, 0xe9, 0x83, 0x90, 0x97, 0xdb, 0x72, 0x40, 0xa4, 0xa4, 0xb7, 0xb3, 0x67, 0x1f,
    0xcb, 0x79, 0xe6, 0x4e, 0xcc, 0xc0, 0xe5, 0x78, 0x82, 0x5a, 0xd0, 0x7d, 0xcc, 0xff, 0x72, 0x21,
    0xb8, 0x08, 0x46, 0x74, 0xf7, 0x43, 0x24, 0x8e, 0xe0, 0x35, 0x90, 0xe6, 0x81, 0x3a, 0x26, 0x4c,
    0x3c, 0x28, 0x52, 0xbb, 0x91, 0xc3, 0x00, 0xcb, 0x88, 0xd0, 0x65, 0x8b, 0x1b, 0x53, 0x2e, 0xa3,
    0x71, 0x64, 0x48, 0x97, 0xa2, 0x0d, 0xf9, 0x4e, 0x38, 0x19, 0xef, 0x46, 0xa9, 0xde, 0xac, 0xd8,
    0xa8, 0xfa, 0x76, 0x3f, 0xe3, 0x9c, 0x34, 0x3f, 0xf9, 0xdc, 0xbb, 0xc7, 0xc7, 0x0b, 0x4f, 0x1d,
    0x8a, 0x51, 0xe0, 0x4b, 0xcd, 0xb4, 0x59, 0x31, 0xc8, 0x9f, 0x7e, 0xc9, 0xd9, 0x78, 0x73, 0x64,
    0xea, 0xc5, 0xac, 0x83, 0x34, 0xd3, 0xeb, 0xc3, 0xc5, 0x81, 0xa0, 0xff, 0xfa, 0x13, 0x63, 0xeb,
    0x17, 0x0d, 0xdd, 0x51, 0xb7, 0xf0, 0xda, 0x49, 0xd3, 0x16, 0x55, 0x26, 0x29, 0xd4, 0x68, 0x9e,
    0x2b, 0x16, 0xbe, 0x58, 0x7d, 0x47, 0xa1, 0xfc, 0x8f, 0xf8, 0xb8, 0xd1, 0x7a, 0xd0, 0x31, 0xce,
    0x45, 0xcb, 0x3a, 0x8f, 0x95, 0x16, 0x04, 0x28, 0xaf, 0xd7, 0xfb, 0xca, 0xbb, 0x4b, 0x40, 0x7e,
};

static inline uint32_t load32(const unsigned char *p) {
    uint32_t value;
    memcpy(&value, p, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap32(value);
#endif
    return value;
}

static inline uint64_t load64(const unsigned char *p) {
    uint64_t value;
    memcpy(&value, p, sizeof value);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    return value;
}

static inline void store64(unsigned char *p, uint64_t value) {
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    value = __builtin_bswap64(value);
#endif
    memcpy(p, &value, sizeof value);
}

static inline uint64_t rotate(uint64_t value, int bits) {
    return value << bits | value >> (64 - bits);
}

// The two halves of the 128-bit product, exclusive-or.
static inline uint64_t multiply_fold(uint64_t left, uint64_t right) {
    unsigned __int128 product = (unsigned __int128)left * right;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t avalanche(uint64_t hash) {
    hash ^= hash >> 37;
    hash *= prime_mx1;
    return hash ^ hash >> 32;
}

// The last step of XXH64, used for the shortest inputs.
static inline uint64_t avalanche_xxh64(uint64_t hash) {
    hash ^= hash >> 33;
    hash *= prime64_2;
    hash ^= hash >> 29;
    hash *= prime64_3;
    return hash ^ hash >> 32;
}

static inline uint64_t hash_0(uint64_t seed) {
    return avalanche_xxh64(seed ^ load64(default_secret + 56) ^ load64(default_secret + 64));
}

static inline uint64_t hash_1_to_3(const unsigned char *p, size_t count, uint64_t seed) {
    uint32_t combined = (uint32_t)p[count - 1] | (uint32_t)count << 8 | (uint32_t)p[0] << 16
        | (uint32_t)p[count >> 1] << 24;
    uint64_t flip = (uint64_t)(load32(default_secret) ^ load32(default_secret + 4)) + seed;
    return avalanche_xxh64(combined ^ flip);
}

static inline uint64_t hash_4_to_8(const unsigned char *p, size_t count, uint64_t seed) {
    seed ^= (uint64_t)__builtin_bswap32((uint32_t)seed) << 32;
    uint64_t flip = (load64(default_secret + 8) ^ load64(default_secret + 16)) - seed;
    uint64_t combined = (uint64_t)load32(p + count - 4) | (uint64_t)load32(p) << 32;
    uint64_t hash = combined ^ flip;
    hash ^= rotate(hash, 49) ^ rotate(hash, 24);
    hash *= prime_mx2;
    hash ^= (hash >> 35) + count;
    hash *= prime_mx2;
    return hash ^ hash >> 28;
}

static inline uint64_t hash_9_to_16(const unsigned char *p, size_t count, uint64_t seed) {
    uint64_t flip_low = (load64(default_secret + 24) ^ load64(default_secret + 32)) + seed;
    uint64_t flip_high = (load64(default_secret + 40) ^ load64(default_secret + 48)) - seed;
    uint64_t low = load64(p) ^ flip_low;
    uint64_t high = load64(p + count - 8) ^ flip_high;
    return avalanche(count + __builtin_bswap64(low) + high + multiply_fold(low, high));
}

static inline uint64_t mix_16(const unsigned char *p, const unsigned char *secret, uint64_t seed) {
    return multiply_fold(
        load64(p) ^ (load64(secret) + seed), load64(p + 8) ^ (load64(secret + 8) - seed)
    );
}

static uint64_t hash_17_to_128(const unsigned char *p, size_t count, uint64_t seed) {
    uint64_t hash = count * prime64_1;
    for (size_t round = (count - 1) / 32 + 1; round-- > 0;) {
        hash += mix_16(p + round * 16, default_secret + round * 32, seed);
        hash += mix_16(p + count - (round + 1) * 16, default_secret + round * 32 + 16, seed);
    }
    return avalanche(hash);
}

static uint64_t hash_129_to_240(const unsigned char *p, size_t count, uint64_t seed) {
    uint64_t hash = count * prime64_1;
    size_t rounds = count / 16;
    for (size_t round = 0; round < 8; round++)
        hash += mix_16(p + round * 16, default_secret + round * 16, seed);
    hash = avalanche(hash);
    for (size_t round = 8; round < rounds; round++)
        hash += mix_16(p + round * 16, default_secret + (round - 8) * 16 + 3, seed);
    hash += mix_16(p + count - 16, default_secret + smallest_secret - 17, seed);
    return avalanche(hash);
}

static inline void add_stripe(
    uint64_t *restrict lanes, const unsigned char *restrict p, const unsigned char *restrict secret
) {
    uint64_t value[lane_count], keyed[lane_count];
    for (int lane = 0; lane < lane_count; lane++) {
        value[lane] = load64(p + lane * 8);
        keyed[lane] = value[lane] ^ load64(secret + lane * 8);
    }
    for (int lane = 0; lane < lane_count; lane++) {
        lanes[lane] += value[lane ^ 1] + (uint32_t)keyed[lane] * (keyed[lane] >> 32);
    }
}

static inline void scramble(uint64_t *restrict lanes, const unsigned char *restrict secret) {
    for (int lane = 0; lane < lane_count; lane++) {
        uint64_t value = lanes[lane];
        value ^= value >> 47;
        value ^= load64(secret + lane * 8);
        lanes[lane] = value * prime32_1;
    }
}

static uint64_t hash_long(
    const unsigned char *p, size_t count, const unsigned char *secret
) {
    uint64_t lanes[lane_count] = {
        prime32_3, prime64_1, prime64_2, prime64_3, prime64_4, prime32_2, prime64_5, prime32_1,
    };
    size_t blocks = (count - 1) / block_size;
    for (size_t block = 0; block < blocks; block++) {
        for (size_t stripe = 0; stripe < stripes_per_block; stripe++)
            add_stripe(
                lanes, p + block * block_size + stripe * stripe_size, secret + stripe * secret_step
            );
        scramble(lanes, secret + secret_size - stripe_size);
    }
    const unsigned char *rest = p + blocks * block_size;
    size_t stripes = ((count - 1) - blocks * block_size) / stripe_size;
    for (size_t stripe = 0; stripe < stripes; stripe++)
        add_stripe(lanes, rest + stripe * stripe_size, secret + stripe * secret_step);
    add_stripe(lanes, p + count - stripe_size, secret + secret_size - stripe_size - 7);

    uint64_t hash = count * prime64_1;
    for (int pair = 0; pair < lane_count / 2; pair++) {
        const unsigned char *key = secret + 11 + 16 * pair;
        hash += multiply_fold(lanes[2 * pair] ^ load64(key), lanes[2 * pair + 1] ^ load64(key + 8));
    }
    return avalanche(hash);
}

static uint64_t hash_over_240(const unsigned char *p, size_t count, uint64_t seed) {
    if (seed == 0) return hash_long(p, count, default_secret);
    unsigned char secret[secret_size];
    for (int offset = 0; offset < secret_size; offset += 16) {
        store64(secret + offset, load64(default_secret + offset) + seed);
        store64(secret + offset + 8, load64(default_secret + offset + 8) - seed);
    }
    return hash_long(p, count, secret);
}

uint64_t shale_xxh3_64(const void *bytes, size_t count, uint64_t seed) {
    const unsigned char *p = bytes;
    if (count > 240) return hash_over_240(p, count, seed);
    if (count > 128) return hash_129_to_240(p, count, seed);
    if (count > 16) return hash_17_to_128(p, count, seed);
    if (count > 8) return hash_9_to_16(p, count, seed);
    if (count > 3) return hash_4_to_8(p, count, seed);
    if (count > 0) return hash_1_to_3(p, count, seed);
    return hash_0(seed);
}
