// File calls that Swift has no name for: around the system's cache, and the beginning of a sync.

#define _GNU_SOURCE 1

#include "shale_shims.h"

#include <fcntl.h>
#include <unistd.h>

int shale_direct_flag(void) {
#if defined(O_DIRECT)
    return O_DIRECT;
#else
    return 0;
#endif
}

void shale_begin_writing(int descriptor, int64_t offset, int64_t count) {
#if defined(SYNC_FILE_RANGE_WRITE)
    (void)sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
#else
    (void)descriptor;
    (void)offset;
    (void)count;
#endif
}

void shale_expect_scattered_reads(int descriptor) {
#if defined(POSIX_FADV_RANDOM)
    (void)posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM);
#else
    (void)descriptor;
#endif
}

void shale_begin_reading(int descriptor, int64_t offset, int64_t count) {
#if defined(POSIX_FADV_WILLNEED)
    (void)posix_fadvise(descriptor, offset, count, POSIX_FADV_WILLNEED);
#else
    (void)descriptor;
    (void)offset;
    (void)count;
#endif
}

int shale_sync_file_system(int descriptor) {
#if defined(__linux__)
    return syncfs(descriptor);
#else
    (void)descriptor;
    sync();
    return 0;
#endif
}
