/* A disk that fails, or loses power, at a call of the test's choice: LD_PRELOAD this.
 *
 * Calls that change files below a root are counted and written to a log, from which the test
 * works out what a disk that never got its fsync would have kept. At the chosen call the process
 * ends at once (a power cut), or the call fails with an error number.
 *
 * shim_arm(root, log, shadows, at, error): error 0 cuts the power; at 0 only counts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static char root[PATH_MAX], shadows[PATH_MAX];
static int armed, logfd = -1, at, error, count, kept;

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

int shim_arm(const char *where, const char *log, const char *aside, int when, int number) {
    strcpy(root, where);
    strcpy(shadows, aside);
    logfd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    at = when, error = number, count = 0, kept = 0, armed = 1;
    return logfd < 0;
}

int shim_count(void) { return count; }

static int below(const char *path) {
    return strncmp(path, root, strlen(root)) == 0 && path[strlen(root)] == '/';
}

static void of_handle(int fd, char *path) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_MAX - 1);
    path[size > 0 ? size : 0] = 0;
}

static void of_name(int folder, const char *name, char *path) {
    char base[PATH_MAX];
    if (name[0] == '/') { snprintf(path, PATH_MAX, "%s", name); return; }
    if (folder == AT_FDCWD) { if (!getcwd(base, sizeof base)) base[0] = 0; }
    else of_handle(folder, base);
    if (snprintf(path, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) path[0] = 0;
}

/* Counts a call on `path`; 1 where it must fail (errno is set). */
static int hit(const char *what, const char *path, const char *more, const char *aside) {
    char line[3 * PATH_MAX];
    if (!armed || !below(path)) return 0;
    count++;
    /* No system interrupts these two. */
    int deaf = error == EINTR && (!strcmp(what, "rename") || !strcmp(what, "mkdir"));
    if (at && count == at && !deaf) {
        if (!error) syscall(SYS_exit_group, 9);
        errno = error;
        return 1;
    }
    int size = snprintf(line, sizeof line, "%s\t%s\t%s\t%s\n", what, path, more, aside);
    syscall(SYS_write, logfd, line, size);
    return 0;
}

static int hit_handle(const char *what, int fd) {
    char path[PATH_MAX];
    if (!armed || fd == logfd) return 0;
    of_handle(fd, path);
    return hit(what, path, "", "");
}

static int hit_open(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    struct stat found;
    if (!armed || !(flags & O_CREAT)) return 0;
    of_name(folder, name, path);
    return hit(syscall(SYS_newfstatat, AT_FDCWD, path, &found, 0) ? "create" : "open", path, "", "");
}

static int hit_rename(int from, const char *old, int to, const char *new) {
    char before[PATH_MAX], after[PATH_MAX], aside[PATH_MAX + 16] = "";
    if (!armed) return 0;
    of_name(from, old, before);
    of_name(to, new, after);
    if (below(after)) {
        snprintf(aside, sizeof aside, "%s/%d", shadows, kept++);
        if (syscall(SYS_linkat, AT_FDCWD, after, AT_FDCWD, aside, 0)) aside[0] = 0;
    }
    return hit("rename", after, before, aside);
}

#define WRITES(name, arguments, passed) \
    ssize_t name arguments { REAL(name); return hit_handle("write", fd) ? -1 : real passed; }
WRITES(write, (int fd, const void *data, size_t size), (fd, data, size))
WRITES(pwrite, (int fd, const void *data, size_t size, off_t place), (fd, data, size, place))
WRITES(pwrite64, (int fd, const void *data, size_t size, off64_t place), (fd, data, size, place))

int fsync(int fd) { REAL(fsync); return hit_handle("sync", fd) ? -1 : real(fd); }
int fdatasync(int fd) { REAL(fdatasync); return hit_handle("sync", fd) ? -1 : real(fd); }
int ftruncate64(int fd, off64_t size) {
    REAL(ftruncate64);
    return hit_handle("write", fd) ? -1 : real(fd, size);
}

#define OPENS(name) \
    int name(const char *path, int flags, ...) { \
        REAL(name); va_list more; va_start(more, flags); int mode = va_arg(more, int); va_end(more); \
        return hit_open(AT_FDCWD, path, flags) ? -1 : real(path, flags, mode); }
OPENS(open)
OPENS(open64)
#define OPENS_AT(name) \
    int name(int folder, const char *path, int flags, ...) { \
        REAL(name); va_list more; va_start(more, flags); int mode = va_arg(more, int); va_end(more); \
        return hit_open(folder, path, flags) ? -1 : real(folder, path, flags, mode); }
OPENS_AT(openat)
OPENS_AT(openat64)

int rename(const char *old, const char *new) {
    REAL(rename);
    return hit_rename(AT_FDCWD, old, AT_FDCWD, new) ? -1 : real(old, new);
}
int renameat(int from, const char *old, int to, const char *new) {
    REAL(renameat);
    return hit_rename(from, old, to, new) ? -1 : real(from, old, to, new);
}
int mkdirat(int folder, const char *name, mode_t mode) {
    char path[PATH_MAX];
    REAL(mkdirat);
    if (armed) { of_name(folder, name, path); if (hit("mkdir", path, "", "")) return -1; }
    return real(folder, name, mode);
}
