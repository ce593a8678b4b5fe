#pragma once

// Which variants this file is compiled for; the processor decides at run time which of them it may run.
#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_X86 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#define HAVE_NEON 1
#endif
