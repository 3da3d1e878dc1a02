// The autoencoder's norm and activation in two readings and one writing of memory on the CPU; elsewhere composed of
// libtorch's operators.
#include "boundary.h"
#include "rows.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>

using namespace ctorch;
using rows::Half;

namespace {

template <typename T>
struct Frames {
    const T *x;
    T *y;
    const float *weight, *bias;
    int64_t channels, groups, height, width;
    // Elements from one channel, frame or row to the next; of x the rows of a frame follow each other.
    int64_t channelOfX, frameOfX, channelOfY, frameOfY, rowOfY;
    float epsilon;
};

// Sums of planes are kept in double, of 4096 elements at a time in fp32.
template <typename T, typename Sum>
CTORCH_INLINE double planeSum(const T *plane, int64_t count, const Sum &sum) {
    constexpr int64_t part = 4096;
    double total = 0;
    for (int64_t start = 0; start < count; start += part) {
        total += sum(plane + start, count - start < part ? count - start : part);
    }
    return total;
}

template <typename T>
CTORCH_INLINE void activateGroup(const Frames<T> &all, int64_t frame, int64_t group) {
    const int64_t each = all.channels / all.groups, first = group * each, plane = all.height * all.width;
    const double count = static_cast<double>(each * plane);
    const auto planeOf = [&](int64_t channel) CTORCH_LAMBDA {
        return all.x + channel * all.channelOfX + frame * all.frameOfX;
    };
    double sum = 0, squares = 0;
    for (int64_t channel = first; channel < first + each; ++channel) {
        sum += planeSum(planeOf(channel), plane, [](const T *x, int64_t n) CTORCH_LAMBDA { return rows::sum(x, n); });
    }
    const float mean = static_cast<float>(sum / count);
    for (int64_t channel = first; channel < first + each; ++channel) {
        squares += planeSum(planeOf(channel), plane, [mean](const T *x, int64_t n) CTORCH_LAMBDA {
            return rows::sumOfSquares(x, n, mean);
        });
    }
    const float factor = static_cast<float>(1 / std::sqrt(squares / count + static_cast<double>(all.epsilon)));
    for (int64_t channel = first; channel < first + each; ++channel) {
        T *target = all.y + channel * all.channelOfY + frame * all.frameOfY;
        for (int64_t row = 0; row < all.height; ++row) {
            rows::activate(
                planeOf(channel) + row * all.width, mean, factor * all.weight[channel], all.bias[channel], all.width,
                target + row * all.rowOfY);
        }
    }
}

CTORCH_CLONED void activateAll(const Frames<float> &all, int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) activateGroup(all, i / all.groups, i % all.groups);
}

CTORCH_CLONED void activateAll(const Frames<Half> &all, int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) activateGroup(all, i / all.groups, i % all.groups);
}

template <typename T>
void activate(
    const at::Tensor &x, int64_t groups, const at::Tensor &weight, const at::Tensor &bias, double epsilon,
    const at::Tensor &y) {
    const Frames<T> all{
        static_cast<const T *>(x.const_data_ptr()), static_cast<T *>(y.data_ptr()), weight.const_data_ptr<float>(),
        bias.const_data_ptr<float>(), x.size(0), groups, x.size(2), x.size(3), x.stride(0), x.stride(1), y.stride(0),
        y.stride(1), y.stride(2), static_cast<float>(epsilon)};
    at::parallel_for(0, x.size(1) * groups, 1, [&](int64_t first, int64_t last) { activateAll(all, first, last); });
}

bool isPlain(const at::Tensor &x, const at::Tensor &y) {
    const auto type = x.scalar_type();
    return x.device().is_cpu() && type == y.scalar_type() && (type == at::kFloat || type == at::kBFloat16) &&
           x.stride(3) == 1 && x.stride(2) == x.size(3) && y.stride(3) == 1;
}

}  // namespace

ctorch_status ctorch_activate_frames(
    const ctorch_tensor *tensor, int64_t groups, const ctorch_tensor *weights, const ctorch_tensor *biases,
    double epsilon, const ctorch_tensor *target) {
    return guarded([&] {
        const auto x = borrow(tensor), y = borrow(target);
        const auto weight = borrow(weights).to(at::kFloat).contiguous();
        const auto bias = borrow(biases).to(at::kFloat).contiguous();
        if (x.dim() != 4 || y.sizes() != x.sizes() || groups < 1 || x.size(0) % groups != 0 ||
            weight.numel() != x.size(0) || bias.numel() != x.size(0)) {
            throw std::invalid_argument("frames [C, T, H, W] in groups of channels, into as many");
        }
        if (!isPlain(x, y)) {
            // Channels outside, as channels-last kernels take the variance as a difference of large numbers.
            const auto frames = x.transpose(0, 1).contiguous().to(at::kFloat);
            y.copy_(at::silu(at::group_norm(frames, groups, weight, bias, epsilon)).transpose(0, 1));
        } else if (x.scalar_type() == at::kFloat) {
            activate<float>(x, groups, weight, bias, epsilon, y);
        } else {
            activate<Half>(x, groups, weight, bias, epsilon, y);
        }
    });
}

ctorch_status ctorch_accumulate(const ctorch_tensor *target, const ctorch_tensor *tensor) {
    return guarded([&] { borrow(target).add_(borrow(tensor)); });
}
