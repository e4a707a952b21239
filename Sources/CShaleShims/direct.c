// File calls that Swift has no name for: around the system's cache, and the beginning of a sync.

#define _GNU_SOURCE 1

#include "shale_shims.h"

#include <fcntl.h>

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
