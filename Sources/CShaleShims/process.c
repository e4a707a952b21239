// Starting a process and waiting for its end. Between `fork` and `exec` nothing may allocate or lock: the
// other threads of the parent are not there to unlock. So it is C, and only calls that signal handlers may make.

#define _GNU_SOURCE

#include "shale_process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#else
#include <grp.h>
#include <sys/event.h>
#endif

static void limit(int resource, uint64_t most) {
    struct rlimit wanted = {.rlim_cur = (rlim_t)most, .rlim_max = (rlim_t)most};
    struct rlimit now;
    if (getrlimit(resource, &now) == 0 && now.rlim_max < wanted.rlim_max) {
        wanted.rlim_cur = wanted.rlim_max = now.rlim_max;
    }
    (void)setrlimit(resource, &wanted);
}

// Raw calls on Linux: the library's would try to tell threads that a child does not have.
static int become(uint32_t user) {
#if defined(__linux__)
    if (syscall(SYS_setgroups, 0, 0) != 0) { return -1; }
    if (syscall(SYS_setresgid, user, user, user) != 0) { return -1; }
    if (syscall(SYS_setresuid, user, user, user) != 0) { return -1; }
    return (int)syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#else
    if (setgroups(0, 0) != 0 || setgid(user) != 0) { return -1; }
    return setuid(user);
#endif
}

// A name space of mounts, in which a few places are covered. 0 where the kernel grants it.
static int cover(const struct shale_process *process) {
#if defined(__linux__)
    if (unshare(CLONE_NEWNS | CLONE_NEWIPC) != 0) { return -1; }
    // What is mounted from here on is seen by this process and its children alone.
    if (mount(0, "/", 0, MS_REC | MS_PRIVATE, 0) != 0) { return -1; }
    for (char *const *hidden = process->hidden; *hidden; hidden++) {
        const unsigned long flags = MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC;
        if (mount("none", *hidden, "tmpfs", flags, "size=4k,mode=000") != 0) { return -1; }
    }
    // Before `/tmp`, which may cover it. What is there is found by its own path as well.
    if (process->layers) { (void)mount(process->layers, "/opt", 0, MS_BIND, 0); }
    if (process->temporary && mount(process->temporary, "/tmp", 0, MS_BIND, 0) != 0) { return -1; }
    return 0;
#else
    (void)process;
    return -1;
#endif
}

static void in_child(const struct shale_process *process, int report) {
    sigset_t none;
    sigemptyset(&none);
    for (int number = 1; number < NSIG; number++) { (void)signal(number, SIG_DFL); }
    (void)sigprocmask(SIG_SETMASK, &none, 0);
    if (setsid() < 0) { goto failed; }
    int empty = open("/dev/null", O_RDONLY);
    if (empty < 0 || dup2(empty, 0) < 0) { goto failed; }
    if (dup2(process->output, 1) < 0 || dup2(process->output, 2) < 0) { goto failed; }
    if (cover(process) != 0 && process->must_cover) { goto failed; }
#if defined(__linux__)
    // Ends with the server, however that ends.
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    (void)syscall(436 /* close_range */, 3u, ~0u, 4u /* only marks them */);
#endif
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, process->open_files);
    limit(RLIMIT_FSIZE, process->file_bytes);
    if (chdir(process->directory) != 0) { goto failed; }
    if (process->user != 0 && geteuid() == 0) {
        // A limit on processes counts those of the user; root has none.
        limit(RLIMIT_NPROC, process->processes);
        if (become(process->user) != 0) { goto failed; }
#if defined(__linux__)
        // The change of the user has taken this back.
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
    }
    umask(process->mask);
    execve(process->path, process->arguments, process->variables);
failed:;
    int number = errno;
    (void)!write(report, &number, sizeof number);
    _exit(127);
}

pid_t shale_process_start(const struct shale_process *process) {
    int report[2];
    if (pipe(report) != 0) { return -errno; }
    (void)fcntl(report[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(report[1], F_SETFD, FD_CLOEXEC);
    // No signal handler of the parent may run in the child.
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0) { in_child(process, report[1]); }
    int number = child < 0 ? errno : 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, 0);
    (void)close(report[1]);
    if (child > 0) {
        ssize_t count;
        do { count = read(report[0], &number, sizeof number); } while (count < 0 && errno == EINTR);
        if (count != sizeof number) { number = 0; }
        if (number != 0) {
            while (waitpid(child, 0, 0) < 0 && errno == EINTR) {}
        }
    }
    (void)close(report[0]);
    return number != 0 ? -number : child;
}

int shale_process_signal(pid_t process, int signal) {
    return kill(-process, signal) == 0 ? 0 : -errno;
}

// In a process of its own: the one that may signal all of a user is that user.
int shale_process_end_user(uint32_t user) {
    if (user == 0 || geteuid() != 0) { return -EPERM; }
    sigset_t all, before;
    sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = fork();
    if (child == 0) {
        if (become(user) != 0) { _exit(1); }
        // A killed process has not ended yet. One that nobody reaps is there for ever, but does nothing.
        const struct timespec pause = {.tv_nsec = 1000000};
        for (int round = 0; round < 100 && kill(-1, SIGKILL) == 0; round++) { (void)nanosleep(&pause, 0); }
        _exit(0);
    }
    int number = child < 0 ? errno : 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, 0);
    if (child < 0) { return -number; }
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) { return -errno; }
    }
    return status == 0 ? 0 : -EPERM;
}

int shale_process_reap(pid_t process, int *status) {
    while (1) {
        pid_t ended = waitpid(process, status, WNOHANG);
        if (ended >= 0) { return ended == process; }
        if (errno != EINTR) { return -errno; }
    }
}

#if defined(__linux__)

int shale_process_watch(void) {
    int watch = epoll_create1(EPOLL_CLOEXEC);
    return watch < 0 ? -errno : watch;
}

// The descriptor of a process goes with the one event that it brings.
int shale_process_watch_add(int watch, pid_t process) {
    int descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    if (descriptor < 0) { return -errno; }
    (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT};
    event.data.u64 = (uint64_t)(uint32_t)process << 32 | (uint32_t)descriptor;
    if (epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event) == 0) { return 0; }
    int number = errno;
    (void)close(descriptor);
    return -number;
}

// As an event of the process 0, which there is not.
int shale_process_watch_stop(int watch) {
    int descriptor = eventfd(1, EFD_CLOEXEC);
    if (descriptor < 0) { return -errno; }
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT};
    event.data.u64 = (uint64_t)(uint32_t)descriptor;
    if (epoll_ctl(watch, EPOLL_CTL_ADD, descriptor, &event) == 0) { return 0; }
    int number = errno;
    (void)close(descriptor);
    return -number;
}

pid_t shale_process_watch_next(int watch) {
    struct epoll_event event;
    int count;
    do { count = epoll_wait(watch, &event, 1, -1); } while (count < 0 && errno == EINTR);
    if (count < 0) { return -errno; }
    (void)close((int)(uint32_t)event.data.u64);
    return (pid_t)(event.data.u64 >> 32);
}

int64_t shale_process_resident(pid_t process) {
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%d/statm", process);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) { return -1; }
    char text[128];
    ssize_t count = read(file, text, sizeof text - 1);
    (void)close(file);
    if (count <= 0) { return -1; }
    text[count] = 0;
    long long size, resident;
    if (sscanf(text, "%lld %lld", &size, &resident) != 2) { return -1; }
    return (int64_t)resident * sysconf(_SC_PAGESIZE);
}

// The line of a process: its number, its name in brackets, and then 50 fields, of which the sixth and the 24th
// are its session and its pages in memory.
static int read_session(const char *name, struct shale_session *session) {
    char path[300];
    (void)snprintf(path, sizeof path, "/proc/%s/stat", name);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0) { return 0; }
    char text[1024];
    ssize_t count = read(file, text, sizeof text - 1);
    (void)close(file);
    if (count <= 0) { return 0; }
    text[count] = 0;
    // A name may hold brackets itself.
    const char *rest = strrchr(text, ')');
    if (!rest) { return 0; }
    int number;
    long long pages;
    const char *format = ") %*c %*d %*d %d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %*u %*u %lld";
    if (sscanf(rest, format, &number, &pages) != 2) { return 0; }
    session->session = number;
    session->bytes = (int64_t)pages * sysconf(_SC_PAGESIZE);
    return 1;
}

int shale_process_sessions(struct shale_session *sessions, int most) {
    DIR *all = opendir("/proc");
    if (!all) { return -errno; }
    int count = 0;
    struct dirent *entry;
    while (count < most && (entry = readdir(all))) {
        if (entry->d_name[0] < '1' || entry->d_name[0] > '9') { continue; }
        count += read_session(entry->d_name, &sessions[count]);
    }
    (void)closedir(all);
    return count;
}

#else

int shale_process_watch(void) {
    int watch = kqueue();
    return watch < 0 ? -errno : watch;
}

int shale_process_watch_add(int watch, pid_t process) {
    struct kevent event;
    EV_SET(&event, process, EVFILT_PROC, EV_ADD | EV_ONESHOT, NOTE_EXIT, 0, 0);
    return kevent(watch, &event, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

pid_t shale_process_watch_next(int watch) {
    struct kevent event;
    int count;
    do { count = kevent(watch, 0, 0, &event, 1, 0); } while (count < 0 && errno == EINTR);
    return count < 0 ? -errno : (pid_t)event.ident;
}

// As an event of the process 0, which there is not.
int shale_process_watch_stop(int watch) {
    struct kevent event;
    EV_SET(&event, 0, EVFILT_USER, EV_ADD | EV_ONESHOT, NOTE_TRIGGER, 0, 0);
    return kevent(watch, &event, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

int shale_process_sessions(struct shale_session *sessions, int most) {
    (void)sessions;
    (void)most;
    return -ENOTSUP;
}

int64_t shale_process_resident(pid_t process) {
    (void)process;
    return -1;
}

#endif
