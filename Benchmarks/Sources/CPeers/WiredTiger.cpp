// WiredTiger.
#include <stdio.h>
#include <wiredtiger.h>

#include "CPeers.h"

namespace {

struct Session {
    WT_SESSION *session;
    WT_CURSOR *cursor;
    bool isInBatch = false;
};

void check(const char *what, int result) {
    if (result != 0) benchFail(what, wiredtiger_strerror(result));
}

void *open(const BenchPeerOptions *given) {
    char config[512];
    // With the method "none" a commit writes its log record to the kernel and does not wait for the disk: the
    // promise of the others' rows without sync.
    snprintf(config, sizeof config,
             "create,cache_size=%llu,session_max=256,log=(enabled=true,file_max=256MB,prealloc=true),"
             "transaction_sync=(enabled=true,method=%s),checkpoint=(wait=60,log_size=256MB),"
             "eviction=(threads_min=1,threads_max=2),statistics=(none)",
             (unsigned long long)given->cacheBytes, given->isSynced ? "fsync" : "none");
    WT_CONNECTION *connection;
    check("wiredtiger open", wiredtiger_open(given->directory, nullptr, config, &connection));
    WT_SESSION *session;
    check("wiredtiger session", connection->open_session(connection, nullptr, nullptr, &session));
    check("wiredtiger create",
          session->create(session, "table:t",
                          "key_format=u,value_format=u,block_compressor=none,leaf_page_max=16KB"));
    check("wiredtiger session", session->close(session, nullptr));
    return connection;
}

void *makeSession(void *store) {
    auto *connection = static_cast<WT_CONNECTION *>(store);
    auto *of = new Session;
    check("wiredtiger session", connection->open_session(connection, nullptr, nullptr, &of->session));
    check("wiredtiger cursor", of->session->open_cursor(of->session, "table:t", nullptr, nullptr, &of->cursor));
    return of;
}

void endSession(void *session) {
    auto *of = static_cast<Session *>(session);
    of->session->close(of->session, nullptr);
    delete of;
}

int insert(Session *of, const void *key, size_t keySize, const void *value, size_t valueSize) {
    WT_ITEM k{}, v{};
    k.data = key, k.size = keySize, v.data = value, v.size = valueSize;
    of->cursor->set_key(of->cursor, &k);
    of->cursor->set_value(of->cursor, &v);
    return of->cursor->insert(of->cursor);
}

void put(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    auto *of = static_cast<Session *>(session);
    int result;
    while ((result = insert(of, key, keySize, value, valueSize)) == WT_ROLLBACK) {
    }
    check("wiredtiger put", result);
}

void batchAdd(void *session, const void *key, size_t keySize, const void *value, size_t valueSize) {
    auto *of = static_cast<Session *>(session);
    if (!of->isInBatch)
        check("wiredtiger begin", of->session->begin_transaction(of->session, "isolation=snapshot"));
    of->isInBatch = true;
    check("wiredtiger batch", insert(of, key, keySize, value, valueSize));
}

void batchCommit(void *session) {
    auto *of = static_cast<Session *>(session);
    check("wiredtiger commit", of->session->commit_transaction(of->session, nullptr));
    of->isInBatch = false;
}

int get(void *session, const void *key, size_t keySize, uint64_t *stamp) {
    WT_CURSOR *cursor = static_cast<Session *>(session)->cursor;
    WT_ITEM k{}, v{};
    k.data = key, k.size = keySize;
    cursor->set_key(cursor, &k);
    int result = cursor->search(cursor);
    if (result == WT_NOTFOUND) return 0;
    check("wiredtiger get", result);
    check("wiredtiger value", cursor->get_value(cursor, &v));
    *stamp = benchTouch(v.data, v.size);
    cursor->reset(cursor);
    return 1;
}

int64_t scan(void *session, const void *key, size_t keySize, size_t prefixSize, int64_t limit) {
    WT_CURSOR *cursor = static_cast<Session *>(session)->cursor;
    WT_ITEM k{}, v{};
    k.data = key, k.size = keySize;
    cursor->set_key(cursor, &k);
    int order = 0;
    int result = cursor->search_near(cursor, &order);
    if (result == 0 && order < 0) result = cursor->next(cursor);
    int64_t count = 0;
    while (result == 0 && count < limit) {
        check("wiredtiger key", cursor->get_key(cursor, &k));
        if (k.size < prefixSize || memcmp(k.data, key, prefixSize) != 0) break;
        check("wiredtiger value", cursor->get_value(cursor, &v));
        benchTouch(v.data, v.size);
        count++;
        if (count < limit) result = cursor->next(cursor);
    }
    if (result != WT_NOTFOUND) check("wiredtiger scan", result);
    cursor->reset(cursor);
    return count;
}

int64_t scanAll(void *session) {
    WT_CURSOR *cursor = static_cast<Session *>(session)->cursor;
    WT_ITEM v{};
    int64_t count = 0;
    int result;
    while ((result = cursor->next(cursor)) == 0) {
        check("wiredtiger value", cursor->get_value(cursor, &v));
        benchTouch(v.data, v.size);
        count++;
    }
    if (result != WT_NOTFOUND) check("wiredtiger scan", result);
    cursor->reset(cursor);
    return count;
}

void settle(void *store) {
    auto *connection = static_cast<WT_CONNECTION *>(store);
    WT_SESSION *session;
    check("wiredtiger session", connection->open_session(connection, nullptr, nullptr, &session));
    check("wiredtiger checkpoint", session->checkpoint(session, nullptr));
    session->close(session, nullptr);
}

void close(void *store) {
    auto *connection = static_cast<WT_CONNECTION *>(store);
    check("wiredtiger close", connection->close(connection, nullptr));
}

}  // namespace

extern "C" const BenchPeer benchWiredTiger = {
    "wiredtiger",
    "cache of the row's size, log on (written at each commit, fsync only in synced rows), log files of "
    "256 MB, checkpoint after 60 s or 256 MB of log, leaf pages 16 KiB, no block compression, eviction "
    "threads 1 to 2, one session and one cursor a thread",
    open, makeSession, endSession, put, batchAdd, batchCommit, get, scan, scanAll, settle, close};
