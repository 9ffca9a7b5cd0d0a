#ifndef TPOT_CGLIBC_SHIM_H
#define TPOT_CGLIBC_SHIM_H

#include <spawn.h>
#include <sys/eventfd.h>

// mallopt(3), malloc_trim(3) and mallinfo2(3). Only glibc has them, and Swift's modules of the C library leave them
// out.
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// glibc declares these functions only if _GNU_SOURCE is defined, and Swift does not define it.

// Opens a file that exists only in memory. It is closed on exec.
static inline int tpot_memory_file(void) {
    extern int memfd_create(const char *, unsigned int);
    return memfd_create("tpot", 1U /* MFD_CLOEXEC */);
}

static inline int tpot_close_from(posix_spawn_file_actions_t *actions, int first) {
    extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
    return posix_spawn_file_actions_addclosefrom_np(actions, first);
}

#endif
