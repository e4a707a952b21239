// Thread-local storage (a mark, a number), and the name of a thread.

#define _GNU_SOURCE 1

#include "shale_shims.h"

#include <pthread.h>
#include <stdatomic.h>

static _Thread_local uintptr_t mark_of_this_thread = 0;

uintptr_t shale_thread_mark(void) { return mark_of_this_thread; }

void shale_set_thread_mark(uintptr_t mark) { mark_of_this_thread = mark; }

static atomic_uint last_number = 0;
static _Thread_local uint32_t number_of_this_thread = 0;

uint32_t shale_thread_number(void) {
    if (number_of_this_thread == 0) {
        number_of_this_thread = atomic_fetch_add_explicit(&last_number, 1, memory_order_relaxed) + 1;
    }
    return number_of_this_thread;
}

void shale_name_this_thread(const char *name) {
#if defined(__APPLE__)
    pthread_setname_np(name);
#elif defined(__linux__)
    pthread_setname_np(pthread_self(), name);
#else
    (void)name;
#endif
}
