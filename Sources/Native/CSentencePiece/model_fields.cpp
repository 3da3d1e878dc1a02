#include "model_fields.h"

#include <stdexcept>

namespace csp {
namespace {

// Walks over one protobuf message (protobuf.dev/programming-guides/encoding); never reads past its end.
class Reader {
   public:
    explicit Reader(std::string_view message) : rest(message) {}

    // Steps to the next field; false at the message's end.
    bool next() {
        if (rest.empty()) return false;
        const std::uint64_t tag = readVarint();
        number = tag >> 3;
        varint = 0;
        bytes = {};
        switch (tag & 7) {
            case 0: varint = readVarint(); break;
            case 1: take(8); break;
            case 2: bytes = take(readVarint()); break;
            case 5: take(4); break;
            default: throw std::invalid_argument("an unknown wire type");
        }
        return true;
    }

    std::uint64_t number = 0;
    std::uint64_t varint = 0;
    std::string_view bytes;

   private:
    std::uint64_t readVarint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const auto byte = static_cast<std::uint8_t>(take(1).front());
            value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
            if (byte < 0x80) return value;
        }
        throw std::invalid_argument("a number of more than ten bytes");
    }

    std::string_view take(std::uint64_t count) {
        if (count > rest.size()) throw std::invalid_argument("a field that ends after the message");
        const std::string_view taken = rest.substr(0, count);
        rest.remove_prefix(count);
        return taken;
    }

    std::string_view rest;
};

}  // namespace

ModelFields readModelFields(std::string_view model) {
    ModelFields fields;
    // A field may stand more than once; the last one counts.
    for (Reader outer(model); outer.next();) {
        if (outer.number == 2) {  // ModelProto.trainer_spec
            for (Reader inner(outer.bytes); inner.next();) {
                if (inner.number == 3) fields.modelType = inner.varint;
            }
        } else if (outer.number == 3) {  // ModelProto.normalizer_spec
            for (Reader inner(outer.bytes); inner.next();) {
                if (inner.number == 2) fields.characterMap = inner.bytes;
            }
        }
    }
    return fields;
}

}  // namespace csp
