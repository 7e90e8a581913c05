/* Loaded with LD_PRELOAD: kills the process at the N-th call that changes files below a folder. A write is done by half
 * first, as a power cut would; a rename, an fsync, an unlink are not done any more.
 *   PHISCOPE_KILL_FOLDER  the folder, an absolute path
 *   PHISCOPE_KILL_AT      N, from 1; 0 or not given: nothing is killed
 *   PHISCOPE_FULL_AT      instead: from the N-th call on the disk is full, and each write there does half and fails
 * then PHISCOPE_KILL_RECORD  a file that gets one line with the name of every counted call (opened by the first one)
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long calls = 0;

static void* next(const char* name) {
  return dlsym(RTLD_NEXT, name);
}

static int is_inside(const char* path) {
  const char* folder = getenv("PHISCOPE_KILL_FOLDER");
  return folder != NULL && strncmp(path, folder, strlen(folder)) == 0;
}

static int is_file_inside(int descriptor) {
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return 0;
  path[length] = '\0';
  return is_inside(path);
}

static int is_path_inside(const char* path) {
  char full[PATH_MAX];
  char folder[PATH_MAX];
  if (path[0] == '/') return is_inside(path);
  if (getcwd(folder, sizeof folder) == NULL) return 0;
  const int length = snprintf(full, sizeof full, "%s/%s", folder, path);
  return length > 0 && (size_t)length < sizeof full && is_inside(full);
}

static void record(const char* name) {
  const char* file = getenv("PHISCOPE_KILL_RECORD");
  if (file == NULL) return;
  FILE* stream = fopen(file, "a");
  if (stream == NULL) return;
  fprintf(stream, "%s\n", name);
  fclose(stream);
}

/* Counts a call, and says whether it is the one to die at. */
static int is_the_call(const char* name) {
  const char* at = getenv("PHISCOPE_KILL_AT");
  pthread_mutex_lock(&mutex);
  const long mine = ++calls;
  record(name);
  pthread_mutex_unlock(&mutex);
  return at != NULL && mine == atol(at);
}

/* Whether the disk is full by now. */
static int is_full(void) {
  const char* at = getenv("PHISCOPE_FULL_AT");
  return at != NULL && atol(at) > 0 && calls >= atol(at);
}

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

/* How much of a write is done: all, half of the one that finds the disk full, nothing of the later ones (-1). */
static ssize_t room_for(size_t count) {
  static int was_full = 0;
  if (!is_full()) return (ssize_t)count;
  if (!was_full && count > 1) {
    was_full = 1;
    return (ssize_t)(count / 2);
  }
  errno = ENOSPC;
  return -1;
}

ssize_t write(int descriptor, const void* bytes, size_t count) {
  ssize_t (*real)(int, const void*, size_t) = (ssize_t(*)(int, const void*, size_t))next("write");
  if (!is_file_inside(descriptor)) return real(descriptor, bytes, count);
  if (is_the_call("write")) {
    real(descriptor, bytes, count / 2);
    die();
  }
  const ssize_t room = room_for(count);
  return room < 0 ? room : real(descriptor, bytes, (size_t)room);
}

ssize_t writev(int descriptor, const struct iovec* pieces, int count) {
  ssize_t (*real)(int, const struct iovec*, int) = (ssize_t(*)(int, const struct iovec*, int))next("writev");
  if (!is_file_inside(descriptor)) return real(descriptor, pieces, count);
  if (is_the_call("writev")) {
    real(descriptor, pieces, count / 2);
    die();
  }
  const ssize_t room = room_for((size_t)count);
  return room < 0 ? room : real(descriptor, pieces, (int)room);
}

ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  ssize_t (*real)(int, const void*, size_t, off_t) = (ssize_t(*)(int, const void*, size_t, off_t))next("pwrite");
  if (!is_file_inside(descriptor)) return real(descriptor, bytes, count, offset);
  if (is_the_call("pwrite")) {
    real(descriptor, bytes, count / 2, offset);
    die();
  }
  const ssize_t room = room_for(count);
  return room < 0 ? room : real(descriptor, bytes, (size_t)room, offset);
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off64_t offset) {
  ssize_t (*real)(int, const void*, size_t, off64_t) = (ssize_t(*)(int, const void*, size_t, off64_t))next("pwrite64");
  if (!is_file_inside(descriptor)) return real(descriptor, bytes, count, offset);
  if (is_the_call("pwrite")) {
    real(descriptor, bytes, count / 2, offset);
    die();
  }
  const ssize_t room = room_for(count);
  return room < 0 ? room : real(descriptor, bytes, (size_t)room, offset);
}

int fsync(int descriptor) {
  int (*real)(int) = (int (*)(int))next("fsync");
  if (!is_file_inside(descriptor)) return real(descriptor);
  if (is_the_call("fsync")) die();
  if (!is_full()) return real(descriptor);
  errno = ENOSPC;
  return -1;
}

int rename(const char* from, const char* to) {
  int (*real)(const char*, const char*) = (int (*)(const char*, const char*))next("rename");
  if (is_path_inside(to) && is_the_call("rename")) die();
  return real(from, to);
}

int unlink(const char* path) {
  int (*real)(const char*) = (int (*)(const char*))next("unlink");
  if (is_path_inside(path) && is_the_call("unlink")) die();
  return real(path);
}

int ftruncate64(int descriptor, off64_t length) {
  int (*real)(int, off64_t) = (int (*)(int, off64_t))next("ftruncate64");
  if (is_file_inside(descriptor) && is_the_call("ftruncate")) die();
  return real(descriptor, length);
}
