#include "boundary.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/full.h>
#include <ATen/ops/randn.h>

#include <memory>

using namespace ctorch;

namespace {

ctorch_dtype dtypeOf(at::ScalarType type) {
    switch (type) {
        case at::kFloat: return CTORCH_FLOAT32;
        case at::kHalf: return CTORCH_FLOAT16;
        case at::kBFloat16: return CTORCH_BFLOAT16;
        case at::kDouble: return CTORCH_FLOAT64;
        case at::kLong: return CTORCH_INT64;
        case at::kInt: return CTORCH_INT32;
        case at::kShort: return CTORCH_INT16;
        case at::kChar: return CTORCH_INT8;
        case at::kByte: return CTORCH_UINT8;
        case at::kBool: return CTORCH_BOOL;
        default: return CTORCH_KEEP_DTYPE;  // None of this interface's functions makes one.
    }
}

at::TensorOptions options(ctorch_dtype dtype, ctorch_device where) {
    return at::TensorOptions().dtype(scalarType(dtype)).device(device(where));
}

// Throws if the shape needs other than `available` bytes, without overflowing on the way.
void requireSize(at::IntArrayRef shape, size_t elementSize, size_t available) {
    size_t bytes = elementSize;
    for (const int64_t extent : shape) {
        if (extent < 0 || __builtin_mul_overflow(bytes, static_cast<size_t>(extent), &bytes)) {
            throw std::invalid_argument("a shape that no memory can hold");
        }
    }
    if (bytes != available) {
        throw std::invalid_argument(
            "the shape needs " + std::to_string(bytes) + " bytes, the data has " + std::to_string(available));
    }
}

}  // namespace

void ctorch_tensor_release(ctorch_tensor *tensor) {
    // Freeing may run a deleter of the caller's; it must not end the process by an exception.
    guarded([&] { Implementation::reclaim(implementation(tensor)); });
}

ctorch_tensor *ctorch_tensor_retain(ctorch_tensor *tensor) {
    return reinterpret_cast<ctorch_tensor *>(Implementation::reclaim_copy(implementation(tensor)).release());
}

ctorch_status ctorch_empty(
    const int64_t *shape, size_t rank, ctorch_dtype dtype, ctorch_device device, ctorch_tensor **out) {
    return produce(out, [&] { return at::empty(list(shape, rank), options(dtype, device)); });
}

ctorch_status ctorch_full(
    const int64_t *shape, size_t rank, double value, ctorch_dtype dtype, ctorch_device device, ctorch_tensor **out) {
    return produce(out, [&] { return at::full(list(shape, rank), value, options(dtype, device)); });
}

ctorch_status ctorch_arange(
    double start, double end, double step, ctorch_dtype dtype, ctorch_device device, ctorch_tensor **out) {
    return produce(out, [&] { return at::arange(start, end, step, options(dtype, device)); });
}

ctorch_status ctorch_from_blob(
    void *data, size_t byte_count, const int64_t *shape, size_t rank, ctorch_dtype dtype,
    void (*release)(void *context), void *context, ctorch_tensor **out) {
    return produce(out, [&] {
        // Whoever holds the last copy releases, wherever libtorch fails: exactly once.
        const std::shared_ptr<void> owner(context, release);
        const auto type = scalarType(dtype);
        requireSize(list(shape, rank), c10::elementSize(type), byte_count);
        return at::from_blob(
            data, list(shape, rank), [owner](void *) {}, at::TensorOptions().dtype(type));
    });
}

ctorch_dtype ctorch_tensor_dtype(const ctorch_tensor *tensor) {
    return dtypeOf(c10::typeMetaToScalarType(implementation(tensor)->dtype()));
}

ctorch_device ctorch_tensor_device(const ctorch_tensor *tensor) {
    const auto device = implementation(tensor)->device();
    if (device.is_cuda()) return {CTORCH_CUDA, device.index()};
    return {device.is_meta() ? CTORCH_META : CTORCH_CPU, 0};
}

size_t ctorch_tensor_rank(const ctorch_tensor *tensor) { return static_cast<size_t>(implementation(tensor)->dim()); }

void ctorch_tensor_shape(const ctorch_tensor *tensor, int64_t *shape, size_t capacity) {
    const auto extents = implementation(tensor)->sizes();
    for (size_t i = 0; i < extents.size() && i < capacity; ++i) shape[i] = extents[i];
}

bool ctorch_tensor_is_contiguous(const ctorch_tensor *tensor) { return implementation(tensor)->is_contiguous(); }

ctorch_status ctorch_tensor_data(const ctorch_tensor *handle, void **data, size_t *byte_count) {
    return guarded([&] {
        const auto tensor = borrow(handle);
        if (!tensor.device().is_cpu()) throw std::invalid_argument("the bytes lie on " + tensor.device().str());
        if (!tensor.is_contiguous()) {
            throw std::invalid_argument("the tensor is a strided view: make it contiguous first");
        }
        *data = tensor.data_ptr();
        *byte_count = tensor.nbytes();
    });
}

ctorch_status ctorch_tensor_item(const ctorch_tensor *tensor, double *value) {
    return guarded([&] { *value = borrow(tensor).item().toDouble(); });
}

ctorch_status ctorch_to(
    const ctorch_tensor *handle, ctorch_dtype dtype, ctorch_device target, bool copy, ctorch_tensor **out) {
    return produce(out, [&] {
        const auto tensor = borrow(handle);
        const auto type = dtype == CTORCH_KEEP_DTYPE ? tensor.scalar_type() : scalarType(dtype);
        return tensor.to(device(target), type, /*non_blocking=*/false, copy);
    });
}

ctorch_status ctorch_contiguous(const ctorch_tensor *tensor, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).contiguous(); });
}

ctorch_status ctorch_copy(const ctorch_tensor *target, const ctorch_tensor *source) {
    return guarded([&] { borrow(target).copy_(borrow(source)); });
}

ctorch_status ctorch_generator_make(uint64_t seed, ctorch_generator **out) {
    return guarded([&] {
        *out = reinterpret_cast<ctorch_generator *>(new at::Generator(at::detail::createCPUGenerator(seed)));
    });
}

void ctorch_generator_release(ctorch_generator *generator) { delete reinterpret_cast<at::Generator *>(generator); }

ctorch_status ctorch_randn(
    const int64_t *shape, size_t rank, ctorch_dtype dtype, ctorch_generator *generator, ctorch_tensor **out) {
    return produce(out, [&] {
        auto &source = *reinterpret_cast<at::Generator *>(generator);
        return at::randn(list(shape, rank), source, at::TensorOptions().dtype(scalarType(dtype)));
    });
}
