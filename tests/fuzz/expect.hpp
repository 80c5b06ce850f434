// A property that a fuzz target holds its subject to: what breaks it is a finding, in every build.
#pragma once

#include <cstdio>
#include <cstdlib>

#define ANLAN_EXPECT(property)                                                           \
  do {                                                                                   \
    if (!(property)) {                                                                   \
      std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #property); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
