// Waiting in the kernel for a word to change: the slow half of the one-word lock.

#define _GNU_SOURCE 1

#include "shale_shims.h"

#if defined(__linux__)
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
#elif defined(__APPLE__)
#include <os/os_sync_wait_on_address.h>
#endif

#include <sched.h>

void shale_sleep_while(const uint32_t *word, uint32_t value) {
#if defined(__linux__)
    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
#elif defined(__APPLE__)
    os_sync_wait_on_address((void *)word, value, sizeof(*word), OS_SYNC_WAIT_ON_ADDRESS_NONE);
#else
    if (__atomic_load_n(word, __ATOMIC_ACQUIRE) == value) { sched_yield(); }
#endif
}

void shale_wake(const uint32_t *word, int everybody) {
#if defined(__linux__)
    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, everybody ? 0x7fffffff : 1, NULL, NULL, 0);
#elif defined(__APPLE__)
    if (everybody) {
        os_sync_wake_by_address_all((void *)word, sizeof(*word), OS_SYNC_WAKE_BY_ADDRESS_NONE);
    } else {
        os_sync_wake_by_address_any((void *)word, sizeof(*word), OS_SYNC_WAKE_BY_ADDRESS_NONE);
    }
#else
    (void)word;
    (void)everybody;
#endif
}

// A holder that runs needs well under a microsecond; one that does not run needs our processor.
static const int spin_limit = 100;

void shale_lock_take_slowly(uint32_t *lock) {
    for (int turn = 0; turn < spin_limit; turn++) {
        if (__atomic_load_n(lock, __ATOMIC_RELAXED) == 0 && shale_lock_take_if_free(lock)) {
            return;
        }
        shale_pause();
    }
    while (__atomic_exchange_n(lock, 2, __ATOMIC_ACQUIRE) != 0) { shale_sleep_while(lock, 2); }
}

void shale_lock_wake_one(uint32_t *lock) { shale_wake(lock, 0); }
