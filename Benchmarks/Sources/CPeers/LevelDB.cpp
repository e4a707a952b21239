// LevelDB through its C++ interface: its C interface allocates a copy for every get.
#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/options.h>
#include <leveldb/slice.h>
#include <leveldb/write_batch.h>

#include <memory>
#include <string>

#include "CPeers.h"

using namespace leveldb;

namespace {

struct Store {
    DB *db;
    const FilterPolicy *filter;
    Cache *cache;
    WriteOptions writes;
};

struct Session {
    DB *db;
    WriteOptions writes;
    std::string value;
    WriteBatch batch;
};

void check(const char *what, const Status &status) {
    if (!status.ok()) benchFail(what, status.ToString().c_str());
}

void *open(const BenchPeerOptions *given) {
    auto *store = new Store;
    store->filter = NewBloomFilterPolicy(10);
    store->cache = NewLRUCache(given->cacheBytes);
    store->writes.sync = given->isSynced;
    Options options;
    options.create_if_missing = true;
    options.write_buffer_size = given->memtableBytes;
    options.filter_policy = store->filter;
    options.block_cache = store->cache;
    options.compression = kSnappyCompression;
    options.max_open_files = 10'000;
    options.max_file_size = 64 << 20;
    check("leveldb open", DB::Open(options, given->directory, &store->db));
    return store;
}

void *makeSession(void *store) {
    auto *of = static_cast<Store *>(store);
    auto *session = new Session;
    session->db = of->db;
    session->writes = of->writes;
    return session;
}

void endSession(void *session) { delete static_cast<Session *>(session); }

Slice slice(const void *bytes, size_t size) { return Slice(static_cast<const char *>(bytes), size); }

void put(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    auto *of = static_cast<Session *>(session);
    check("leveldb put", of->db->Put(of->writes, slice(key, keySize), slice(value, valueSize)));
}

void batchAdd(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    static_cast<Session *>(session)->batch.Put(slice(key, keySize), slice(value, valueSize));
}

void batchCommit(void *session) {
    auto *of = static_cast<Session *>(session);
    check("leveldb write", of->db->Write(of->writes, &of->batch));
    of->batch.Clear();
}

int get(void *session, const void *key, size_t keySize, uint64_t *stamp) {
    auto *of = static_cast<Session *>(session);
    // Into a string that keeps its memory: cheaper than an iterator, LevelDB's only pinned read.
    Status status = of->db->Get(ReadOptions(), slice(key, keySize), &of->value);
    if (status.IsNotFound()) return 0;
    check("leveldb get", status);
    *stamp = benchTouch(of->value.data(), of->value.size());
    return 1;
}

int64_t scan(void *session, const void *key, size_t keySize, size_t prefixSize, int64_t limit) {
    auto *of = static_cast<Session *>(session);
    std::unique_ptr<Iterator> cursor(of->db->NewIterator(ReadOptions()));
    Slice prefix = slice(key, prefixSize);
    int64_t count = 0;
    for (cursor->Seek(slice(key, keySize));
         count < limit && cursor->Valid() && cursor->key().starts_with(prefix); cursor->Next()) {
        benchTouch(cursor->value().data(), cursor->value().size());
        count++;
    }
    check("leveldb scan", cursor->status());
    return count;
}

int64_t scanAll(void *session) {
    auto *of = static_cast<Session *>(session);
    std::unique_ptr<Iterator> cursor(of->db->NewIterator(ReadOptions()));
    int64_t count = 0;
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
        benchTouch(cursor->value().data(), cursor->value().size());
        count++;
    }
    check("leveldb scan", cursor->status());
    return count;
}

// Compacting a range behind every key writes the memtable to a file and touches no other. There is no call that
// waits for compactions; the driver waits until the process is idle.
void settle(void *store) {
    Slice begin("\x7f"), end("\x7f\x7f");
    static_cast<Store *>(store)->db->CompactRange(&begin, &end);
}

void close(void *store) {
    auto *of = static_cast<Store *>(store);
    delete of->db;
    delete of->filter;
    delete of->cache;
    delete of;
}

}  // namespace

extern "C" const BenchPeer benchLevelDB = {
    "leveldb",
    "Snappy (it has no LZ4), bloom 10 bits, LRU cache of the row's cache size, write buffer 64 MiB, files "
    "of 64 MiB, all open; get into a reused string; log always, fdatasync only in synced rows",
    open, makeSession, endSession, put, batchAdd, batchCommit, get, scan, scanAll, settle, close};
