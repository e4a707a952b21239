#ifndef SHALE_SHIMS_H
#define SHALE_SHIMS_H

#include <stddef.h>
#include <stdint.h>

#include "shale_process.h"

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

/// Begins to write bytes of a file to the device, without waiting, where the system has a call for that.
void shale_begin_writing(int descriptor, int64_t offset, int64_t count);

/// Says that a file is read here and there, so that the system reads nothing ahead, where it can be told.
void shale_expect_scattered_reads(int descriptor);

/// Begins to read bytes of a file into the system's cache, without waiting, where it can be told.
void shale_begin_reading(int descriptor, int64_t offset, int64_t count);

/// Makes everything that was written to the file system of a descriptor durable; 0, or -1 and `errno`.
int shale_sync_file_system(int descriptor);

/// A small number of the calling thread, from 1 on, given when it first asks. So the threads of a
/// program have neighbouring numbers, and a table of slots by thread stays dense.
uint32_t shale_thread_number(void);

/// Names the calling thread for debuggers: at most 15 bytes.
void shale_name_this_thread(const char *_Nonnull name);

/// Words in memory that several threads look at. Inlined into their callers.
static inline uint64_t shale_load_acquire(const uint64_t *_Nonnull word) {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

static inline void shale_store_release(uint64_t *_Nonnull word, uint64_t value) {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
}

/// Asks for the cache line of an address that will be needed soon; any address is allowed.
static inline void shale_prefetch(uintptr_t address) {
    __builtin_prefetch((const void *)address, 0, 3);
}

/// A lock in one word: 0 free, 1 taken, 2 taken and somebody sleeps. Short waits spin, longer ones
/// sleep in the kernel. Not for holding across calls that wait.
void shale_lock_take_slowly(uint32_t *_Nonnull lock);
void shale_lock_wake_one(uint32_t *_Nonnull lock);

static inline void shale_lock_take(uint32_t *_Nonnull lock) {
    uint32_t unlocked = 0;
    if (!__atomic_compare_exchange_n(lock, &unlocked, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
        shale_lock_take_slowly(lock);
    }
}

static inline int shale_lock_take_if_free(uint32_t *_Nonnull lock) {
    uint32_t unlocked = 0;
    return __atomic_compare_exchange_n(lock, &unlocked, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

static inline void shale_lock_give(uint32_t *_Nonnull lock) {
    if (__atomic_exchange_n(lock, 0, __ATOMIC_RELEASE) == 2) { shale_lock_wake_one(lock); }
}

/// Tells the processor that this thread waits for another one.
static inline void shale_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb");
#endif
}

/// Sleeps while the word has this value (it may also wake without a reason), and wakes those who do.
void shale_sleep_while(const uint32_t *_Nonnull word, uint32_t value);
void shale_wake(const uint32_t *_Nonnull word, int everybody);

/// Fresh zeroed memory, aligned to its own size class of 2 MiB, on huge pages where the system has
/// them; null when there is none. `count` is a multiple of 2 MiB.
void *_Nullable shale_map_slab(size_t count);
void shale_unmap_slab(void *_Nonnull slab, size_t count);

#endif
