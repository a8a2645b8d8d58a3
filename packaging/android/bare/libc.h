/* What the C of SQLite and ring asks of Android's libc on 64-bit Arm, for machines without an NDK.
 *
 * Written from POSIX and from the public interface that the Rust crate `libc` describes; every standard header's name
 * leads here. Layouts are those of the kernel for aarch64. Release builds use an NDK.
 */
#ifndef GREND_BARE_LIBC_H
#define GREND_BARE_LIBC_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

typedef long ssize_t, off_t, time_t, suseconds_t;
typedef long off64_t;
typedef unsigned long dev_t, ino_t;
typedef unsigned int mode_t, nlink_t, uid_t, gid_t, useconds_t;
typedef int pid_t, clockid_t;

struct timespec { time_t tv_sec; long tv_nsec; };
struct timeval { time_t tv_sec; suseconds_t tv_usec; };
struct tm {
  int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst;
  long tm_gmtoff;
  const char *tm_zone;
};
struct stat {
  dev_t st_dev;
  ino_t st_ino;
  mode_t st_mode;
  nlink_t st_nlink;
  uid_t st_uid;
  gid_t st_gid;
  dev_t st_rdev;
  unsigned long pad1;
  off_t st_size;
  int st_blksize, pad2;
  long st_blocks;
  struct timespec st_atim, st_mtim, st_ctim;
  unsigned int pad4, pad5;
};
#define st_mtime st_mtim.tv_sec
struct flock { short l_type, l_whence; off_t l_start, l_len; pid_t l_pid; };

typedef long pthread_t, pthread_mutexattr_t;
typedef struct { int opaque[10]; } pthread_mutex_t;
typedef struct { long opaque[7]; } pthread_attr_t;
#define PTHREAD_MUTEX_INITIALIZER {{0}}
#define PTHREAD_MUTEX_RECURSIVE 1

#define ENOENT 2
#define EINTR 4
#define EIO 5
#define EAGAIN 11
#define ENOMEM 12
#define EACCES 13
#define EBUSY 16
#define EEXIST 17
#define ENOTDIR 20
#define EISDIR 21
#define EINVAL 22
#define ENOSPC 28
#define EROFS 30
#define ERANGE 34
#define EDEADLK 35
#define ENOLCK 37
#define EOVERFLOW 75
#define ENOTCONN 107
#define ETIMEDOUT 110
#define EPERM 1
#define EBADF 9
#define ENOTSUP 95
#define EOPNOTSUPP 95
extern int *__errno(void);
#define errno (*__errno())

#define O_RDONLY 0
#define O_RDWR 2
#define O_CREAT 0100
#define O_EXCL 0200
#define O_TRUNC 01000
#define O_DIRECTORY 0x4000
#define O_NOFOLLOW 0x8000
#define O_CLOEXEC 02000000
#define F_GETFD 1
#define F_SETFD 2
#define F_GETLK 5
#define F_SETLK 6
#define F_SETLKW 7
#define FD_CLOEXEC 1
#define F_RDLCK 0
#define F_WRLCK 1
#define F_UNLCK 2
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#define F_OK 0
#define R_OK 4
#define W_OK 2
#define S_IFMT 0170000
#define S_IFREG 0100000
#define S_IFDIR 0040000
#define S_IFLNK 0120000
#define S_ISREG(mode) (((mode) & S_IFMT) == S_IFREG)
#define S_ISDIR(mode) (((mode) & S_IFMT) == S_IFDIR)
#define S_ISLNK(mode) (((mode) & S_IFMT) == S_IFLNK)
#define PROT_READ 1
#define PROT_WRITE 2
#define MAP_SHARED 1
#define MAP_FAILED ((void *)-1)
#define _SC_PAGESIZE 0x27
#define CLOCK_REALTIME 0
#define CLOCK_MONOTONIC 1
#define RTLD_NOW 2
#define RTLD_GLOBAL 0x100
#define MREMAP_MAYMOVE 1
#define FILENAME_MAX 4096
#define UINT_MAX 0xffffffffu
#define INT_MAX 0x7fffffff
#define LONG_MAX 0x7fffffffffffffffL

extern int open(const char *, int, ...), close(int), access(const char *, int), unlink(const char *), rmdir(const char *);
extern int stat(const char *, struct stat *), fstat(int, struct stat *), lstat(const char *, struct stat *);
extern int ftruncate(int, off_t), fsync(int), fdatasync(int), fcntl(int, int, ...), fchmod(int, mode_t);
extern int fchown(int, uid_t, gid_t), mkdir(const char *, mode_t), utimes(const char *, const struct timeval *);
extern ssize_t read(int, void *, size_t), write(int, const void *, size_t), readlink(const char *, char *, size_t);
extern ssize_t pread(int, void *, size_t, off_t), pwrite(int, const void *, size_t, off_t);
extern off_t lseek(int, off_t, int);
extern char *getcwd(char *, size_t), *getenv(const char *);
extern pid_t getpid(void);
extern uid_t geteuid(void), getuid(void);
extern long sysconf(int);
extern int usleep(useconds_t), nanosleep(const struct timespec *, struct timespec *);
extern unsigned int sleep(unsigned int);
extern int gettimeofday(struct timeval *, void *), clock_gettime(clockid_t, struct timespec *);
extern time_t time(time_t *);
extern struct tm *localtime_r(const time_t *, struct tm *), *gmtime_r(const time_t *, struct tm *);
extern void *mmap(void *, size_t, int, int, int, off_t), *mremap(void *, size_t, size_t, int, ...);
extern int munmap(void *, size_t);
extern void *dlopen(const char *, int), *dlsym(void *, const char *);
extern int dlclose(void *);
extern char *dlerror(void);
extern void *malloc(size_t), *realloc(void *, size_t), *calloc(size_t, size_t);
extern void free(void *), abort(void) __attribute__((noreturn));
extern size_t malloc_usable_size(const void *);
extern int atoi(const char *), rand(void);
extern void qsort(void *, size_t, size_t, int (*)(const void *, const void *));
extern void *memcpy(void *, const void *, size_t), *memmove(void *, const void *, size_t), *memset(void *, int, size_t);
extern void *memchr(const void *, int, size_t);
extern int memcmp(const void *, const void *, size_t), strcmp(const char *, const char *);
extern int strncmp(const char *, const char *, size_t);
extern size_t strlen(const char *), strcspn(const char *, const char *), strspn(const char *, const char *);
extern char *strchr(const char *, int), *strrchr(const char *, int), *strstr(const char *, const char *);
extern char *strcpy(char *, const char *), *strncpy(char *, const char *, size_t), *strerror(int);
extern char *strcat(char *, const char *);
extern int snprintf(char *, size_t, const char *, ...);
extern int pthread_mutex_init(pthread_mutex_t *, const pthread_mutexattr_t *), pthread_mutex_destroy(pthread_mutex_t *);
extern int pthread_mutex_lock(pthread_mutex_t *), pthread_mutex_unlock(pthread_mutex_t *);
extern int pthread_mutex_trylock(pthread_mutex_t *);
extern int pthread_mutexattr_init(pthread_mutexattr_t *), pthread_mutexattr_destroy(pthread_mutexattr_t *);
extern int pthread_mutexattr_settype(pthread_mutexattr_t *, int);
extern pthread_t pthread_self(void);
extern int pthread_create(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *), pthread_join(pthread_t, void **);
extern double fabs(double), floor(double), ceil(double), sqrt(double), pow(double, double), log(double), exp(double);
extern double acos(double), asin(double), atan(double), atan2(double, double), cos(double), sin(double), tan(double);
extern double cosh(double), sinh(double), tanh(double), acosh(double), asinh(double), atanh(double);
extern double log10(double), log2(double), fmod(double, double), trunc(double), round(double);
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define M_PI 3.14159265358979323846
#define assert(x) ((void)0)
#define alignas _Alignas

#endif
