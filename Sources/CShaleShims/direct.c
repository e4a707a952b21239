// The flag for file calls that go around the system's cache: its number is the architecture's own.

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
