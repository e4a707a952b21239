// The machine's limit: what a put and a get cost when there is no engine at all.
//
// Without sync an entry is written to its place in a file, and read from there with O_DIRECT, one page for an
// entry. With sync the entries of all that wait go into one write over already written pages of a preallocated
// file and one fdatasync: group commit, and with one writer the bare loop of overwriting and syncing.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "CPeers.h"

namespace {

constexpr size_t page = 4096;
constexpr off_t logSize = 64 << 20;

struct Store {
    int data = -1;
    int direct = -1;
    int log = -1;
    off_t tail = 0;
    char *buffers[2];
    // What gathers for the next group, and what was synced.
    std::mutex mutex;
    std::condition_variable changed;
    size_t filled = 0;
    int filling = 0;
    uint64_t group = 1;
    uint64_t synced = 0;
    bool isSyncing = false;
};

struct Session {
    Store *store;
    char *page;
};

void check(const char *what, bool isGood) {
    if (!isGood) benchFail(what, strerror(errno));
}

char *aligned(size_t size) {
    void *memory = nullptr;
    check("bare memory", posix_memalign(&memory, page, size) == 0);
    memset(memory, 0, size);
    return static_cast<char *>(memory);
}

void *open(const BenchPeerOptions *given) {
    auto *store = new Store;
    std::string directory = given->directory;
    if (given->isSynced) {
        store->log = ::open((directory + "/log").c_str(), O_RDWR | O_CREAT, 0644);
        check("bare log", store->log >= 0);
        char *zeros = aligned(1 << 20);
        for (off_t at = 0; at < logSize; at += 1 << 20)
            check("bare log", pwrite(store->log, zeros, 1 << 20, at) == 1 << 20);
        check("bare log", fsync(store->log) == 0);
        free(zeros);
        for (char *&buffer : store->buffers) buffer = aligned(4 << 20);
    } else {
        store->data = ::open((directory + "/data").c_str(), O_RDWR | O_CREAT, 0644);
        check("bare data", store->data >= 0);
        store->direct = ::open((directory + "/data").c_str(), O_RDONLY | O_DIRECT);
        check("bare direct", store->direct >= 0);
    }
    return store;
}

void *makeSession(void *store) { return new Session{static_cast<Store *>(store), aligned(2 * page)}; }

void endSession(void *session) {
    free(static_cast<Session *>(session)->page);
    delete static_cast<Session *>(session);
}

// The index that a key was made of: see KeyBuffer of the driver.
uint64_t index(const void *key, size_t keySize) {
    char text[9] = {};
    memcpy(text, key, 8);
    uint64_t partition = strtoull(text, nullptr, 16);
    memcpy(text, static_cast<const char *>(key) + keySize - 8, 8);
    return partition * 1024 + strtoull(text, nullptr, 16) / 2;
}

// Writes what has gathered and syncs it; called with the lock, which is free meanwhile.
void lead(Store *of, std::unique_lock<std::mutex> &lock) {
    of->isSyncing = true;
    uint64_t mine = of->group++;
    char *bytes = of->buffers[of->filling];
    size_t size = (of->filled + page - 1) / page * page;
    of->filling ^= 1;
    of->filled = 0;
    lock.unlock();
    if (of->tail + off_t(size) > logSize) of->tail = 0;
    check("bare write", pwrite(of->log, bytes, size, of->tail) == ssize_t(size));
    check("bare sync", fdatasync(of->log) == 0);
    of->tail += off_t(size);
    lock.lock();
    of->synced = mine;
    of->isSyncing = false;
    of->changed.notify_all();
}

void put(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    Store *of = static_cast<Session *>(session)->store;
    if (of->log < 0) {
        off_t place = off_t(index(key, keySize) * valueSize);
        check("bare put", pwrite(of->data, value, valueSize, place) == ssize_t(valueSize));
        return;
    }
    std::unique_lock<std::mutex> lock(of->mutex);
    char *end = of->buffers[of->filling] + of->filled;
    memcpy(end, key, keySize);
    memcpy(end + keySize, value, valueSize);
    of->filled += keySize + valueSize;
    uint64_t mine = of->group;
    while (of->synced < mine) {
        if (of->isSyncing)
            of->changed.wait(lock);
        else
            lead(of, lock);
    }
}

void batchAdd(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    put(session, key, keySize, value, valueSize);
}

void batchCommit(void *) {}

int get(void *session, const void *key, size_t keySize, uint64_t *stamp) {
    auto *of = static_cast<Session *>(session);
    // Where the entry would lie if values had 400 bytes: which page it is makes no difference.
    uint64_t number = index(key, keySize);
    check("bare get", pread(of->store->direct, of->page, page, off_t(number * 400 / page * page)) > 0);
    benchTouch(of->page, page);
    *stamp = number;
    return 1;
}

int64_t scan(void *, const void *, size_t, size_t, int64_t) { benchFail("bare", "has no order"); }
int64_t scanAll(void *) { benchFail("bare", "has no order"); }
void settle(void *store) {
    if (static_cast<Store *>(store)->data >= 0) fsync(static_cast<Store *>(store)->data);
}
void close(void *store) { delete static_cast<Store *>(store); }

}  // namespace

extern "C" const BenchPeer benchBare = {
    "bare",
    "no engine: one O_DIRECT read of 4 KiB for a get; for synced puts group commit by overwriting a "
    "preallocated, zero-filled file of 64 MiB in whole pages, with fdatasync",
    open, makeSession, endSession, put, batchAdd, batchCommit, get, scan, scanAll, settle, close};
