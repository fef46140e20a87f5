#pragma once

#include <string_view>

// CHECK guards against bugs of this program: it is always on, prints the failed condition with its
// source line and both operands where there are two, and aborts. It is never used for bad input
// (that is an exception with the place in the input) nor for what may happen to a frame (that is a
// value and a counter).

namespace violin {

// Prints "file:line: CHECK(condition) failed: detail" to standard error and aborts.
[[noreturn]] void check_failed(const char* file, int line, const char* condition,
                               std::string_view detail);

// Prints both operands of a failed comparison and aborts.
[[noreturn]] void check_comparison_failed(const char* file, int line, const char* condition,
                                          long long left, long long right);

}  // namespace violin

#define CHECK(condition)                                          \
  do {                                                            \
    if (!(condition)) [[unlikely]] {                              \
      ::violin::check_failed(__FILE__, __LINE__, #condition, {}); \
    }                                                             \
  } while (false)

#define CHECK_MESSAGE(condition, detail)                                \
  do {                                                                  \
    if (!(condition)) [[unlikely]] {                                    \
      ::violin::check_failed(__FILE__, __LINE__, #condition, (detail)); \
    }                                                                   \
  } while (false)

// For integers: prints the values of both sides.
#define CHECK_COMPARE(left, operation, right)                                                \
  do {                                                                                       \
    if (!((left)operation(right))) [[unlikely]] {                                            \
      ::violin::check_comparison_failed(__FILE__, __LINE__, #left " " #operation " " #right, \
                                        static_cast<long long>(left),                        \
                                        static_cast<long long>(right));                      \
    }                                                                                        \
  } while (false)
