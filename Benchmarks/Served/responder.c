// The machine's ceiling for a served request: answers every HTTP request with the same bytes.
//
// One thread, epoll, edge by edge as the kernel tells; no parser beyond finding where a request
// ends, no allocation, no storage. What a server does more than this is what it costs.
//
//     responder PORT [BODY_BYTES] [THREADS]

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_BYTES = 256 * 1024, EVENTS = 256 };

struct connection {
    int descriptor;
    size_t held;
    char bytes[BUFFER_BYTES];
};

static char response[64 * 1024];
static size_t response_bytes;
static int port;

static void make_response(int body_bytes) {
    static char body[32 * 1024];
    memset(body, 'x', sizeof body);
    memcpy(body, "{\"Item\":{\"text\":{\"S\":\"", 22);
    memcpy(body + body_bytes - 4, "\"}}}", 4);
    int head = snprintf(
        response, sizeof response,
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: %d\r\n"
        "x-amzn-RequestId: 0123456789ABCDEFGHIJKLMNOPQRSTUV0123456789ABCDEFGHIJ\r\n"
        "x-amz-crc32: 1234567890\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n",
        body_bytes);
    memcpy(response + head, body, body_bytes);
    response_bytes = head + body_bytes;
}

// Bytes of the first whole request, or 0.
static size_t request_size(const char *bytes, size_t count) {
    const char *end = memmem(bytes, count, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = end - bytes + 4;
    const char *field = memmem(bytes, head, "Content-Length: ", 16);
    size_t body = field ? strtoul(field + 16, NULL, 10) : 0;
    return head + body <= count ? head + body : 0;
}

static int write_all(int descriptor, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(descriptor, bytes, count);
        if (written < 0) return -1;
        bytes += written;
        count -= written;
    }
    return 0;
}

static int serve(struct connection *connection) {
    ssize_t count = read(
        connection->descriptor, connection->bytes + connection->held,
        BUFFER_BYTES - connection->held);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) return -1;
    connection->held += count;
    size_t begin = 0, size;
    while ((size = request_size(connection->bytes + begin, connection->held - begin)) > 0) {
        if (write_all(connection->descriptor, response, response_bytes) < 0) return -1;
        begin += size;
    }
    memmove(connection->bytes, connection->bytes + begin, connection->held - begin);
    connection->held -= begin;
    return connection->held == BUFFER_BYTES ? -1 : 0;
}

static int listen_on_port(void) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(listener, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1024)) {
        perror("responder");
        exit(1);
    }
    return listener;
}

_Noreturn static void *run(void *unused) {
    (void)unused;
    int listener = listen_on_port(), epoll = epoll_create1(0), on = 1;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL}, events[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int ready = epoll_wait(epoll, events, EVENTS, -1);
        for (int index = 0; index < ready; index++) {
            struct connection *connection = events[index].data.ptr;
            if (!connection) {
                int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
                if (descriptor < 0) continue;
                setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                connection = malloc(sizeof *connection);
                connection->descriptor = descriptor;
                connection->held = 0;
                event.data.ptr = connection;
                epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event);
            } else if (serve(connection) < 0) {
                close(connection->descriptor);
                free(connection);
            }
        }
    }
}

int main(int count, char **arguments) {
    if (count < 2) {
        fprintf(stderr, "responder PORT [BODY_BYTES] [THREADS]\n");
        return 2;
    }
    port = atoi(arguments[1]);
    int body_bytes = count > 2 ? atoi(arguments[2]) : 600;
    if (body_bytes < 32 || body_bytes > 32 * 1024) return 2;
    make_response(body_bytes);
    for (int extra = count > 3 ? atoi(arguments[3]) : 1; extra > 1; extra--) {
        pthread_t thread;
        pthread_create(&thread, NULL, run, NULL);
    }
    run(NULL);
}
