// What every source of the shim shares: handles, conversions, and the one place where exceptions end.
#pragma once

#define CTORCH_BUILDING
#include "../include/ctorch.h"

#include <ATen/core/Tensor.h>
#include <ATen/core/Generator.h>
#include <c10/core/InferenceMode.h>
#include <torch/headeronly/version.h>

#if TORCH_VERSION_MAJOR != 2 || TORCH_VERSION_MINOR < 11 || TORCH_VERSION_MINOR > 13
#error "StoryFarm supports libtorch 2.11 to 2.13"
#endif

namespace ctorch {

// Records the exception in flight for `ctorch_last_error` and names its class. The only `catch` clauses of the shim.
ctorch_status describeCurrentException() noexcept;
// Records `message`; returns `status`.
ctorch_status fail(ctorch_status status, const char *message) noexcept;

// Runs `body` with gradients off and turns whatever it throws into a status.
template <typename Body>
ctorch_status guarded(Body &&body) noexcept {
    try {
        c10::InferenceMode inference;
        body();
        return CTORCH_OK;
    } catch (...) {
        return describeCurrentException();
    }
}

// A handle is the tensor's own reference-counted implementation: no allocation beside it.
inline ctorch_tensor *handOut(at::Tensor &&tensor) {
    return reinterpret_cast<ctorch_tensor *>(tensor.unsafeReleaseTensorImpl());
}

using Implementation = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

inline c10::TensorImpl *implementation(const ctorch_tensor *handle) {
    return reinterpret_cast<c10::TensorImpl *>(const_cast<ctorch_tensor *>(handle));
}

// A second reference for the time of a call.
inline at::Tensor borrow(const ctorch_tensor *handle) {
    return at::Tensor(Implementation::reclaim_copy(implementation(handle)));
}

inline std::optional<at::Tensor> borrowOptional(const ctorch_tensor *handle) {
    return handle ? std::optional(borrow(handle)) : std::nullopt;
}

// Runs `body` and hands out the tensor that it returns.
template <typename Body>
ctorch_status produce(ctorch_tensor **out, Body &&body) noexcept {
    return guarded([&] { *out = handOut(body()); });
}

inline at::IntArrayRef list(const int64_t *values, size_t count) { return at::IntArrayRef(values, count); }

at::ScalarType scalarType(ctorch_dtype dtype);
c10::Device device(ctorch_device device);

}  // namespace ctorch
