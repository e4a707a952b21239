// RocksDB through its C++ interface: its C interface has no HyperClockCache.
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <memory>
#include <string>

#include "CPeers.h"

using namespace rocksdb;

namespace {

struct Store {
    DB *db;
    WriteOptions writes;
};

struct Session {
    DB *db;
    WriteOptions writes;
    ReadOptions reads;
    PinnableSlice value;
    WriteBatch batch;
};

void check(const char *what, const Status &status) {
    if (!status.ok()) benchFail(what, status.ToString().c_str());
}

void *open(const BenchPeerOptions *given) {
    Options options;
    options.create_if_missing = true;
    options.compression = kLZ4Compression;
    options.write_buffer_size = given->memtableBytes;
    options.max_background_jobs = 2;
    options.IncreaseParallelism(2);
    options.use_direct_reads = given->isDirect;
    options.max_open_files = -1;
    options.level_compaction_dynamic_level_bytes = true;
    if (given->hasLargeValues) {
        options.enable_blob_files = true;
        options.min_blob_size = 4000;
        options.blob_compression_type = kLZ4Compression;
        options.enable_blob_garbage_collection = true;
        options.blob_cache = NewLRUCache(given->cacheBytes);
    }
    BlockBasedTableOptions table;
    // An estimate of what one entry of the cache takes is what sizes this cache's table.
    table.block_cache = HyperClockCacheOptions(given->cacheBytes, 4096).MakeSharedCache();
    table.filter_policy.reset(NewBloomFilterPolicy(10));
    table.data_block_index_type = BlockBasedTableOptions::kDataBlockBinaryAndHash;
    table.format_version = 5;
    options.table_factory.reset(NewBlockBasedTableFactory(table));
    auto *store = new Store;
    store->writes.sync = given->isSynced;
    check("rocksdb open", DB::Open(options, given->directory, &store->db));
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
    check("rocksdb put", of->db->Put(of->writes, slice(key, keySize), slice(value, valueSize)));
}

void batchAdd(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    auto *of = static_cast<Session *>(session);
    check("rocksdb batch", of->batch.Put(slice(key, keySize), slice(value, valueSize)));
}

void batchCommit(void *session) {
    auto *of = static_cast<Session *>(session);
    check("rocksdb write", of->db->Write(of->writes, &of->batch));
    of->batch.Clear();
}

int get(void *session, const void *key, size_t keySize, uint64_t *stamp) {
    auto *of = static_cast<Session *>(session);
    of->value.Reset();
    Status status =
        of->db->Get(of->reads, of->db->DefaultColumnFamily(), slice(key, keySize), &of->value);
    if (status.IsNotFound()) return 0;
    check("rocksdb get", status);
    *stamp = benchTouch(of->value.data(), of->value.size());
    return 1;
}

int64_t scan(void *session, const void *key, size_t keySize, size_t prefixSize, int64_t limit) {
    auto *of = static_cast<Session *>(session);
    // The least key behind the prefix, which ends in text: its last byte is never 0xff.
    char bound[64];
    memcpy(bound, key, prefixSize);
    bound[prefixSize - 1]++;
    Slice upper(bound, prefixSize);
    ReadOptions reads;
    reads.iterate_upper_bound = &upper;
    std::unique_ptr<Iterator> cursor(of->db->NewIterator(reads));
    int64_t count = 0;
    for (cursor->Seek(slice(key, keySize)); count < limit && cursor->Valid(); cursor->Next()) {
        benchTouch(cursor->value().data(), cursor->value().size());
        count++;
    }
    check("rocksdb scan", cursor->status());
    return count;
}

int64_t scanAll(void *session) {
    auto *of = static_cast<Session *>(session);
    ReadOptions reads;
    std::unique_ptr<Iterator> cursor(of->db->NewIterator(reads));
    int64_t count = 0;
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
        benchTouch(cursor->value().data(), cursor->value().size());
        count++;
    }
    check("rocksdb scan", cursor->status());
    return count;
}

void settle(void *store) {
    DB *db = static_cast<Store *>(store)->db;
    check("rocksdb flush", db->Flush(FlushOptions()));
    for (;;) {
        uint64_t running = 0, pending = 0, flushing = 0;
        db->GetIntProperty(DB::Properties::kNumRunningCompactions, &running);
        db->GetIntProperty(DB::Properties::kCompactionPending, &pending);
        db->GetIntProperty(DB::Properties::kMemTableFlushPending, &flushing);
        if (running + pending + flushing == 0) return;
        usleep(10'000);
    }
}

void close(void *store) {
    auto *of = static_cast<Store *>(store);
    check("rocksdb close", of->db->Close());
    delete of->db;
    delete of;
}

}  // namespace

extern "C" const BenchPeer benchRocksDB = {
    "rocksdb",
    "LZ4, bloom 10 bits, data-block hash index, HyperClockCache of the row's cache size, memtables of "
    "64 MiB, 2 background threads, dynamic level sizes, all files open; reads pinned; log always, fsync "
    "only in synced rows; direct reads in cold rows; blob files with LZ4, collection and a cache of their "
    "own for values of 4 KiB and more",
    open, makeSession, endSession, put, batchAdd, batchCommit, get, scan, scanAll, settle, close};
