// One word of thread-local storage.

#include "shale_shims.h"

static _Thread_local uintptr_t mark_of_this_thread = 0;

uintptr_t shale_thread_mark(void) { return mark_of_this_thread; }

void shale_set_thread_mark(uintptr_t mark) { mark_of_this_thread = mark; }
