#include "boundary.h"

#include <ATen/Functions.h>

#include <cmath>

using namespace ctorch;

namespace {

at::Tensor unary(ctorch_unary operation, const at::Tensor &x) {
    switch (operation) {
        case CTORCH_NEGATE: return x.neg();
        case CTORCH_ABSOLUTE: return x.abs();
        case CTORCH_EXP: return x.exp();
        case CTORCH_LOG: return x.log();
        case CTORCH_SQRT: return x.sqrt();
        case CTORCH_RSQRT: return x.rsqrt();
        case CTORCH_SIN: return x.sin();
        case CTORCH_COS: return x.cos();
        case CTORCH_TANH: return x.tanh();
        case CTORCH_SIGMOID: return x.sigmoid();
        case CTORCH_RELU: return x.relu();
        case CTORCH_SILU: return at::silu(x);
        case CTORCH_GELU: return at::gelu(x, "none");
        case CTORCH_GELU_TANH: return at::gelu(x, "tanh");
        case CTORCH_QUICK_GELU: return x.mul(x.mul(1.702).sigmoid());
        case CTORCH_ROUND: return x.round();
        case CTORCH_IS_FINITE: return x.isfinite();
        case CTORCH_LOGICAL_NOT: return x.logical_not();
    }
    throw std::invalid_argument("an unknown operation on one tensor");
}

// `Other` is a tensor or a scalar.
template <typename Other>
at::Tensor binary(ctorch_binary operation, const at::Tensor &a, const Other &b) {
    switch (operation) {
        case CTORCH_ADD: return a.add(b);
        case CTORCH_SUBTRACT: return a.sub(b);
        case CTORCH_MULTIPLY: return a.mul(b);
        case CTORCH_DIVIDE: return a.div(b);
        case CTORCH_POWER: return a.pow(b);
        case CTORCH_EQUAL: return a.eq(b);
        case CTORCH_LESS: return a.lt(b);
        case CTORCH_LESS_OR_EQUAL: return a.le(b);
        case CTORCH_GREATER: return a.gt(b);
        case CTORCH_GREATER_OR_EQUAL: return a.ge(b);
        case CTORCH_MAXIMUM:
        case CTORCH_MINIMUM:
        case CTORCH_LOGICAL_AND:
        case CTORCH_LOGICAL_OR: break;
    }
    if constexpr (std::is_same_v<Other, at::Tensor>) {
        switch (operation) {
            case CTORCH_MAXIMUM: return a.maximum(b);
            case CTORCH_MINIMUM: return a.minimum(b);
            case CTORCH_LOGICAL_AND: return a.logical_and(b);
            case CTORCH_LOGICAL_OR: return a.logical_or(b);
            default: break;
        }
    }
    throw std::invalid_argument("an operation that does not take these operands");
}

at::Tensor reduce(ctorch_reduction operation, const at::Tensor &x, at::IntArrayRef over, bool keep) {
    switch (operation) {
        case CTORCH_SUM: return x.sum(over, keep);
        case CTORCH_MEAN: return x.mean(over, keep);
        case CTORCH_AMAX: return x.amax(over, keep);
        case CTORCH_AMIN: return x.amin(over, keep);
        case CTORCH_STANDARD_DEVIATION:
            return x.std(
                over.empty() ? at::OptionalIntArrayRef() : at::OptionalIntArrayRef(over),
                /*correction=*/at::Scalar(0), keep);
    }
    throw std::invalid_argument("an unknown reduction");
}

std::optional<at::Scalar> bound(double value) {
    return std::isnan(value) ? std::nullopt : std::optional<at::Scalar>(value);
}

}  // namespace

ctorch_status ctorch_apply_unary(ctorch_unary operation, const ctorch_tensor *tensor, ctorch_tensor **out) {
    return produce(out, [&] { return unary(operation, borrow(tensor)); });
}

ctorch_status ctorch_apply_binary(
    ctorch_binary operation, const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **out) {
    return produce(out, [&] { return binary(operation, borrow(a), borrow(b)); });
}

ctorch_status ctorch_apply_scalar(
    ctorch_binary operation, const ctorch_tensor *a, double b, ctorch_tensor **out) {
    return produce(out, [&] { return binary(operation, borrow(a), at::Scalar(b)); });
}

ctorch_status ctorch_add_scaled(
    const ctorch_tensor *a, const ctorch_tensor *b, double scale, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(a).add(borrow(b), scale); });
}

ctorch_status ctorch_add_product(
    const ctorch_tensor *a, const ctorch_tensor *b, const ctorch_tensor *c, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(a).addcmul(borrow(b), borrow(c)); });
}

ctorch_status ctorch_clamp(const ctorch_tensor *tensor, double low, double high, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).clamp(bound(low), bound(high)); });
}

ctorch_status ctorch_where(
    const ctorch_tensor *condition, const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **out) {
    return produce(out, [&] { return at::where(borrow(condition), borrow(a), borrow(b)); });
}

ctorch_status ctorch_softmax(
    const ctorch_tensor *tensor, int64_t dimension, ctorch_dtype dtype, ctorch_tensor **out) {
    return produce(out, [&] {
        const auto type = dtype == CTORCH_KEEP_DTYPE ? std::nullopt : std::optional(scalarType(dtype));
        return borrow(tensor).softmax(dimension, type);
    });
}

ctorch_status ctorch_reduce(
    ctorch_reduction operation, const ctorch_tensor *tensor, const int64_t *dimensions, size_t count,
    bool keep_dimensions, ctorch_tensor **out) {
    return produce(out, [&] { return reduce(operation, borrow(tensor), list(dimensions, count), keep_dimensions); });
}

ctorch_status ctorch_argmax(
    const ctorch_tensor *tensor, int64_t dimension, bool keep_dimension, ctorch_tensor **out) {
    return produce(out, [&] { return borrow(tensor).argmax(dimension, keep_dimension); });
}

ctorch_status ctorch_all(const ctorch_tensor *tensor, bool *value) {
    return guarded([&] { *value = borrow(tensor).all().item<bool>(); });
}
