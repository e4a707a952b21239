// CRC-32C by the processor's instruction, or eight bytes at a time from tables.
//
// The instruction has a latency of three cycles and starts every cycle, so one dependent chain uses
// a third of it. From 1 KiB on, three neighbouring stripes of one buffer are therefore run side by
// side, and joined: the checksum is linear, so the register after `A B` is the register after `A`,
// moved on over as many zero bytes as `B` has, exclusive-or the register of `B` started from 0.
// Moving over a fixed number of zeros is four table look-ups.
//
// All tables are made when the program is loaded, before any thread exists; they never change.

#include "shale_shims.h"

#include <string.h>

#if defined(__x86_64__)
#define SHALE_CRC_X86 1
#include <nmmintrin.h>
#define SHALE_CRC_TARGET __attribute__((target("sse4.2")))
#elif defined(__aarch64__)
#define SHALE_CRC_ARM 1
#include <arm_acle.h>
#define SHALE_CRC_TARGET __attribute__((target("crc")))
#if defined(__linux__)
#include <sys/auxv.h>
#ifndef HWCAP_CRC32
#define HWCAP_CRC32 (1 << 7)
#endif
#endif
#endif

// The polynomial 0x1EDC6F41 with its bits reflected.
static const uint32_t polynomial = 0x82F63B78u;

// Three stripes of 1,344 bytes are most of a 4 KiB page and of a 16 KiB block; three of 336 are
// most of 1 KiB. Both are multiples of eight.
enum { long_stripe = 1344, short_stripe = 336 };

// bytewise[k][b]: the register after byte `b` and then `k` zero bytes, started from 0.
static uint32_t bytewise[8][256];

typedef struct {
    uint32_t of_byte[4][256];
} zero_mover;

static zero_mover over_long_stripe, over_short_stripe;
static int is_accelerated;

static uint64_t load64(const unsigned char *p) {
    uint64_t value = 0;
    for (int index = 0; index < 8; index++) value |= (uint64_t)p[index] << (8 * index);
    return value;
}

static uint32_t portable_register(uint32_t crc, const unsigned char *p, size_t count) {
    for (; count >= 8; p += 8, count -= 8) {
        uint64_t word = load64(p) ^ crc;
        crc = bytewise[7][word & 0xFF] ^ bytewise[6][(word >> 8) & 0xFF]
            ^ bytewise[5][(word >> 16) & 0xFF] ^ bytewise[4][(word >> 24) & 0xFF]
            ^ bytewise[3][(word >> 32) & 0xFF] ^ bytewise[2][(word >> 40) & 0xFF]
            ^ bytewise[1][(word >> 48) & 0xFF] ^ bytewise[0][word >> 56];
    }
    for (; count > 0; p++, count--) crc = (crc >> 8) ^ bytewise[0][(crc ^ *p) & 0xFF];
    return crc;
}

static void make_bytewise(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (polynomial & -(crc & 1));
        bytewise[0][byte] = crc;
    }
    for (int zeros = 1; zeros < 8; zeros++) {
        for (int byte = 0; byte < 256; byte++) {
            uint32_t before = bytewise[zeros - 1][byte];
            bytewise[zeros][byte] = (before >> 8) ^ bytewise[0][before & 0xFF];
        }
    }
}

// Moving is linear, so a byte's entry is the sum of its bits' entries.
static void make_mover(zero_mover *mover, size_t zeros) {
    static const unsigned char nothing[long_stripe];
    for (int position = 0; position < 4; position++) {
        mover->of_byte[position][0] = 0;
        for (uint32_t byte = 1; byte < 256; byte++) {
            uint32_t rest = byte & (byte - 1);
            mover->of_byte[position][byte] = rest != 0
                ? mover->of_byte[position][rest] ^ mover->of_byte[position][byte ^ rest]
                : portable_register(byte << (8 * position), nothing, zeros);
        }
    }
}

static int processor_has_the_instruction(void) {
#if SHALE_CRC_X86
    __builtin_cpu_init();
    return __builtin_cpu_supports("sse4.2") != 0;
#elif SHALE_CRC_ARM && defined(__APPLE__)
    return 1;
#elif SHALE_CRC_ARM && defined(__linux__)
    return (getauxval(AT_HWCAP) & HWCAP_CRC32) != 0;
#else
    return 0;
#endif
}

__attribute__((constructor)) static void make_tables(void) {
    make_bytewise();
    make_mover(&over_long_stripe, long_stripe);
    make_mover(&over_short_stripe, short_stripe);
    is_accelerated = processor_has_the_instruction();
}

#if SHALE_CRC_X86 || SHALE_CRC_ARM

// Both processors are little-endian as we run them, so a plain copy is a little-endian load.
static inline uint64_t load_word(const unsigned char *p) {
    uint64_t value;
    memcpy(&value, p, sizeof value);
    return value;
}

SHALE_CRC_TARGET static inline uint32_t add_word(uint32_t crc, uint64_t word) {
#if SHALE_CRC_X86
    return (uint32_t)_mm_crc32_u64(crc, word);
#else
    return __crc32cd(crc, word);
#endif
}

SHALE_CRC_TARGET static inline uint32_t add_byte(uint32_t crc, unsigned char byte) {
#if SHALE_CRC_X86
    return _mm_crc32_u8(crc, byte);
#else
    return __crc32cb(crc, byte);
#endif
}

static inline uint32_t move(const zero_mover *mover, uint32_t crc) {
    return mover->of_byte[0][crc & 0xFF] ^ mover->of_byte[1][(crc >> 8) & 0xFF]
        ^ mover->of_byte[2][(crc >> 16) & 0xFF] ^ mover->of_byte[3][crc >> 24];
}

SHALE_CRC_TARGET static inline uint32_t add_three_stripes(
    uint32_t crc, const unsigned char *p, size_t stripe, const zero_mover *mover
) {
    uint32_t second = 0, third = 0;
    for (size_t offset = 0; offset < stripe; offset += 8) {
        crc = add_word(crc, load_word(p + offset));
        second = add_word(second, load_word(p + stripe + offset));
        third = add_word(third, load_word(p + 2 * stripe + offset));
    }
    return move(mover, move(mover, crc) ^ second) ^ third;
}

SHALE_CRC_TARGET static uint32_t accelerated_register(
    uint32_t crc, const unsigned char *p, size_t count
) {
    for (; count >= 3 * long_stripe; p += 3 * long_stripe, count -= 3 * long_stripe)
        crc = add_three_stripes(crc, p, long_stripe, &over_long_stripe);
    for (; count >= 3 * short_stripe; p += 3 * short_stripe, count -= 3 * short_stripe)
        crc = add_three_stripes(crc, p, short_stripe, &over_short_stripe);
    for (; count >= 8; p += 8, count -= 8) crc = add_word(crc, load_word(p));
    for (; count > 0; p++, count--) crc = add_byte(crc, *p);
    return crc;
}

#endif

uint32_t shale_crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    return ~portable_register(~crc, bytes, count);
}

uint32_t shale_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if SHALE_CRC_X86 || SHALE_CRC_ARM
    if (is_accelerated) return ~accelerated_register(~crc, bytes, count);
#endif
    return shale_crc32c_portable(crc, bytes, count);
}

int shale_crc32c_is_accelerated(void) { return is_accelerated; }
