#include "boundary.h"

#include <ATen/ops/_scaled_dot_product_attention_math.h>
#include <ATen/ops/_scaled_dot_product_cudnn_attention.h>
#include <ATen/ops/_scaled_dot_product_efficient_attention.h>
#include <ATen/ops/_scaled_dot_product_flash_attention.h>
#include <ATen/ops/_scaled_dot_product_flash_attention_for_cpu.h>
#include <ATen/ops/_upsample_bicubic2d_aa.h>
#include <ATen/ops/_upsample_bilinear2d_aa.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/conv3d.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/rms_norm.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/upsample_bicubic2d.h>
#include <ATen/ops/upsample_bilinear2d.h>
#include <ATen/ops/upsample_nearest2d.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

using namespace ctorch;

namespace {

struct AttentionInput {
    at::Tensor q, k, v;
    std::optional<at::Tensor> mask;
    bool causal;
    std::optional<double> scale;
};

// Every kernel adds its mask; only libtorch's front door converts a boolean one.
std::optional<at::Tensor> additive(const std::optional<at::Tensor> &mask, at::ScalarType type) {
    if (!mask || mask->scalar_type() != at::kBool) return mask;
    return at::zeros_like(*mask, mask->options().dtype(type))
        .masked_fill_(mask->logical_not(), -std::numeric_limits<double>::infinity());
}

at::Tensor flashAttention(const AttentionInput &x) {
    if (x.q.device().is_cpu()) {
        return std::get<0>(at::_scaled_dot_product_flash_attention_for_cpu(
            x.q, x.k, x.v, 0.0, x.causal, additive(x.mask, x.q.scalar_type()), x.scale));
    }
    if (x.mask) throw std::invalid_argument("flash attention takes no mask on CUDA");
    return std::get<0>(at::_scaled_dot_product_flash_attention(x.q, x.k, x.v, 0.0, x.causal, false, x.scale));
}

// The backend is an argument here; libtorch's own switch is process-wide state.
at::Tensor attention(const AttentionInput &x, ctorch_attention_backend backend) {
    switch (backend) {
        case CTORCH_ATTENTION_AUTOMATIC:
            return at::scaled_dot_product_attention(x.q, x.k, x.v, x.mask, 0.0, x.causal, x.scale);
        case CTORCH_ATTENTION_MATH:
            return std::get<0>(at::_scaled_dot_product_attention_math(
                x.q, x.k, x.v, additive(x.mask, x.q.scalar_type()), 0.0, x.causal, std::nullopt, x.scale));
        case CTORCH_ATTENTION_FLASH: return flashAttention(x);
        case CTORCH_ATTENTION_EFFICIENT:
            return std::get<0>(at::_scaled_dot_product_efficient_attention(
                x.q, x.k, x.v, additive(x.mask, x.q.scalar_type()), false, 0.0, x.causal, x.scale));
        case CTORCH_ATTENTION_CUDNN:
            return std::get<0>(at::_scaled_dot_product_cudnn_attention(
                x.q, x.k, x.v, additive(x.mask, x.q.scalar_type()), false, 0.0, x.causal, false, x.scale));
    }
    throw std::invalid_argument("an unknown attention backend");
}

at::Tensor resize(const at::Tensor &x, at::IntArrayRef size, ctorch_resampling mode) {
    switch (mode) {
        case CTORCH_NEAREST: return at::upsample_nearest2d(x, size);
        case CTORCH_BILINEAR: return at::upsample_bilinear2d(x, size, false);
        case CTORCH_BILINEAR_ANTIALIASED: return at::_upsample_bilinear2d_aa(x, size, false);
        case CTORCH_BICUBIC: return at::upsample_bicubic2d(x, size, false);
        case CTORCH_BICUBIC_ANTIALIASED: return at::_upsample_bicubic2d_aa(x, size, false);
    }
    throw std::invalid_argument("an unknown resampling");
}

}  // namespace

ctorch_status ctorch_matmul(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(a).matmul(borrow(b)); });
}

ctorch_status ctorch_linear(
    const ctorch_tensor *input, const ctorch_tensor *weight, const ctorch_tensor *bias, ctorch_tensor **out) {
    return produce(out, [&] { return at::linear(borrow(input), borrow(weight), borrowOptional(bias)); });
}

ctorch_status ctorch_convolution(
    const ctorch_tensor *input, const ctorch_tensor *weight, const ctorch_tensor *bias, size_t spatial,
    const int64_t *stride, const int64_t *padding, const int64_t *dilation, int64_t groups, ctorch_tensor **out) {
    return produce(out, [&] {
        const auto x = borrow(input), w = borrow(weight);
        const auto b = borrowOptional(bias);
        const auto s = list(stride, spatial), p = list(padding, spatial), d = list(dilation, spatial);
        switch (spatial) {
            case 2: return at::conv2d(x, w, b, s, p, d, groups);
            case 3: return at::conv3d(x, w, b, s, p, d, groups);
            default: throw std::invalid_argument("convolutions have 2 or 3 spatial dimensions");
        }
    });
}

ctorch_status ctorch_embedding(const ctorch_tensor *weight, const ctorch_tensor *indices, ctorch_tensor **out) {
    return produce(out, [&] { return at::embedding(borrow(weight), borrow(indices)); });
}

ctorch_status ctorch_layer_norm(
    const ctorch_tensor *input, const int64_t *shape, size_t rank, const ctorch_tensor *weight,
    const ctorch_tensor *bias, double epsilon, ctorch_tensor **out) {
    return produce(out, [&] {
        return at::layer_norm(borrow(input), list(shape, rank), borrowOptional(weight), borrowOptional(bias), epsilon);
    });
}

ctorch_status ctorch_rms_norm(
    const ctorch_tensor *input, const int64_t *shape, size_t rank, const ctorch_tensor *weight, double epsilon,
    ctorch_tensor **out) {
    return produce(out, [&] {
        return at::rms_norm(borrow(input), list(shape, rank), borrowOptional(weight), epsilon);
    });
}

ctorch_status ctorch_group_norm(
    const ctorch_tensor *input, int64_t groups, const ctorch_tensor *weight, const ctorch_tensor *bias,
    double epsilon, ctorch_tensor **out) {
    return produce(out, [&] {
        return at::group_norm(borrow(input), groups, borrowOptional(weight), borrowOptional(bias), epsilon);
    });
}

ctorch_status ctorch_attention(
    const ctorch_tensor *query, const ctorch_tensor *key, const ctorch_tensor *value, const ctorch_tensor *mask,
    bool causal, double scale, ctorch_attention_backend backend, ctorch_tensor **out) {
    return produce(out, [&] {
        const auto factor = std::isnan(scale) ? std::nullopt : std::optional(scale);
        return attention({borrow(query), borrow(key), borrow(value), borrowOptional(mask), causal, factor}, backend);
    });
}

ctorch_status ctorch_resize(
    const ctorch_tensor *input, int64_t height, int64_t width, ctorch_resampling mode, ctorch_tensor **out) {
    return produce(out, [&] {
        const int64_t size[] = {height, width};
        return resize(borrow(input), size, mode);
    });
}
