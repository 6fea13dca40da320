// Reads an ELF header, and rewords the errors of the dynamic linker.
#include "worker/components/shared_object.h"

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include <fmt/format.h>

#include "worker/components/file_handle.h"

namespace sparse::worker {
namespace {

#if defined(__x86_64__)
constexpr std::uint16_t kMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr std::uint16_t kMachine = EM_AARCH64;
#else
#error "say here which ELF machine this is"
#endif

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_X86_64: return "x86-64";
    case EM_AARCH64: return "ARM64";
    case EM_386: return "32-bit x86";
    case EM_ARM: return "32-bit ARM";
    case EM_RISCV: return "RISC-V";
    default: return fmt::format("ELF machine {}", machine);
  }
}

std::string demangled(const std::string& symbol) {
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> name(abi::__cxa_demangle(symbol.c_str(), nullptr, nullptr, &status),
                                                         &std::free);
  return name ? std::string(name.get()) : symbol;
}

std::string_view until(std::string_view text, std::string_view stop) { return text.substr(0, text.find(stop)); }

}  // namespace

std::optional<std::string> why_no_shared_object(const std::string& file) {
  const FileHandle opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!opened) {
    if (errno == ENOENT) return "does not exist: build it first, or correct the path in the topology file";
    return fmt::format("cannot be read: {}", std::strerror(errno));
  }
  struct stat status = {};
  if (::fstat(opened.get(), &status) == 0 && !S_ISREG(status.st_mode)) return "is not a file: a plugin is a shared object (.so)";
  Elf64_Ehdr header = {};
  const ssize_t got = ::pread(opened.get(), &header, sizeof header, 0);
  if (got == 0) return "is empty: build it again";
  if (got < SELFMAG || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
    return "is not a shared object: a plugin is a .so that sparse_add_plugin() or g++ -shared has built";
  if (got < static_cast<ssize_t>(sizeof header)) return "is cut off: build it again";
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB || header.e_machine != kMachine)
    return fmt::format("was built for {}, and this machine is {}: build it here", machine_name(header.e_machine),
                       machine_name(kMachine));
  if (header.e_type != ET_DYN) return "is no shared object (a program or an object file?): link it with -shared";
  return std::nullopt;
}

std::string explain_link_error(const std::string& file, std::string_view message) {
  if (message.starts_with(file + ": ")) message.remove_prefix(file.size() + 2);
  constexpr std::string_view kUndefined = "undefined symbol: ", kNoFile = ": cannot open shared object file";
  if (const auto found = message.find(kUndefined); found != std::string_view::npos) {
    const std::string symbol(until(until(message.substr(found + kUndefined.size()), " ("), ","));
    return fmt::format("needs {}, which nothing defines: link the library or source file that has it", demangled(symbol));
  }
  if (const auto found = message.find(kNoFile); found != std::string_view::npos)
    return fmt::format("needs the library {}, which is not installed here: install it, or add its folder to LD_LIBRARY_PATH",
                       message.substr(0, found));
  return fmt::format("cannot be loaded: {}", message);
}

}  // namespace sparse::worker
