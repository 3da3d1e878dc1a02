// Libraries that are not linked: found while the program runs, or not there.
#pragma once

#include <dlfcn.h>

#include <filesystem>
#include <string>

namespace ctorch {

// The folder of the libc10.so that the loader chose, and of all of libtorch with it.
std::filesystem::path libtorchFolder();

// A library's functions by their names.
class Library {
public:
    Library(const std::string &name, int flags) : handle(dlopen(name.c_str(), flags)) {}
    ~Library() {
        if (handle) dlclose(handle);
    }
    Library(const Library &) = delete;
    Library &operator=(const Library &) = delete;

    // Null where the library or the function is not there.
    template <typename Signature>
    Signature *find(const char *name) const {
        return reinterpret_cast<Signature *>(handle ? dlsym(handle, name) : nullptr);
    }

private:
    void *handle;
};

}  // namespace ctorch
