#ifndef SHALE_ALLOCATION_COUNT_H
#define SHALE_ALLOCATION_COUNT_H

/// How often the calling thread has asked for memory so far; -1 where that cannot be counted.
///
/// On Linux the test program's own `malloc` takes the place of the C library's: it counts, and asks that one.
long shale_allocations_of_this_thread(void);

#endif
