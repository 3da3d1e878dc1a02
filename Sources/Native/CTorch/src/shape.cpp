#include "boundary.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/pad.h>
#include <ATen/ops/stack.h>

using namespace ctorch;

namespace {

std::vector<at::Tensor> borrowAll(const ctorch_tensor *const *tensors, size_t count) {
    std::vector<at::Tensor> all;
    all.reserve(count);
    for (size_t i = 0; i < count; ++i) all.push_back(borrow(tensors[i]));
    return all;
}

const char *padMode(ctorch_padding mode) {
    switch (mode) {
        case CTORCH_PAD_CONSTANT: return "constant";
        case CTORCH_PAD_REPLICATE: return "replicate";
        case CTORCH_PAD_REFLECT: return "reflect";
    }
    throw std::invalid_argument("an unknown padding");
}

}  // namespace

ctorch_status ctorch_reshape(const ctorch_tensor *tensor, const int64_t *shape, size_t rank, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).reshape(list(shape, rank)); });
}

ctorch_status ctorch_permute(
    const ctorch_tensor *tensor, const int64_t *dimensions, size_t rank, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).permute(list(dimensions, rank)); });
}

ctorch_status ctorch_expand(const ctorch_tensor *tensor, const int64_t *shape, size_t rank, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).expand(list(shape, rank)); });
}

ctorch_status ctorch_narrow(
    const ctorch_tensor *tensor, int64_t dimension, int64_t start, int64_t length, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).narrow(dimension, start, length); });
}

ctorch_status ctorch_select(const ctorch_tensor *tensor, int64_t dimension, int64_t index, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).select(dimension, index); });
}

ctorch_status ctorch_unsqueeze(const ctorch_tensor *tensor, int64_t dimension, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).unsqueeze(dimension); });
}

ctorch_status ctorch_squeeze(const ctorch_tensor *tensor, int64_t dimension, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).squeeze(dimension); });
}

ctorch_status ctorch_flip(const ctorch_tensor *tensor, int64_t dimension, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).flip({dimension}); });
}

ctorch_status ctorch_index_select(
    const ctorch_tensor *tensor, int64_t dimension, const ctorch_tensor *indices, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).index_select(dimension, borrow(indices)); });
}

ctorch_status ctorch_concatenate(
    const ctorch_tensor *const *tensors, size_t count, int64_t dimension, ctorch_tensor **out) {
    return produce(out, [&] { return at::cat(borrowAll(tensors, count), dimension); });
}

ctorch_status ctorch_stack(
    const ctorch_tensor *const *tensors, size_t count, int64_t dimension, ctorch_tensor **out) {
    return produce(out, [&] { return at::stack(borrowAll(tensors, count), dimension); });
}

ctorch_status ctorch_pad(
    const ctorch_tensor *tensor, const int64_t *amounts, size_t count, ctorch_padding mode, double value,
    ctorch_tensor **out) {
    return produce(out, [&] {
        // libtorch refuses a fill value for the other modes.
        const auto fill = mode == CTORCH_PAD_CONSTANT ? std::optional<double>(value) : std::nullopt;
        return at::pad(borrow(tensor), list(amounts, count), padMode(mode), fill);
    });
}
