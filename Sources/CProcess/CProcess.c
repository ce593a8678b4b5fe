#include "CProcess.h"

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

int cprocess_open(pid_t process) {
#if defined(__linux__) && defined(SYS_pidfd_open)
  return (int)syscall(SYS_pidfd_open, process, 0);
#else
  (void)process;
  return -1;
#endif
}
