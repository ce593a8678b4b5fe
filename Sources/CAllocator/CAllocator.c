#include "CAllocator.h"
#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

void callocator_release(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}
