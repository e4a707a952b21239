// The least that can drive a function: a host of the Runtime API for one process, with nothing around it.
//
//     host COUNT PROGRAM ARGUMENT…
//
// Starts the program, gives it the event `{}` COUNT times, and prints for each in microseconds how long it took from
// the first byte of the event to the last byte of the answer, and from there to the next question (the whole turn); and
// last, behind the word `start`, how long it took from starting the program to its first question. The marks beside which Benchmarks/Functions/run.py puts a whole
// invocation and a cold start.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { connections = 8, bytes = 65536 };

static struct { int descriptor; size_t count; char data[bytes]; } open_ones[connections];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void stop(const char *what) { perror(what); exit(1); }

static void answer(int descriptor, const char *text) {
    size_t count = strlen(text);
    if (write(descriptor, text, count) != (ssize_t)count) stop("write");
}

// The length of the first request that is whole, or 0.
static size_t whole(const char *data, size_t count) {
    const char *end = memmem(data, count, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t head = end - data + 4, body = 0;
    for (const char *line = data; line < end; line = strstr(line, "\r\n") + 2)
        if (!strncasecmp(line, "content-length:", 15)) body = strtoul(line + 15, NULL, 10);
    return head + body <= count ? head + body : 0;
}

int main(int argument_count, char **arguments) {
    if (argument_count < 3) return fprintf(stderr, "host COUNT PROGRAM ARGUMENT…\n"), 2;
    int wanted = atoi(arguments[1]), given = 0, one = 1;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 16)) stop("listen");
    getsockname(listener, (struct sockaddr *)&address, &size);
    char place[64];
    snprintf(place, sizeof place, "127.0.0.1:%d", ntohs(address.sin_port));
    setenv("AWS_LAMBDA_RUNTIME_API", place, 1);
    double forked = now(), started = 0;
    pid_t child = fork();
    if (child < 0) stop("fork");
    if (!child) { execv(arguments[2], arguments + 2); stop("exec"); }
    for (int i = 0; i < connections; i++) open_ones[i].descriptor = -1;
    double began = 0, took = 0;
    while (1) {
        struct pollfd polls[connections + 1];
        polls[connections] = (struct pollfd){.fd = listener, .events = POLLIN};
        for (int i = 0; i < connections; i++)
            polls[i] = (struct pollfd){.fd = open_ones[i].descriptor, .events = POLLIN};
        if (poll(polls, connections + 1, 30000) <= 0) { kill(child, SIGKILL); stop("poll"); }
        for (int i = 0; i < connections; i++) {
            if (polls[i].fd < 0 || !polls[i].revents) continue;
            ssize_t count = read(polls[i].fd, open_ones[i].data + open_ones[i].count, bytes - open_ones[i].count);
            if (count <= 0) { close(polls[i].fd); open_ones[i].descriptor = -1; continue; }
            open_ones[i].count += count;
            size_t length = whole(open_ones[i].data, open_ones[i].count);
            if (!length) continue;
            int is_next = !strncmp(open_ones[i].data, "GET ", 4);
            open_ones[i].count = 0;
            if (!is_next) {
                took = now() - began;
                answer(polls[i].fd, "HTTP/1.1 202 Accepted\r\nContent-Length: 15\r\n\r\n{\"status\":\"OK\"}");
                continue;
            }
            if (given) printf("%.1f %.1f\n", took, now() - began);
            if (!started) started = now() - forked;
            if (given++ == wanted) {
                printf("start %.1f\n", started);
                kill(child, SIGKILL);
                waitpid(child, NULL, 0);
                return 0;
            }
            began = now();
            answer(polls[i].fd,
                   "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n"
                   "Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"
                   "Lambda-Runtime-Deadline-Ms: 99999999999999\r\n"
                   "Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:us-east-1:000000000000:function:f\r\n\r\n{}");
        }
        if (polls[connections].revents) {
            int descriptor = accept(listener, NULL, NULL), i = 0;
            while (i < connections && open_ones[i].descriptor >= 0) i++;
            if (descriptor < 0 || i == connections) stop("accept");
            setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            open_ones[i].descriptor = descriptor;
            open_ones[i].count = 0;
        }
    }
}
