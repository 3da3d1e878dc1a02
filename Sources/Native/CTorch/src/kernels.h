// The operators of fused.cpp as CUDA kernels of one pass over memory, for bf16.
//
// Each says whether it did it: false where the device, the dtype or the layout is not what it is made for, and the
// caller composes the same of libtorch's operators. One step of the published model is 96 blocks of 547 MB of
// activations in fp32, which composed operators read and write some thirty times a block.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

namespace ctorch::kernels {

// `y = x / rms(x) * scale + residual`; y may be x.
bool modulate(
    const at::Tensor &x, const at::Tensor &scale, const std::optional<at::Tensor> &residual, double epsilon,
    const at::Tensor &y);

// Heads [1, N, H, D] normalised by their root mean square and a weight, their pairs turned by angles [N, H, D / 2].
bool normaliseHeads(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &cosine,
    const std::optional<at::Tensor> &sine, double epsilon, const at::Tensor &y);

// `y = a * silu(b)` of the halves of x's rows.
bool gate(const at::Tensor &x, const at::Tensor &y);

}  // namespace ctorch::kernels
