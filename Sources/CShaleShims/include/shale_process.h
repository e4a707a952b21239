#ifndef SHALE_PROCESS_H
#define SHALE_PROCESS_H

#include <stdint.h>
#include <sys/types.h>

/// How a process is started. Lists end with a null.
struct shale_process {
    const char *_Nonnull path;
    char *_Nullable const *_Nonnull arguments;
    char *_Nullable const *_Nonnull variables;
    const char *_Nonnull directory;
    /// Becomes standard output and standard error; standard input is empty.
    int output;
    /// Whom it runs as when the caller is root; 0 changes nothing.
    uint32_t user;
    uint64_t open_files;
    uint64_t file_bytes;
    uint64_t processes;
    /// Bits that files it makes do not get.
    uint32_t mask;
    /// Directories that it does not see, and one that it sees as `/tmp`, where the kernel grants that.
    char *_Nullable const *_Nonnull hidden;
    const char *_Nullable temporary;
    /// The directory that it sees as `/opt`, where the kernel grants that and there is one.
    const char *_Nullable layers;
    /// Whether it is not started where the kernel does not grant it.
    int must_cover;
};

/// Starts a process as the leader of a session and a process group of its own.
///
/// Answers its number, or the negated `errno` of whatever failed, the `exec` included.
pid_t shale_process_start(const struct shale_process *_Nonnull process);

/// Signals the whole group of a process; 0, or the negated `errno`.
int shale_process_signal(pid_t process, int signal);

/// Kills every process of a user, whatever group it has put itself into; 0, or the negated `errno`.
///
/// Waits for their ends, 100 ms at most.
/// Only root may, and never for root: -EPERM.
int shale_process_end_user(uint32_t user);

/// Reaps a process if it has ended: 1 and its status, or 0 while it runs, or the negated `errno`.
int shale_process_reap(pid_t process, int *_Nonnull status);

/// A descriptor on which ends of processes are waited for; or the negated `errno`.
int shale_process_watch(void);
/// Has the end of a process told; 0, or the negated `errno`.
int shale_process_watch_add(int watch, pid_t process);
/// Has one waiter be told of the process 0; 0, or the negated `errno`.
int shale_process_watch_stop(int watch);
/// Waits for the end of a process, which is not reaped by that; its number, or the negated `errno`.
pid_t shale_process_watch_next(int watch);

/// Bytes in memory of a process, or -1.
int64_t shale_process_resident(pid_t process);

/// A process of this machine: in which session it is, and its bytes in memory.
struct shale_session {
    pid_t session;
    int64_t bytes;
};

/// The processes of this machine, at most so many; how many, or the negated `errno`.
int shale_process_sessions(struct shale_session *_Nonnull sessions, int most);

#endif
