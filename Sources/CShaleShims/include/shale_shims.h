#ifndef SHALE_SHIMS_H
#define SHALE_SHIMS_H

#include <stddef.h>
#include <stdint.h>

/// CRC-32C (Castagnoli, reflected, RFC 3720 appendix B.4). `crc` is the checksum of what came
/// before (0 at the start); the complement at both ends is done inside, so calls can be chained.
/// Uses the processor's instruction where it has one, chosen when the program is loaded.
uint32_t shale_crc32c(uint32_t crc, const void *_Nullable bytes, size_t count);

/// The same checksum without any special instruction: the fallback, visible so that a test can
/// compare the two.
uint32_t shale_crc32c_portable(uint32_t crc, const void *_Nullable bytes, size_t count);

/// Whether `shale_crc32c` uses the processor's instruction: 1 or 0.
int shale_crc32c_is_accelerated(void);

/// XXH3, 64 bits, with a seed (frozen by the on-disk format).
uint64_t shale_xxh3_64(const void *_Nullable bytes, size_t count, uint64_t seed);

/// A mark that each thread carries for itself: 0 until it is set. The scheduler recognises its own
/// threads by it; Swift has no thread-local storage of its own.
uintptr_t shale_thread_mark(void);
void shale_set_thread_mark(uintptr_t mark);

/// The flag for `fcntl` that makes reads and writes go around the system's cache; 0 where there is none.
int shale_direct_flag(void);

/// A small number of the calling thread, from 1 on, given when it first asks. So the threads of a
/// program have neighbouring numbers, and a table of slots by thread stays dense.
uint32_t shale_thread_number(void);

/// Names the calling thread for debuggers: at most 15 bytes.
void shale_name_this_thread(const char *_Nonnull name);

#endif
