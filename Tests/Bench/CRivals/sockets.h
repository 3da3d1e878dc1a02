#pragma once
#include "CRivals.h"

#include <errno.h>
#include <time.h>
#include <zmq.h>

static inline void set_int(void *socket, int option, int value) {
    zmq_setsockopt(socket, option, &value, sizeof value);
}

static inline void limit(void *socket, int high_water) {
    set_int(socket, ZMQ_SNDHWM, high_water);
    set_int(socket, ZMQ_RCVHWM, high_water);
}

static inline void secure_server(void *socket, const crivals_keys *keys) {
    if (!keys->server_secret) return;
    set_int(socket, ZMQ_CURVE_SERVER, 1);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->server_secret, 41);
}

static inline void secure_client(void *socket, const crivals_keys *keys) {
    if (!keys->server_public) return;
    zmq_setsockopt(socket, ZMQ_CURVE_SERVERKEY, keys->server_public, 41);
    zmq_setsockopt(socket, ZMQ_CURVE_PUBLICKEY, keys->client_public, 41);
    zmq_setsockopt(socket, ZMQ_CURVE_SECRETKEY, keys->client_secret, 41);
}

static inline double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}
