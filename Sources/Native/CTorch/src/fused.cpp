// Several operators in one pass over memory: the passes of single operators cost more than the arithmetic. Loops of our
// own on the CPU, kernels of our own on CUDA; elsewhere the same is composed of libtorch's operators.
#include "boundary.h"
#include "kernels.h"
#include "rows.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>

using namespace ctorch;
using rows::Half;

namespace {

// Elements below which a second thread costs more than it saves.
constexpr int64_t grain = 16384;

template <typename T>
T *elements(const at::Tensor &tensor) {
    return static_cast<T *>(const_cast<void *>(tensor.const_data_ptr()));
}

// Runs `body(first, last)` on ranges of rows of `width` elements.
template <typename Body>
void forRows(int64_t count, int64_t width, const Body &body) {
    at::parallel_for(0, count, std::max<int64_t>(1, grain / std::max<int64_t>(1, width)), body);
}

// Whether the CPU's own pass can take it.
bool isPlain(const at::Tensor &tensor) {
    const auto type = tensor.scalar_type();
    return tensor.device().is_cpu() && (type == at::kFloat || type == at::kBFloat16);
}

void require(bool holds, const char *what) {
    if (!holds) throw std::invalid_argument(what);
}

at::Tensor wide(const at::Tensor &tensor) { return tensor.to(at::kFloat).contiguous(); }

// MARK: Modulated norm

template <typename T>
CTORCH_INLINE void modulateRows(
    const T *x, const float *scale, const T *residual, float epsilon, int64_t width, int64_t count, T *y) {
    for (int64_t row = 0; row < count; ++row) {
        rows::modulate(
            x + row * width, scale, residual ? residual + row * width : nullptr, epsilon, width, y + row * width);
    }
}

CTORCH_CLONED void modulateAll(
    const float *x, const float *scale, const float *residual, float epsilon, int64_t width, int64_t count, float *y) {
    modulateRows(x, scale, residual, epsilon, width, count, y);
}

CTORCH_CLONED void modulateAll(
    const Half *x, const float *scale, const Half *residual, float epsilon, int64_t width, int64_t count, Half *y) {
    modulateRows(x, scale, residual, epsilon, width, count, y);
}

template <typename T>
void modulate(const at::Tensor &x, const at::Tensor &scale, const T *residual, double epsilon, const at::Tensor &y) {
    const int64_t width = x.size(-1);
    forRows(x.numel() / width, width, [&](int64_t first, int64_t last) {
        modulateAll(
            elements<T>(x) + first * width, elements<float>(scale), residual ? residual + first * width : nullptr,
            static_cast<float>(epsilon), width, last - first, elements<T>(y) + first * width);
    });
}

at::Tensor modulated(const at::Tensor &x, const at::Tensor &scale, double epsilon) {
    return at::rms_norm(x.to(at::kFloat), {x.size(-1)}, std::nullopt, epsilon).mul_(scale);
}

// MARK: Heads

template <typename T>
struct Heads {
    const T *x;
    T *y;
    const float *weight, *cosine, *sine;
    int64_t rowOfX, rowOfY, heads, width;
    float epsilon;
};

template <typename T>
CTORCH_INLINE void normaliseRows(const Heads<T> &all, int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
        for (int64_t head = 0; head < all.heads; ++head) {
            const int64_t angle = (row * all.heads + head) * (all.width / 2);
            rows::normaliseHead(
                all.x + row * all.rowOfX + head * all.width, all.weight, all.cosine ? all.cosine + angle : nullptr,
                all.sine ? all.sine + angle : nullptr, all.epsilon, all.width,
                all.y + row * all.rowOfY + head * all.width);
        }
    }
}

CTORCH_CLONED void normaliseAll(const Heads<float> &all, int64_t first, int64_t last) {
    normaliseRows(all, first, last);
}

CTORCH_CLONED void normaliseAll(const Heads<Half> &all, int64_t first, int64_t last) {
    normaliseRows(all, first, last);
}

template <typename T>
void normaliseHeads(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &cosine,
    const std::optional<at::Tensor> &sine, double epsilon, const at::Tensor &y) {
    const Heads<T> all{
        elements<T>(x), elements<T>(y), elements<float>(weight), cosine ? elements<float>(*cosine) : nullptr,
        sine ? elements<float>(*sine) : nullptr, x.stride(1), y.stride(1), x.size(2), x.size(3),
        static_cast<float>(epsilon)};
    forRows(x.size(1), x.size(2) * x.size(3), [&](int64_t first, int64_t last) { normaliseAll(all, first, last); });
}

at::Tensor rotated(const at::Tensor &x, const at::Tensor &cosine, const at::Tensor &sine) {
    const auto pairs = x.unflatten(-1, {x.size(-1) / 2, 2});
    const auto even = pairs.select(-1, 0), odd = pairs.select(-1, 1);
    const auto first = even.mul(cosine).sub_(odd.mul(sine)), second = even.mul(sine).add_(odd.mul(cosine));
    return at::stack({first, second}, -1).flatten(-2);
}

bool hasPlainHeads(const at::Tensor &x) {
    return isPlain(x) && x.stride(3) == 1 && (x.size(2) == 1 || x.stride(2) == x.size(3));
}

// MARK: Gate

template <typename T>
CTORCH_INLINE void gateRows(const T *x, int64_t width, int64_t count, T *y) {
    for (int64_t row = 0; row < count; ++row) {
        rows::gate(x + row * 2 * width, x + row * 2 * width + width, width, y + row * width);
    }
}

CTORCH_CLONED void gateAll(const float *x, int64_t width, int64_t count, float *y) { gateRows(x, width, count, y); }
CTORCH_CLONED void gateAll(const Half *x, int64_t width, int64_t count, Half *y) { gateRows(x, width, count, y); }

std::vector<int64_t> halfOf(const at::Tensor &x) {
    auto shape = x.sizes().vec();
    shape.back() /= 2;
    return shape;
}

template <typename T>
void gate(const at::Tensor &x, const at::Tensor &y) {
    const int64_t width = y.size(-1);
    forRows(y.numel() / std::max<int64_t>(1, width), 2 * width, [&](int64_t first, int64_t last) {
        gateAll(elements<T>(x) + first * 2 * width, width, last - first, elements<T>(y) + first * width);
    });
}

}  // namespace

ctorch_status ctorch_modulate(
    const ctorch_tensor *tensor, const ctorch_tensor *factors, double epsilon, ctorch_tensor **out) {
    return produce(out, [&] {
        const auto x = borrow(tensor), scale = borrow(factors);
        require(scale.numel() == x.size(-1), "one factor per element of a row");
        if (!isPlain(x) || !x.is_contiguous()) {
            if (const auto y = at::empty_like(x); kernels::modulate(x, scale, std::nullopt, epsilon, y)) return y;
            return modulated(x, scale.to(at::kFloat), epsilon).to(x.scalar_type());
        }
        const auto y = at::empty_like(x), wideScale = wide(scale);
        if (x.scalar_type() == at::kFloat) modulate<float>(x, wideScale, nullptr, epsilon, y);
        else modulate<Half>(x, wideScale, nullptr, epsilon, y);
        return y;
    });
}

ctorch_status ctorch_modulate_onto(
    const ctorch_tensor *target, const ctorch_tensor *factors, const ctorch_tensor *base, double epsilon) {
    return guarded([&] {
        const auto x = borrow(target), scale = borrow(factors), residual = borrow(base);
        require(scale.numel() == x.size(-1), "one factor per element of a row");
        require(residual.sizes() == x.sizes() && residual.dtype() == x.dtype(), "both of one shape and dtype");
        if (!isPlain(x) || !x.is_contiguous() || !residual.is_contiguous()) {
            if (kernels::modulate(x, scale, residual, epsilon, x)) return;
            x.copy_(modulated(x, scale.to(at::kFloat), epsilon).add_(residual));
            return;
        }
        const auto wideScale = wide(scale);
        if (x.scalar_type() == at::kFloat) modulate(x, wideScale, elements<float>(residual), epsilon, x);
        else modulate(x, wideScale, elements<Half>(residual), epsilon, x);
    });
}

ctorch_status ctorch_normalise_heads(
    const ctorch_tensor *tensor, const ctorch_tensor *factors, const ctorch_tensor *cosines,
    const ctorch_tensor *sines, double epsilon, const ctorch_tensor *target) {
    return guarded([&] {
        const auto x = borrow(tensor), weight = wide(borrow(factors)), y = borrow(target);
        const auto cosine = borrowOptional(cosines), sine = borrowOptional(sines);
        require(x.dim() == 4 && x.size(0) == 1, "heads [1, N, H, D]");
        require(y.sizes() == x.sizes() && y.dtype() == x.dtype(), "both of one shape and dtype");
        require(weight.numel() == x.size(3), "one weight per element of a head");
        require(cosine.has_value() == sine.has_value(), "cosines and sines, or neither");
        const bool areAnglesPlain =
            !cosine || (cosine->is_contiguous() && sine->is_contiguous() && cosine->scalar_type() == at::kFloat &&
                        sine->scalar_type() == at::kFloat);
        require(!cosine || (2 * cosine->numel() == x.numel() && sine->sizes() == cosine->sizes()), "an angle per pair");
        if (!hasPlainHeads(x) || !hasPlainHeads(y) || !areAnglesPlain) {
            if ((!cosine || areAnglesPlain) && kernels::normaliseHeads(x, weight, cosine, sine, epsilon, y)) return;
            auto normalised = at::rms_norm(x.to(at::kFloat), {x.size(3)}, weight, epsilon);
            y.copy_(cosine ? rotated(normalised, *cosine, *sine) : normalised);
            return;
        }
        if (x.scalar_type() == at::kFloat) normaliseHeads<float>(x, weight, cosine, sine, epsilon, y);
        else normaliseHeads<Half>(x, weight, cosine, sine, epsilon, y);
    });
}

ctorch_status ctorch_gate(const ctorch_tensor *tensor, ctorch_tensor **out) {
    return produce(out, [&] {
        const auto x = borrow(tensor);
        require(x.dim() > 0 && x.size(-1) % 2 == 0, "two halves of a row");
        if (!isPlain(x) || !x.is_contiguous()) {
            if (x.is_contiguous()) {
                if (const auto y = at::empty(halfOf(x), x.options()); kernels::gate(x, y)) return y;
            }
            const auto halves = x.chunk(2, -1);
            return at::silu(halves[1]).mul_(halves[0]);
        }
        const auto y = at::empty(halfOf(x), x.options());
        if (x.scalar_type() == at::kFloat) gate<float>(x, y);
        else gate<Half>(x, y);
        return y;
    });
}
