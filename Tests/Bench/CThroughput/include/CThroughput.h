#pragma once
#include <stddef.h>

// The rate that libzmq itself reaches: one thread sends, one receives, in plain C, without copying on either side.

typedef struct {
    const char *endpoint;        // to bind, for instance "tcp://127.0.0.1:*"
    int curve;                   // 0 plain, 1 CURVE with keys made for the run
    const void *const *payloads; // sent in turn, each `bytes` long, unchanged until the run has returned
    int payload_count;
    size_t bytes;
    int messages;
    int high_water;              // messages, both directions, both sides
} cthroughput_plan;

typedef struct {
    double seconds; // from the first message received to the last
    int received;
    int corrupt;    // messages whose samples differ from their payload
} cthroughput_result;

// Sends from a DEALER to a ROUTER. Returns 0, or the errno of the first call that failed.
int cthroughput_run(const cthroughput_plan *plan, cthroughput_result *result);
