// The two fields of a model file that SentencePiece's interface does not hand out (sentencepiece_model.proto).
#pragma once

#include <cstdint>
#include <string_view>

namespace csp {

struct ModelFields {
    // TrainerSpec.model_type; 1 is the unigram model and the default.
    std::uint64_t modelType = 1;
    // NormalizerSpec.precompiled_charsmap, within the bytes that were read.
    std::string_view characterMap;
};

// Throws std::invalid_argument for bytes that are no protobuf message.
ModelFields readModelFields(std::string_view model);

}  // namespace csp
