#pragma once
#include <stddef.h>

// What a farm's head could do at best: plain libzmq in C, without a protocol, without checks. Each function is the
// whole of a process. Keys are in Z85; all of them NULL for no encryption. All return 0, or the errno of what failed.

typedef struct {
    const char *server_public, *server_secret, *client_public, *client_secret;
} crivals_keys;

// A ROUTER that appends every message of "w<n>" to a file with write(2) and passes it to "r<n>". Ends with the process.
// `bound` is told where it listens.
int crivals_relay(const crivals_keys *keys, const char *file, int high_water, void (*bound)(const char *endpoint));

// Sends `messages` of `bytes` through each of `streams` connections, in turn and as fast as they are taken, or, where
// `interval` is not 0, one of each stream every so many seconds, made when it is sent, with that time at its front.
int crivals_write(const crivals_keys *keys, const char *endpoint, int streams, int messages, size_t bytes,
                  int high_water, double interval);

// Receives them; `ready` is called when every connection is known to the relay. Seconds from first to last message, and
// where `times` is not NULL those from each one's being made to its being here.
int crivals_read(const crivals_keys *keys, const char *endpoint, int streams, int messages, size_t bytes,
                 int high_water, void (*ready)(void), double *seconds, double *times);

// A ROUTER that answers every message of another length than `silent` with `answer` zeros. Ends with the process.
int crivals_greet(const crivals_keys *keys, size_t silent, size_t answer, void (*bound)(const char *endpoint));

typedef struct {
    const char *endpoint;
    int count;
    const void *const *hellos; // one of each connection, each `hello_bytes` long
    size_t hello_bytes;
    const void *offer; // sent after each hello
    size_t offer_bytes;
    const void *heartbeat; // sent every second by whoever was answered
    size_t heartbeat_bytes;
} crivals_storm;

// Opens all connections at once and says hello on each. When the last was answered, `answered` is told after how many
// seconds, and it goes on with heartbeats until the process ends.
int crivals_join(const crivals_keys *keys, const crivals_storm *storm, void (*answered)(double seconds));
