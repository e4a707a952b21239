#include "shale_shims.h"

// Placeholder of the portable form; the processor's instruction comes with it.
uint32_t shale_crc32c(uint32_t crc, const void *bytes, size_t count) {
    const unsigned char *p = bytes;
    crc = ~crc;
    while (count--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & -(crc & 1));
    }
    return ~crc;
}
