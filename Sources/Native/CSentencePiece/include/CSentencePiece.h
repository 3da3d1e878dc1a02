// What StoryFarm uses of SentencePiece (Debian's libsentencepiece, 0.1.97 and later), as a flat C interface.
//
// Every call that can fail returns a status and has its result in out-parameters, which it sets on success only. No
// exception leaves a call. A processor is never changed after it was opened: any number of threads may use it.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum csp_status {
    CSP_OK = 0,
    // The operating system refused the file.
    CSP_UNREADABLE = 1,
    // The file is no SentencePiece model, or one over the limit.
    CSP_FOREIGN = 2,
    // An id, a text or a buffer that does not fit.
    CSP_INVALID_ARGUMENT = 3,
    CSP_OUT_OF_MEMORY = 4,
    CSP_INTERNAL = 5,
} csp_status;

// What the last failed call of this thread had to say; valid until this thread's next call.
const char *csp_last_error(void);

// A loaded model. Owned by the caller, who closes it exactly once.
typedef struct csp_processor csp_processor;

// `path` ends with a zero byte; a file of more than `byte_limit` bytes is refused.
csp_status csp_open(const char *path, size_t byte_limit, csp_processor **out);
void csp_close(csp_processor *processor);

size_t csp_piece_count(const csp_processor *processor);
// -1 where the model has no such piece.
int32_t csp_pad_id(const csp_processor *processor);
int32_t csp_eos_id(const csp_processor *processor);
int32_t csp_unk_id(const csp_processor *processor);

// Whether the model is of the unigram kind.
int csp_is_unigram(const csp_processor *processor);

// A piece's UTF-8 text, which lives as long as the processor, and its logarithmic probability.
csp_status csp_piece(const csp_processor *processor, int32_t id, const char **text, size_t *length, float *score);

// The compiled table of the model's normalisation, which lives as long as the processor; no bytes where it has none.
void csp_character_map(const csp_processor *processor, const uint8_t **bytes, size_t *length);

// Normalises and segments UTF-8 `text` of `length` bytes as SentencePiece itself does. `count` is the number of ids
// there are; of these the first `capacity` are written.
csp_status csp_encode(
    const csp_processor *processor, const char *text, size_t length, int32_t *ids, size_t capacity, size_t *count);

#ifdef __cplusplus
}
#endif
