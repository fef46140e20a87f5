#include "core/check.hh"

#include <cstdio>
#include <cstdlib>

namespace violin {

void check_failed(const char* file, int line, const char* condition, std::string_view detail) {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed%s%.*s\n", file, line, condition,
               detail.empty() ? "" : ": ", static_cast<int>(detail.size()), detail.data());
  std::abort();
}

void check_comparison_failed(const char* file, int line, const char* condition, long long left,
                             long long right) {
  std::fprintf(stderr, "%s:%d: CHECK(%s) failed: %lld against %lld\n", file, line, condition, left,
               right);
  std::abort();
}

}  // namespace violin
