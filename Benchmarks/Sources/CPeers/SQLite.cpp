// SQLite.
#include <sqlite3.h>
#include <stdio.h>

#include <string>

#include "CPeers.h"

namespace {

struct Store {
    std::string path;
    uint64_t cacheBytes;
    bool isSynced;
    sqlite3 *keeper;  // One connection stays open, so that the last session's end is no checkpoint.
};

struct Session {
    sqlite3 *db;
    sqlite3_stmt *put, *get, *scan, *scanAll, *begin, *commit;
    bool isInBatch = false;
};

void check(sqlite3 *db, const char *what, int result) {
    if (result != SQLITE_OK && result != SQLITE_DONE && result != SQLITE_ROW)
        benchFail(what, sqlite3_errmsg(db));
}

void run(sqlite3 *db, const std::string &text) {
    check(db, text.c_str(), sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr));
}

sqlite3 *connect(const Store *store) {
    sqlite3 *db;
    check(nullptr, "sqlite open",
          sqlite3_open_v2(store->path.c_str(), &db,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr));
    sqlite3_busy_timeout(db, 60'000);
    run(db, "pragma page_size=8192");
    run(db, "pragma journal_mode=wal");
    run(db, store->isSynced ? "pragma synchronous=full" : "pragma synchronous=off");
    run(db, "pragma mmap_size=" + std::to_string(uint64_t(1) << 36));
    run(db, "pragma cache_size=-" + std::to_string(store->cacheBytes / 1024 / 4));
    run(db, "pragma wal_autocheckpoint=8192");
    return db;
}

void *open(const BenchPeerOptions *given) {
    auto *store = new Store{std::string(given->directory) + "/t.sqlite", given->cacheBytes,
                            given->isSynced != 0, nullptr};
    store->keeper = connect(store);
    run(store->keeper, "create table if not exists t(k blob primary key, v blob not null) without rowid");
    return store;
}

sqlite3_stmt *prepare(sqlite3 *db, const char *text) {
    sqlite3_stmt *statement;
    check(db, text, sqlite3_prepare_v3(db, text, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr));
    return statement;
}

void *makeSession(void *store) {
    auto *of = new Session;
    of->db = connect(static_cast<Store *>(store));
    of->put = prepare(of->db, "insert or replace into t values(?,?)");
    of->get = prepare(of->db, "select v from t where k=?");
    of->scan = prepare(of->db, "select v from t where k>=? and k<? order by k limit ?");
    of->scanAll = prepare(of->db, "select v from t order by k");
    of->begin = prepare(of->db, "begin immediate");
    of->commit = prepare(of->db, "commit");
    return of;
}

void endSession(void *session) {
    auto *of = static_cast<Session *>(session);
    for (sqlite3_stmt *statement : {of->put, of->get, of->scan, of->scanAll, of->begin, of->commit})
        sqlite3_finalize(statement);
    sqlite3_close(of->db);
    delete of;
}

void step(sqlite3 *db, sqlite3_stmt *statement, const char *what) {
    check(db, what, sqlite3_step(statement));
    sqlite3_reset(statement);
}

void insert(Session *of, const void *key, size_t keySize, const void *value, size_t valueSize) {
    sqlite3_bind_blob(of->put, 1, key, int(keySize), SQLITE_STATIC);
    sqlite3_bind_blob(of->put, 2, value, int(valueSize), SQLITE_STATIC);
    step(of->db, of->put, "sqlite put");
}

void put(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    insert(static_cast<Session *>(session), key, keySize, value, valueSize);
}

void batchAdd(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    auto *of = static_cast<Session *>(session);
    if (!of->isInBatch) step(of->db, of->begin, "sqlite begin");
    of->isInBatch = true;
    insert(of, key, keySize, value, valueSize);
}

void batchCommit(void *session) {
    auto *of = static_cast<Session *>(session);
    step(of->db, of->commit, "sqlite commit");
    of->isInBatch = false;
}

int get(void *session, const void *key, size_t keySize, uint64_t *stamp) {
    auto *of = static_cast<Session *>(session);
    sqlite3_bind_blob(of->get, 1, key, int(keySize), SQLITE_STATIC);
    int result = sqlite3_step(of->get);
    check(of->db, "sqlite get", result);
    if (result == SQLITE_ROW)
        *stamp = benchTouch(sqlite3_column_blob(of->get, 0), size_t(sqlite3_column_bytes(of->get, 0)));
    sqlite3_reset(of->get);
    return result == SQLITE_ROW;
}

int64_t visit(Session *of, sqlite3_stmt *statement) {
    int64_t count = 0;
    int result;
    while ((result = sqlite3_step(statement)) == SQLITE_ROW) {
        benchTouch(sqlite3_column_blob(statement, 0), size_t(sqlite3_column_bytes(statement, 0)));
        count++;
    }
    check(of->db, "sqlite scan", result);
    sqlite3_reset(statement);
    return count;
}

int64_t scan(void *session, const void *key, size_t keySize, size_t prefixSize, int64_t limit) {
    auto *of = static_cast<Session *>(session);
    char bound[64];
    memcpy(bound, key, prefixSize);
    bound[prefixSize - 1]++;
    sqlite3_bind_blob(of->scan, 1, key, int(keySize), SQLITE_STATIC);
    sqlite3_bind_blob(of->scan, 2, bound, int(prefixSize), SQLITE_STATIC);
    sqlite3_bind_int64(of->scan, 3, limit);
    return visit(of, of->scan);
}

int64_t scanAll(void *session) {
    auto *of = static_cast<Session *>(session);
    return visit(of, of->scanAll);
}

void settle(void *store) {
    sqlite3 *db = static_cast<Store *>(store)->keeper;
    check(db, "sqlite checkpoint",
          sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr));
}

void close(void *store) {
    auto *of = static_cast<Store *>(store);
    sqlite3_close(of->keeper);
    delete of;
}

}  // namespace

extern "C" const BenchPeer benchSQLite = {
    "sqlite",
    "WAL, WITHOUT ROWID, mmap, pages of 8 KiB, page cache of a quarter of the row's cache size for each "
    "connection, checkpoint after 8,192 pages, prepared statements, one connection a thread; synchronous "
    "off, full in synced rows",
    open, makeSession, endSession, put, batchAdd, batchCommit, get, scan, scanAll, settle, close};
