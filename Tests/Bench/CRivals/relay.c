#include "sockets.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void keep(void *data, void *hint) { (void)data, (void)hint; }

static void drop(void *data, void *hint) { (void)hint, free(data); }

static void wait_until(double time) {
    struct timespec end = {(time_t)time, (long)(1e9 * (time - (double)(time_t)time))};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) {}
}

static int append(int file, const char *bytes, size_t count) {
    while (count > 0) {
        ssize_t written = write(file, bytes, count);
        if (written < 0) return errno;
        bytes += written;
        count -= (size_t)written;
    }
    return 0;
}

int crivals_relay(const crivals_keys *keys, const char *file, int high_water, void (*bound)(const char *endpoint)) {
    void *context = zmq_ctx_new();
    zmq_ctx_set(context, ZMQ_IO_THREADS, 2); // As the farm's.
    void *router = zmq_socket(context, ZMQ_ROUTER);
    limit(router, high_water);
    set_int(router, ZMQ_ROUTER_MANDATORY, 1);
    secure_server(router, keys);
    int log = open(file, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
    char endpoint[256];
    size_t length = sizeof endpoint;
    if (log < 0) return errno;
    if (zmq_bind(router, "tcp://127.0.0.1:*") != 0 || zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &length) != 0)
        return zmq_errno();
    bound(endpoint);
    for (;;) {
        char name[16];
        int count = zmq_recv(router, name, sizeof name, 0);
        zmq_msg_t payload;
        zmq_msg_init(&payload);
        if (count < 2 || zmq_msg_recv(&payload, router, 0) < 0) return zmq_errno();
        if (name[0] == 'w') {
            int error = append(log, zmq_msg_data(&payload), zmq_msg_size(&payload));
            if (error != 0) return error;
        }
        // A reader's greeting goes back to it: then it knows that it is known.
        name[0] = 'r';
        if (zmq_send(router, name, (size_t)count, ZMQ_SNDMORE) < 0 || zmq_msg_send(&payload, router, 0) < 0)
            return zmq_errno();
    }
}

// Connections called `kind` and a number.
static void **connect_all(void *context, const crivals_keys *keys, const char *endpoint, char kind, int streams,
                          int high_water) {
    void **sockets = calloc((size_t)streams, sizeof *sockets);
    for (int i = 0; i < streams; i++) {
        char name[16];
        int length = snprintf(name, sizeof name, "%c%d", kind, i);
        sockets[i] = zmq_socket(context, ZMQ_DEALER);
        limit(sockets[i], high_water);
        zmq_setsockopt(sockets[i], ZMQ_ROUTING_ID, name, (size_t)length);
        secure_client(sockets[i], keys);
        zmq_connect(sockets[i], endpoint);
    }
    return sockets;
}

int crivals_write(const crivals_keys *keys, const char *endpoint, int streams, int messages, size_t bytes,
                  int high_water, double interval) {
    void *context = zmq_ctx_new();
    void **sockets = connect_all(context, keys, endpoint, 'w', streams, high_water);
    char *payload = malloc(bytes);
    memset(payload, 1, bytes);
    double start = now();
    for (int i = 0; i < messages; i++) {
        for (int j = 0; j < streams; j++) {
            char *own = payload;
            if (interval > 0) {
                wait_until(start + interval * (i + (double)(j + 1) / streams));
                own = malloc(bytes);
                memcpy(own, payload, bytes);
                double made = now();
                memcpy(own, &made, sizeof made);
            }
            zmq_msg_t message;
            if (zmq_msg_init_data(&message, own, bytes, interval > 0 ? drop : keep, NULL) != 0 ||
                zmq_msg_send(&message, sockets[j], 0) < 0)
                return zmq_errno();
        }
    }
    for (int i = 0; i < streams; i++) zmq_close(sockets[i]);
    zmq_ctx_term(context); // Sends what is left.
    return 0;
}

int crivals_read(const crivals_keys *keys, const char *endpoint, int streams, int messages, size_t bytes,
                 int high_water, void (*ready)(void), double *seconds, double *times) {
    void *context = zmq_ctx_new();
    void **sockets = connect_all(context, keys, endpoint, 'r', streams, high_water);
    zmq_pollitem_t *items = calloc((size_t)streams, sizeof *items);
    for (int i = 0; i < streams; i++) {
        char answer[4];
        if (zmq_send(sockets[i], "here", 4, 0) < 0 || zmq_recv(sockets[i], answer, 4, 0) < 0) return zmq_errno();
        items[i] = (zmq_pollitem_t){.socket = sockets[i], .events = ZMQ_POLLIN};
    }
    ready();
    double start = 0;
    for (int received = 0; received < streams * messages;) {
        if (zmq_poll(items, streams, -1) < 0) return zmq_errno();
        for (int i = 0; i < streams; i++) {
            if (!(items[i].revents & ZMQ_POLLIN)) continue;
            zmq_msg_t message;
            zmq_msg_init(&message);
            if (zmq_msg_recv(&message, sockets[i], 0) < 0) return zmq_errno();
            if (zmq_msg_size(&message) != bytes) return EBADMSG;
            if (times) {
                double made;
                memcpy(&made, zmq_msg_data(&message), sizeof made);
                times[received] = now() - made;
            }
            zmq_msg_close(&message);
            if (received++ == 0) start = now();
        }
    }
    *seconds = now() - start;
    return 0;
}
