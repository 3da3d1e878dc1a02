#pragma once
// Swift calls libzmq's functions directly: they are neither variadic nor macros.
#include <zmq.h>
#include <malloc.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// zmq.h lists this option among its drafts, but every libzmq since 4.3.0 has it: without it a CURVE server whose
// authenticator is missing admits everybody.
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

// eventfd is in no module map of Swift's Glibc, and prctl is variadic.
static inline int czmq_eventfd(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }
static inline void czmq_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

// malloc.h is in no module map either. 64 MiB stay with each arena, and up to 32 MiB (the most glibc allows) are no
// mapping of their own.
static inline void czmq_retain_freed_memory(void) {
    mallopt(M_TRIM_THRESHOLD, 64 << 20);
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
}
