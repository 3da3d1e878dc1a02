#include "CThroughput.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <zmq.h>

typedef struct {
    const cthroughput_plan *plan;
    void *socket;
    int error;
} sender;

// The payloads outlive the context, so there is nothing to free.
static void keep(void *data, void *hint) { (void)data, (void)hint; }

static void *send_all(void *argument) {
    sender *self = argument;
    for (int i = 0; i < self->plan->messages; i++) {
        zmq_msg_t message;
        void *payload = (void *)self->plan->payloads[i % self->plan->payload_count];
        if (zmq_msg_init_data(&message, payload, self->plan->bytes, keep, NULL) != 0 ||
            zmq_msg_send(&message, self->socket, 0) < 0) {
            self->error = zmq_errno();
            return NULL;
        }
    }
    return NULL;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

// The first, middle and last eight bytes: enough to notice a wrong or torn payload, too little to cost anything.
static int is_intact(const void *received, const void *sent, size_t bytes) {
    const char *a = received, *b = sent;
    return memcmp(a, b, 8) == 0 && memcmp(a + bytes / 2, b + bytes / 2, 8) == 0 &&
           memcmp(a + bytes - 8, b + bytes - 8, 8) == 0;
}

static int receive_all(const cthroughput_plan *plan, void *socket, cthroughput_result *result) {
    zmq_msg_t address, payload;
    double start = 0;
    for (int i = 0; i < plan->messages; i++) {
        zmq_msg_init(&address);
        zmq_msg_init(&payload);
        if (zmq_msg_recv(&address, socket, 0) < 0 || zmq_msg_recv(&payload, socket, 0) < 0) return zmq_errno();
        if (i == 0) start = now();
        const void *sent = plan->payloads[i % plan->payload_count];
        if (zmq_msg_size(&payload) != plan->bytes || !is_intact(zmq_msg_data(&payload), sent, plan->bytes))
            result->corrupt++;
        result->received++;
        zmq_msg_close(&address);
        zmq_msg_close(&payload);
    }
    result->seconds = now() - start;
    return 0;
}

// Admits everybody, and ends with the context: a run's keys are its own.
static void *admit_all(void *socket) {
    char parts[8][256];
    for (;;) {
        int more = 1;
        for (int i = 0; more; i++) {
            int slot = i < 8 ? i : 7;
            int count = zmq_recv(socket, parts[slot], sizeof parts[slot] - 1, 0);
            if (count < 0) return NULL;
            if (slot == 1) parts[1][count] = 0;
            size_t length = sizeof more;
            zmq_getsockopt(socket, ZMQ_RCVMORE, &more, &length);
        }
        zmq_send(socket, "1.0", 3, ZMQ_SNDMORE);
        zmq_send(socket, parts[1], strlen(parts[1]), ZMQ_SNDMORE);
        zmq_send(socket, "200", 3, ZMQ_SNDMORE);
        zmq_send(socket, "", 0, ZMQ_SNDMORE);
        zmq_send(socket, "bench", 5, ZMQ_SNDMORE);
        zmq_send(socket, "", 0, 0);
    }
}

static void set_int(void *socket, int option, int value) { zmq_setsockopt(socket, option, &value, sizeof value); }

static void set_keys(void *router, void *dealer) {
    char server_public[41], server_secret[41], client_public[41], client_secret[41];
    zmq_curve_keypair(server_public, server_secret);
    zmq_curve_keypair(client_public, client_secret);
    set_int(router, ZMQ_CURVE_SERVER, 1);
    zmq_setsockopt(router, ZMQ_CURVE_SECRETKEY, server_secret, 41);
    zmq_setsockopt(router, ZMQ_ZAP_DOMAIN, "bench", 5);
    zmq_setsockopt(dealer, ZMQ_CURVE_SERVERKEY, server_public, 41);
    zmq_setsockopt(dealer, ZMQ_CURVE_PUBLICKEY, client_public, 41);
    zmq_setsockopt(dealer, ZMQ_CURVE_SECRETKEY, client_secret, 41);
}

int cthroughput_run(const cthroughput_plan *plan, cthroughput_result *result) {
    memset(result, 0, sizeof *result);
    void *context = zmq_ctx_new();
    zmq_ctx_set(context, ZMQ_IO_THREADS, 2);
    void *router = zmq_socket(context, ZMQ_ROUTER), *dealer = zmq_socket(context, ZMQ_DEALER);
    void *gate = zmq_socket(context, ZMQ_REP);
    void *sockets[] = {router, dealer, gate};
    for (int i = 0; i < 3; i++) {
        set_int(sockets[i], ZMQ_SNDHWM, plan->high_water);
        set_int(sockets[i], ZMQ_RCVHWM, plan->high_water);
        set_int(sockets[i], ZMQ_LINGER, 0);
    }
    pthread_t sending, admitting;
    if (plan->curve) {
        zmq_bind(gate, "inproc://zeromq.zap.01");
        pthread_create(&admitting, NULL, admit_all, gate);
        set_keys(router, dealer);
    }
    char endpoint[256];
    size_t length = sizeof endpoint;
    sender sender = {plan, dealer, 0};
    int error = 0;
    if (zmq_bind(router, plan->endpoint) != 0 || zmq_getsockopt(router, ZMQ_LAST_ENDPOINT, endpoint, &length) != 0 ||
        zmq_connect(dealer, endpoint) != 0) {
        error = zmq_errno();
    } else {
        pthread_create(&sending, NULL, send_all, &sender);
        error = receive_all(plan, router, result);
        zmq_ctx_shutdown(context); // Ends a sender that still waits after an error.
        pthread_join(sending, NULL);
        // Shut down while the sender was done is no error of its own.
        if (error == 0) error = sender.error;
    }
    zmq_ctx_shutdown(context);
    if (plan->curve) pthread_join(admitting, NULL);
    for (int i = 0; i < 3; i++) zmq_close(sockets[i]);
    zmq_ctx_term(context);
    return error;
}
