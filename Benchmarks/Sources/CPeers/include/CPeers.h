// The peers behind one table of functions, and the few calls of the machine that the driver needs.
//
// Reads are pinned: a value is looked at where the engine keeps it, and nothing is copied out. "Looked at" is
// bench_touch: the first eight bytes (the driver's stamp, which it compares) and the last one.
#ifndef CPEERS_H
#define CPEERS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    const char *directory;
    uint64_t cacheBytes;     // block cache; LMDB and SQLite's mapping have the kernel's
    uint64_t dataBytes;      // what the row will hold, as an upper bound: LMDB's map size
    uint64_t memtableBytes;  // write buffer of the log-structured peers
    int isSynced;            // whether a write must survive the loss of power
    int isDirect;            // whether reads go around the page cache, where the peer can
    int hasLargeValues;      // whether values are 4 KiB and more
} BenchPeerOptions;

typedef struct {
    const char *name;
    // Every setting, for the output. Static text.
    const char *settings;
    void *(*open)(const BenchPeerOptions *options);
    void *(*makeSession)(void *store);  // one for each thread
    void (*endSession)(void *session);
    void (*put)(void *session, const void *key, size_t keySize, const void *value, size_t valueSize);
    void (*batchAdd)(void *session, const void *key, size_t keySize, const void *value, size_t valueSize);
    void (*batchCommit)(void *session);
    // Whether the key is there; its stamp.
    int (*get)(void *session, const void *key, size_t keySize, uint64_t *stamp);
    // Entries seen from `key` on, at most `limit`, of those that begin with the first `prefixSize` bytes of it.
    int64_t (*scan)(void *session, const void *key, size_t keySize, size_t prefixSize, int64_t limit);
    // Everything; a prefix of nothing and no limit.
    int64_t (*scanAll)(void *session);
    void (*settle)(void *store);
    void (*close)(void *store);
} BenchPeer;

// By name, or null.
const BenchPeer *benchPeer(const char *name);

extern const BenchPeer benchRocksDB, benchLevelDB, benchLMDB, benchWiredTiger, benchSQLite,
    benchBare;

// Says what failed and ends the process: a benchmark that fails has no result.
void benchFail(const char *what, const char *why) __attribute__((noreturn));

// ---- The machine

// Runs `body(context, index)` on `count` threads and returns when all have ended.
void benchThreads(int count, void (*body)(void *, int), void *context);

// Keeps a result from being optimised away.
void benchSink(uint64_t value);

static inline uint64_t benchTouch(const void *value, size_t size) {
    uint64_t stamp = 0;
    memcpy(&stamp, value, size < 8 ? size : 8);
    uint8_t last = size ? ((const uint8_t *)value)[size - 1] : 0;
    __asm__ volatile("" ::"r"(last));
    return stamp;
}

// Ticks of the processor's steady counter, and how many there are in a second.
static inline uint64_t benchTicks(void) {
#if defined(__x86_64__)
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return ((uint64_t)high << 32) | low;
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
#error "no steady counter is known for this processor"
#endif
}
double benchTicksPerSecond(void);

// Calls `body` again and again until the process ends.
void benchEvery(double seconds, void (*body)(void *), void *context);
// Ends this process as `kill -9` does.
void benchKill(void) __attribute__((noreturn));
void benchYield(void);
double benchPower(double base, double exponent);
void benchSleep(double seconds);

// Processor time of this process, in microseconds.
double benchProcessorMicroseconds(void);
// Bytes that this process has sent towards the disk (write_bytes of /proc/self/io).
uint64_t benchWrittenBytes(void);
// Resident memory: its peak with mapped files, and anonymous memory now.
uint64_t benchPeakResidentBytes(void);
uint64_t benchAnonymousBytes(void);
// What the files of a directory take on disk; of those with `suffix` or `infix` in their name, unless null.
uint64_t benchDirectoryBytes(const char *directory, const char *infix);
// Drops what the page cache holds of the directory's files and nobody has mapped.
void benchForgetPages(const char *directory);
// The same after everything was written back, and of all files where that is allowed: then true.
int benchDropPageCache(const char *directory);
// Writes everything back, so that no row pays for the one before.
void benchSync(void);

#ifdef __cplusplus
}
#endif
#endif
