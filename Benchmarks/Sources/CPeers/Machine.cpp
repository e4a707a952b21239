// Threads, clocks and counters of the process.
#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <vector>

#include "CPeers.h"

template <typename Body>
static void eachFile(const std::string &directory, Body body) {
    DIR *stream = opendir(directory.c_str());
    if (!stream) return;
    while (dirent *entry = readdir(stream)) {
        std::string name = entry->d_name;
        if (name == "." || name == "..") continue;
        std::string path = directory + "/" + name;
        struct stat status;
        if (lstat(path.c_str(), &status) != 0) continue;
        if (S_ISDIR(status.st_mode))
            eachFile(path, body);
        else
            body(path, name, status);
    }
    closedir(stream);
}

extern "C" {

void benchFail(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    fflush(stderr);
    _exit(1);
}

const BenchPeer *benchPeer(const char *name) {
    static const BenchPeer *const all[] = {
        &benchRocksDB, &benchLevelDB, &benchLMDB, &benchWiredTiger, &benchSQLite, &benchBare};
    for (const BenchPeer *peer : all)
        if (strcmp(peer->name, name) == 0) return peer;
    return nullptr;
}

void benchThreads(int count, void (*body)(void *, int), void *context) {
    std::vector<std::thread> threads;
    for (int index = 0; index < count; index++) threads.emplace_back(body, context, index);
    for (std::thread &thread : threads) thread.join();
}

__attribute__((noinline)) void benchSink(uint64_t value) { __asm__ volatile("" ::"r"(value)); }

static double now() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return double(time.tv_sec) + double(time.tv_nsec) / 1e9;
}

double benchTicksPerSecond(void) {
    static const double rate = [] {
        double start = now();
        uint64_t ticks = benchTicks();
        double end = start;
        while (end - start < 0.02) end = now();
        return double(benchTicks() - ticks) / (end - start);
    }();
    return rate;
}

double benchProcessorMicroseconds(void) {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e6 +
           double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

// The number behind `name` in a file of lines "name: number"; 0 where there is none.
static uint64_t field(const char *file, const char *name) {
    FILE *stream = fopen(file, "r");
    if (!stream) return 0;
    char line[256];
    uint64_t value = 0;
    size_t length = strlen(name);
    while (fgets(line, sizeof line, stream))
        if (strncmp(line, name, length) == 0 && line[length] == ':')
            value = strtoull(line + length + 1, nullptr, 10);
    fclose(stream);
    return value;
}

uint64_t benchWrittenBytes(void) { return field("/proc/self/io", "write_bytes"); }
uint64_t benchPeakResidentBytes(void) { return field("/proc/self/status", "VmHWM") * 1024; }
uint64_t benchAnonymousBytes(void) { return field("/proc/self/status", "RssAnon") * 1024; }

uint64_t benchDirectoryBytes(const char *directory, const char *infix) {
    uint64_t sum = 0;
    eachFile(directory, [&](const std::string &path, const std::string &, const struct stat &status) {
        if (!infix || path.substr(strlen(directory)).find(infix) != std::string::npos)
            sum += uint64_t(status.st_blocks) * 512;
    });
    return sum;
}

void benchForgetPages(const char *directory) {
    eachFile(directory, [](const std::string &path, const std::string &, const struct stat &) {
        int file = open(path.c_str(), O_RDONLY);
        if (file < 0) return;
        posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
        close(file);
    });
}

int benchDropPageCache(const char *directory) {
    sync();
    benchForgetPages(directory);
    int control = open("/proc/sys/vm/drop_caches", O_WRONLY);
    if (control < 0) return 0;
    int dropped = write(control, "1", 1) == 1;
    close(control);
    return dropped;
}

void benchSync(void) { sync(); }
}

extern "C" void benchYield(void) { std::this_thread::yield(); }

extern "C" void benchSleep(double seconds) { usleep(useconds_t(seconds * 1e6)); }

extern "C" double benchPower(double base, double exponent) { return pow(base, exponent); }

extern "C" void benchEvery(double seconds, void (*body)(void *), void *context) {
    std::thread([=] {
        for (;;) {
            body(context);
            usleep(useconds_t(seconds * 1e6));
        }
    }).detach();
}

extern "C" void benchKill(void) {
    kill(getpid(), SIGKILL);
    abort();
}
