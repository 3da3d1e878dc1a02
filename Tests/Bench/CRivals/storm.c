#include "sockets.h"

#include <stdlib.h>

int crivals_greet(const crivals_keys *keys, size_t silent, size_t answer, void (*bound)(const char *endpoint)) {
    void *context = zmq_ctx_new();
    zmq_ctx_set(context, ZMQ_IO_THREADS, 2);
    void *router = zmq_socket(context, ZMQ_ROUTER);
    set_int(router, ZMQ_BACKLOG, 4096);
    secure_server(router, keys);
    char endpoint[256];
    size_t length = sizeof endpoint;
    if (zmq_bind(router, "tcp://127.0.0.1:*") != 0 || zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &length) != 0)
        return zmq_errno();
    bound(endpoint);
    char *zeros = calloc(1, answer);
    for (;;) {
        char name[16], message[4096];
        int count = zmq_recv(router, name, sizeof name, 0);
        int bytes = count < 0 ? count : zmq_recv(router, message, sizeof message, 0);
        if (bytes < 0) return zmq_errno();
        if ((size_t)bytes == silent) continue;
        if (zmq_send(router, name, (size_t)count, ZMQ_SNDMORE) < 0 || zmq_send(router, zeros, answer, 0) < 0)
            return zmq_errno();
    }
}

int crivals_join(const crivals_keys *keys, const crivals_storm *storm, void (*answered)(double seconds)) {
    void *context = zmq_ctx_new();
    zmq_ctx_set(context, ZMQ_MAX_SOCKETS, storm->count + 16);
    void **sockets = calloc((size_t)storm->count, sizeof *sockets);
    double *since = calloc((size_t)storm->count, sizeof *since); // When it said something last; 0 until it is answered.
    double start = now();
    for (int i = 0; i < storm->count; i++) {
        void *socket = zmq_socket(context, ZMQ_DEALER);
        if (!socket) return zmq_errno();
        secure_client(socket, keys);
        set_int(socket, ZMQ_LINGER, 0);
        if (zmq_connect(socket, storm->endpoint) != 0 ||
            zmq_send(socket, storm->hellos[i], storm->hello_bytes, 0) < 0 ||
            zmq_send(socket, storm->offer, storm->offer_bytes, 0) < 0)
            return zmq_errno();
        sockets[i] = socket;
    }
    int missing = storm->count;
    for (;;) {
        // Not zmq_poll, which asks the system about every socket for every answer.
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        double time = now();
        for (int i = 0; i < storm->count; i++) {
            char message[4096];
            while (zmq_recv(sockets[i], message, sizeof message, ZMQ_DONTWAIT) >= 0) {
                if (since[i] != 0) continue;
                since[i] = time;
                if (--missing == 0) answered(time - start);
            }
            if (zmq_errno() != EAGAIN) return zmq_errno();
            if (since[i] != 0 && time - since[i] >= 1) {
                zmq_send(sockets[i], storm->heartbeat, storm->heartbeat_bytes, ZMQ_DONTWAIT);
                since[i] = time;
            }
        }
    }
}
