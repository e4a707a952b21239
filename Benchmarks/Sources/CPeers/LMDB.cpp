// LMDB.
#include <lmdb.h>

#include <string>

#include "CPeers.h"

namespace {

struct Store {
    MDB_env *env;
    MDB_dbi dbi;
};

struct Session {
    Store *store;
    MDB_txn *reader;
    MDB_cursor *cursor;
    MDB_txn *batch = nullptr;
};

void check(const char *what, int result) {
    if (result != 0) benchFail(what, mdb_strerror(result));
}

void *open(const BenchPeerOptions *given) {
    auto *store = new Store;
    check("lmdb create", mdb_env_create(&store->env));
    check("lmdb readers", mdb_env_set_maxreaders(store->env, 256));
    // An address range, not memory: pages are taken as they are written.
    check("lmdb size", mdb_env_set_mapsize(store->env, (given->dataBytes * 4) + (size_t(4) << 30)));
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD;
    if (!given->isSynced) flags |= MDB_WRITEMAP | MDB_NOSYNC | MDB_NOMETASYNC;
    check("lmdb open", mdb_env_open(store->env, given->directory, flags, 0644));
    MDB_txn *txn;
    check("lmdb begin", mdb_txn_begin(store->env, nullptr, 0, &txn));
    check("lmdb dbi", mdb_dbi_open(txn, nullptr, MDB_CREATE, &store->dbi));
    check("lmdb commit", mdb_txn_commit(txn));
    return store;
}

void *makeSession(void *store) {
    auto *session = new Session;
    session->store = static_cast<Store *>(store);
    check("lmdb reader", mdb_txn_begin(session->store->env, nullptr, MDB_RDONLY, &session->reader));
    check("lmdb cursor", mdb_cursor_open(session->reader, session->store->dbi, &session->cursor));
    mdb_txn_reset(session->reader);
    return session;
}

void endSession(void *session) {
    auto *of = static_cast<Session *>(session);
    mdb_cursor_close(of->cursor);
    mdb_txn_abort(of->reader);
    delete of;
}

void put(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    auto *of = static_cast<Session *>(session);
    MDB_txn *txn;
    MDB_val k{keySize, const_cast<void *>(key)}, v{valueSize, const_cast<void *>(value)};
    check("lmdb begin", mdb_txn_begin(of->store->env, nullptr, 0, &txn));
    check("lmdb put", mdb_put(txn, of->store->dbi, &k, &v, 0));
    check("lmdb commit", mdb_txn_commit(txn));
}

void batchAdd(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    auto *of = static_cast<Session *>(session);
    if (!of->batch) check("lmdb begin", mdb_txn_begin(of->store->env, nullptr, 0, &of->batch));
    MDB_val k{keySize, const_cast<void *>(key)}, v{valueSize, const_cast<void *>(value)};
    check("lmdb put", mdb_put(of->batch, of->store->dbi, &k, &v, 0));
}

void batchCommit(void *session) {
    auto *of = static_cast<Session *>(session);
    check("lmdb commit", mdb_txn_commit(of->batch));
    of->batch = nullptr;
}

int get(void *session, const void *key, size_t keySize, uint64_t *stamp) {
    auto *of = static_cast<Session *>(session);
    MDB_val k{keySize, const_cast<void *>(key)}, v;
    check("lmdb renew", mdb_txn_renew(of->reader));
    int result = mdb_get(of->reader, of->store->dbi, &k, &v);
    if (result == 0) *stamp = benchTouch(v.mv_data, v.mv_size);
    mdb_txn_reset(of->reader);
    if (result == MDB_NOTFOUND) return 0;
    check("lmdb get", result);
    return 1;
}

int64_t scan(void *session, const void *key, size_t keySize, size_t prefixSize, int64_t limit) {
    auto *of = static_cast<Session *>(session);
    MDB_val k{keySize, const_cast<void *>(key)}, v;
    check("lmdb renew", mdb_txn_renew(of->reader));
    check("lmdb renew", mdb_cursor_renew(of->reader, of->cursor));
    int64_t count = 0;
    int result = mdb_cursor_get(of->cursor, &k, &v, MDB_SET_RANGE);
    while (result == 0 && count < limit && k.mv_size >= prefixSize &&
           memcmp(k.mv_data, key, prefixSize) == 0) {
        benchTouch(v.mv_data, v.mv_size);
        count++;
        if (count < limit) result = mdb_cursor_get(of->cursor, &k, &v, MDB_NEXT);
    }
    mdb_txn_reset(of->reader);
    if (result != MDB_NOTFOUND) check("lmdb scan", result);
    return count;
}

int64_t scanAll(void *session) {
    auto *of = static_cast<Session *>(session);
    MDB_val k, v;
    check("lmdb renew", mdb_txn_renew(of->reader));
    check("lmdb renew", mdb_cursor_renew(of->reader, of->cursor));
    int64_t count = 0;
    int result = mdb_cursor_get(of->cursor, &k, &v, MDB_FIRST);
    while (result == 0) {
        benchTouch(v.mv_data, v.mv_size);
        count++;
        result = mdb_cursor_get(of->cursor, &k, &v, MDB_NEXT);
    }
    mdb_txn_reset(of->reader);
    if (result != MDB_NOTFOUND) check("lmdb scan", result);
    return count;
}

void settle(void *store) { check("lmdb sync", mdb_env_sync(static_cast<Store *>(store)->env, 1)); }

void close(void *store) {
    auto *of = static_cast<Store *>(store);
    mdb_env_close(of->env);
    delete of;
}

}  // namespace

extern "C" const BenchPeer benchLMDB = {
    "lmdb",
    "WRITEMAP, NOSYNC and NOMETASYNC where nobody syncs (it then keeps no log at all: a crash of the "
    "machine may ruin it); its defaults with fdatasync in synced rows; NORDAHEAD; read transactions reset "
    "and renewed; the kernel's page cache as its cache",
    open, makeSession, endSession, put, batchAdd, batchCommit, get, scan, scanAll, settle, close};
