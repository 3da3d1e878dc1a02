#include "CSentencePiece.h"
#include "model_fields.h"

#include <sentencepiece_processor.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <limits>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <vector>

struct csp_processor {
    // `fields` points into it.
    std::string model;
    csp::ModelFields fields;
    sentencepiece::SentencePieceProcessor library;
};

namespace {

thread_local std::string lastError;

// A failure whose class is known where it happens.
struct Failure {
    csp_status status;
    std::string message;
};

// Runs `body` and turns whatever it throws into a status. The only `catch` clauses of the shim.
template <typename Body>
csp_status guarded(Body &&body) noexcept {
    try {
        try {
            body();
            return CSP_OK;
        } catch (const Failure &failure) {
            lastError = failure.message;
            return failure.status;
        } catch (const std::bad_alloc &) {
            lastError = "the host has no memory left";
            return CSP_OUT_OF_MEMORY;
        } catch (const std::invalid_argument &error) {
            lastError = error.what();
            return CSP_FOREIGN;
        } catch (const std::exception &error) {
            lastError = error.what();
            return CSP_INTERNAL;
        }
    } catch (...) {
        lastError.clear();  // An unknown type was thrown, or recording it failed for want of memory.
        return CSP_INTERNAL;
    }
}

void require(const sentencepiece::util::Status &status, csp_status otherwise) {
    if (!status.ok()) throw Failure{otherwise, status.ToString()};
}

struct CloseFile {
    void operator()(std::FILE *file) const { std::fclose(file); }
};

std::string readFile(const char *path, size_t byteLimit) {
    std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path, "rb"));
    if (!file) throw Failure{CSP_UNREADABLE, std::strerror(errno)};
    std::string content;
    std::vector<char> chunk(1 << 16);
    while (const size_t count = std::fread(chunk.data(), 1, chunk.size(), file.get())) {
        if (count > byteLimit - content.size()) {
            throw Failure{CSP_FOREIGN, "it has more than " + std::to_string(byteLimit) + " bytes"};
        }
        content.append(chunk.data(), count);
    }
    if (std::ferror(file.get())) throw Failure{CSP_UNREADABLE, std::strerror(errno)};
    return content;
}

}  // namespace

const char *csp_last_error(void) { return lastError.c_str(); }

csp_status csp_open(const char *path, size_t byte_limit, csp_processor **out) {
    return guarded([&] {
        auto processor = std::make_unique<csp_processor>();
        processor->model = readFile(path, byte_limit);
        // Looked at first: the library logs to standard error what it cannot parse.
        processor->fields = csp::readModelFields(processor->model);
        require(processor->library.LoadFromSerializedProto(processor->model), CSP_FOREIGN);
        *out = processor.release();
    });
}

void csp_close(csp_processor *processor) { delete processor; }

size_t csp_piece_count(const csp_processor *processor) {
    return static_cast<size_t>(processor->library.GetPieceSize());
}

int32_t csp_pad_id(const csp_processor *processor) { return processor->library.pad_id(); }
int32_t csp_eos_id(const csp_processor *processor) { return processor->library.eos_id(); }
int32_t csp_unk_id(const csp_processor *processor) { return processor->library.unk_id(); }
int csp_is_unigram(const csp_processor *processor) { return processor->fields.modelType == 1; }

csp_status csp_piece(const csp_processor *processor, int32_t id, const char **text, size_t *length, float *score) {
    return guarded([&] {
        if (id < 0 || id >= processor->library.GetPieceSize()) throw Failure{CSP_INVALID_ARGUMENT, "no such piece"};
        const std::string &piece = processor->library.IdToPiece(id);
        *text = piece.data();
        *length = piece.size();
        *score = processor->library.GetScore(id);
    });
}

void csp_character_map(const csp_processor *processor, const uint8_t **bytes, size_t *length) {
    *bytes = reinterpret_cast<const uint8_t *>(processor->fields.characterMap.data());
    *length = processor->fields.characterMap.size();
}

csp_status csp_encode(
    const csp_processor *processor, const char *text, size_t length, int32_t *ids, size_t capacity, size_t *count) {
    return guarded([&] {
        if (length > static_cast<size_t>(std::numeric_limits<int32_t>::max())) {
            throw Failure{CSP_INVALID_ARGUMENT, "the text is too long"};
        }
        std::vector<int> found;
        require(processor->library.Encode(std::string_view(text, length), &found), CSP_INTERNAL);
        std::copy_n(found.begin(), std::min(found.size(), capacity), ids);
        *count = found.size();
    });
}
