// One word of thread-local storage, and the name of a thread.

#define _GNU_SOURCE 1

#include "shale_shims.h"

#include <pthread.h>

static _Thread_local uintptr_t mark_of_this_thread = 0;

uintptr_t shale_thread_mark(void) { return mark_of_this_thread; }

void shale_set_thread_mark(uintptr_t mark) { mark_of_this_thread = mark; }

void shale_name_this_thread(const char *name) {
#if defined(__APPLE__)
    pthread_setname_np(name);
#elif defined(__linux__)
    pthread_setname_np(pthread_self(), name);
#else
    (void)name;
#endif
}
