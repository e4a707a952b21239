// Large pieces of memory, straight from the system.

#define _GNU_SOURCE 1

#include "shale_shims.h"

#include <sys/mman.h>

static const size_t slab_alignment = 2 * 1024 * 1024;

void *shale_map_slab(size_t count) {
    // One alignment more than needed, of which the ends are given back.
    size_t whole = count + slab_alignment;
    char *start =
        mmap(NULL, whole, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) { return NULL; }
    uintptr_t address = (uintptr_t)start;
    size_t before = (slab_alignment - address % slab_alignment) % slab_alignment;
    if (before > 0) { munmap(start, before); }
    if (before < slab_alignment) { munmap(start + before + count, slab_alignment - before); }
#if defined(MADV_HUGEPAGE)
    madvise(start + before, count, MADV_HUGEPAGE);
#endif
    return start + before;
}

void shale_unmap_slab(void *slab, size_t count) { munmap(slab, count); }
