// A function that is an executable by itself and does nothing: asks for an event, answers `null`, again.
//
// The Runtime API over one connection, with blocking calls. Starting it costs a process and no interpreter, so what a cold
// start of it takes beside the bare process is what the server adds: see run.py.

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

static char data[1 << 16];

static void stop(const char *what) { perror(what); exit(1); }

static int connected(const char *place) {
    char host[64];
    int port, descriptor = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (!place || sscanf(place, "%63[^:]:%d", host, &port) != 2) stop("AWS_LAMBDA_RUNTIME_API");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, host, &address.sin_addr) != 1) stop(host);
    if (connect(descriptor, (struct sockaddr *)&address, sizeof address)) stop("connect");
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    return descriptor;
}

// The header of that name in an answer that is whole, or NULL.
static const char *header(const char *name) {
    size_t count = strlen(name);
    for (const char *line = strstr(data, "\r\n"); line && line[2] != '\r'; line = strstr(line + 2, "\r\n"))
        if (!strncasecmp(line + 2, name, count) && line[2 + count] == ':') return line + 3 + count + (line[3 + count] == ' ');
    return NULL;
}

// Sends a request and waits for its whole answer, which stays in `data`.
static void ask(int descriptor, const char *request) {
    size_t length = strlen(request), count = 0;
    if (write(descriptor, request, length) != (ssize_t)length) stop("write");
    while (1) {
        ssize_t more = read(descriptor, data + count, sizeof data - 1 - count);
        // The other side is gone: the function is over.
        if (more <= 0) exit(0);
        data[count += more] = 0;
        const char *end = strstr(data, "\r\n\r\n");
        if (!end) continue;
        const char *body = header("content-length");
        if (count >= (size_t)(end - data) + 4 + (body ? strtoul(body, NULL, 10) : 0)) return;
    }
}

int main(void) {
    int descriptor = connected(getenv("AWS_LAMBDA_RUNTIME_API"));
    while (1) {
        ask(descriptor, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: runtime\r\n\r\n");
        const char *found = header("lambda-runtime-aws-request-id");
        if (!found) return fprintf(stderr, "no request: %.200s\n", data), 1;
        char request[512];
        snprintf(request, sizeof request,
                 "POST /2018-06-01/runtime/invocation/%.*s/response HTTP/1.1\r\nHost: runtime\r\nContent-Length: 4\r\n\r\nnull",
                 (int)strcspn(found, "\r"), found);
        ask(descriptor, request);
    }
}
